package io.tacet.cli;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import io.tacet.reference.JavaBackend;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The layers: command line, systems, models, operations and SPI, backends; a lower one knows no
 * higher.
 */
class LayersTest {
  private static final String[] CORE = {
    "io.tacet",
    "io.tacet.eventprop..",
    "io.tacet.memory..",
    "io.tacet.optim..",
    "io.tacet.plasticity..",
    "io.tacet.dense..",
    "io.tacet.egru..",
    "io.tacet.replica..",
    "io.tacet.rewire..",
    "io.tacet.rnn..",
    "io.tacet.simulation..",
    "io.tacet.sparse..",
    "io.tacet.spi.."
  };
  private static final String[] MODELS = {
    "io.tacet.checkpoint..",
    "io.tacet.circuits..",
    "io.tacet.data..",
    "io.tacet.exchange..",
    "io.tacet.files..",
    "io.tacet.network..",
    "io.tacet.neuron..",
    "io.tacet.report..",
    "io.tacet.tasks..",
    "io.tacet.training.."
  };

  private static JavaClasses tacet;

  @BeforeAll
  static void read() {
    tacet =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(LayersTest::notOfTests)
            .importPackages("io.tacet");
  }

  private static boolean notOfTests(Location location) {
    return !location.contains("-tests.jar");
  }

  @Test
  void everyPackageBelongsToALayerAndNoLayerKnowsAHigherOne() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .layer("core")
        .definedBy(CORE)
        .layer("java backend")
        .definedBy("io.tacet.reference..")
        .layer("additions to the java backend")
        .definedBy("io.tacet.openblas..", "io.tacet.vector..")
        .layer("native backends")
        .definedBy("io.tacet.cuda..")
        .layer("models")
        .definedBy(MODELS)
        .layer("systems")
        .definedBy("io.tacet.systems..", "io.tacet.analysis..")
        .optionalLayer("formats")
        .definedBy("io.tacet.onnx..", "io.tacet.nir..")
        .layer("command line")
        .definedBy("io.tacet.cli..")
        .whereLayer("core")
        .mayNotAccessAnyLayer()
        .whereLayer("java backend")
        .mayOnlyAccessLayers("core")
        .whereLayer("additions to the java backend")
        .mayOnlyAccessLayers("core")
        .whereLayer("native backends")
        .mayOnlyAccessLayers("core")
        .whereLayer("models")
        .mayOnlyAccessLayers("core")
        .whereLayer("systems")
        .mayOnlyAccessLayers("core", "models", "java backend")
        .whereLayer("formats")
        .mayOnlyAccessLayers("core", "models")
        .whereLayer("command line")
        .mayNotBeAccessedByAnyLayer()
        .ensureAllClassesAreContainedInArchitecture()
        .check(tacet);
  }

  @Test
  void theJavaBackendIsReachedThroughTheSpiOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.tacet.reference..")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.tacet.reference..").and(not(belongToAnyOf(JavaBackend.class))))
        .check(tacet);
  }

  @Test
  void internalPackagesStayWithinTheirModule() {
    classes()
        .that()
        .resideInAPackage("io.tacet.cuda.internal..")
        .should()
        .onlyHaveDependentClassesThat()
        .resideInAPackage("io.tacet.cuda..")
        .check(tacet);
  }

  @Test
  void coreNeedsNothingButTheJdk() {
    classes()
        .that()
        .resideInAnyPackage(CORE)
        .or()
        .resideInAPackage("io.tacet.reference..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("java..", "io.tacet..")
        .check(tacet);
  }

  @Test
  void onlyModulesWithNativesKnowJavaCppAndJCuda() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.tacet.cuda..", "io.tacet.openblas..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.bytedeco..", "jcuda..")
        .check(tacet);
  }
}
