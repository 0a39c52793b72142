package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.Events;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What benchmarks check before they measure, on small shapes. */
class ChecksTest {
  @ParameterizedTest
  @EnumSource(PropagationBenchmark.Format.class)
  void propagationAgreesWithPlainLoops(PropagationBenchmark.Format format) {
    long before = Leaks.open();
    PropagationBenchmark benchmark = new PropagationBenchmark();
    benchmark.backend = "java";
    benchmark.n = 130;
    benchmark.density = 0.2;
    benchmark.activity = 0.3;
    benchmark.format = format;
    benchmark.batch = 3;
    benchmark.threads = 2;
    benchmark.make();
    benchmark.close();
    assertThat(Leaks.open()).isEqualTo(before);
  }

  static Stream<Arguments> layers() {
    return Stream.of(EgruVariant.values())
        .flatMap(
            variant ->
                Stream.of(
                    Arguments.of(variant, 0.3, EgruEngine.EVENT),
                    Arguments.of(variant, 0.3, EgruEngine.DENSE),
                    Arguments.of(variant, -1, EgruEngine.AUTO)));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void layersAgreeWithDoublePrecision(EgruVariant variant, double threshold, EgruEngine engine) {
    long before = Leaks.open();
    EgruBenchmark benchmark = new EgruBenchmark();
    benchmark.backend = "java";
    benchmark.units = 48;
    benchmark.batch = 6;
    benchmark.steps = 12;
    benchmark.threshold = threshold;
    benchmark.engine = engine;
    benchmark.variant = variant;
    benchmark.threads = 2;
    benchmark.make();
    benchmark.close();
    assertThat(Leaks.open()).isEqualTo(before);
  }

  private static void requireLibrary() {
    Assumptions.assumeTrue(
        Backends.all().stream().anyMatch(b -> b.name().equals("host") && b.available()),
        "needs libtacet.so");
  }

  @ParameterizedTest
  @CsvSource({"0.3, EVENT", "0.3, AUTO", "-1, AUTO"})
  void layersOnAPatternAgreeWithDenseOnesInDoublePrecision(double threshold, EgruEngine engine) {
    requireLibrary();
    long before = Leaks.open();
    SparseEgruBenchmark benchmark = new SparseEgruBenchmark();
    benchmark.backend = "host";
    benchmark.units = 48;
    benchmark.density = 0.2;
    benchmark.batch = 6;
    benchmark.steps = 5;
    benchmark.threshold = threshold;
    benchmark.engine = engine;
    benchmark.threads = 2;
    benchmark.make();
    benchmark.close();
    assertThat(Leaks.open()).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({"java, AUTO", "host, EVENT", "host, PERSISTENT"})
  void layersOfReplicasAreThoseOfEachApart(String backend, EgruEngine engine) {
    if (backend.equals("host")) {
      requireLibrary();
    }
    long before = Leaks.open();
    EgruReplicaBenchmark benchmark = new EgruReplicaBenchmark();
    benchmark.backend = backend;
    benchmark.replicas = 3;
    benchmark.units = 12;
    benchmark.batch = 5;
    benchmark.steps = 7;
    benchmark.threshold = 0.3;
    benchmark.engine = engine;
    benchmark.threads = 2;
    benchmark.make();
    benchmark.close();
    assertThat(Leaks.open()).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource({"0.2,1", "1,1", "1,3"})
  void plainRecurrentLayersAgreeWithDenseOnesInDoublePrecision(double density, int replicas) {
    requireLibrary();
    long before = Leaks.open();
    RnnBenchmark benchmark = new RnnBenchmark();
    benchmark.backend = "host";
    benchmark.units = 40;
    benchmark.density = density;
    benchmark.replicas = replicas;
    benchmark.batch = 5;
    benchmark.steps = 7;
    benchmark.threads = 2;
    benchmark.make();
    benchmark.close();
    assertThat(Leaks.open()).isEqualTo(before);
  }

  @Test
  void aStepOfAStreamAgreesWithThePlainLoop() {
    long before = Leaks.open();
    for (double density : new double[] {1, 0.1}) {
      EgruStreamBenchmark benchmark = new EgruStreamBenchmark();
      benchmark.units = 40;
      benchmark.batch = 3;
      benchmark.activity = 0.2;
      benchmark.density = density;
      benchmark.threads = 2;
      benchmark.make();
      benchmark.close();
    }
    assertThat(Leaks.open()).isEqualTo(before);
  }

  @Test
  void updatesAgreeWithTheirFormulas() {
    long before = Leaks.open();
    OptimizerBenchmark benchmark = new OptimizerBenchmark();
    benchmark.backend = "java";
    benchmark.size = 1000;
    benchmark.threads = 1;
    benchmark.make();
    benchmark.close();
    assertThat(Leaks.open()).isEqualTo(before);
  }

  @Test
  void rewiringAgreesWithASort() {
    long before = Leaks.open();
    RewiringBenchmark benchmark = new RewiringBenchmark();
    benchmark.backend = "java";
    benchmark.n = 300;
    benchmark.fraction = 0.3;
    benchmark.threads = 1;
    benchmark.make();
    benchmark.close();
    assertThat(Leaks.open()).isEqualTo(before);
  }

  @Test
  void eliminationAgreesWithPropagation() {
    long before = Leaks.open();
    EliminationBenchmark benchmark = new EliminationBenchmark();
    benchmark.backend = "java";
    benchmark.receptors = 150;
    benchmark.odorants = 3000;
    benchmark.batch = 3;
    benchmark.threads = 2;
    benchmark.make();
    benchmark.close();
    assertThat(Leaks.open()).isEqualTo(before);
    assertThat(EliminationBenchmark.rowsUntilEmpty(1000)).isBetween(79.0, 80.5);
  }

  @Test
  void ojasRuleAgreesWithItsFormula() {
    long before = Leaks.open();
    OjaBenchmark benchmark = new OjaBenchmark();
    benchmark.backend = "java";
    benchmark.n = 60;
    benchmark.threads = 1;
    benchmark.make();
    benchmark.close();
    assertThat(Leaks.open()).isEqualTo(before);
  }

  @Test
  void winnersAgreeWithASort() {
    long before = Leaks.open();
    CompetitionBenchmark benchmark = new CompetitionBenchmark();
    benchmark.backend = "java";
    benchmark.n = 300;
    benchmark.batch = 3;
    benchmark.fraction = 0.1;
    benchmark.threads = 1;
    benchmark.make();
    benchmark.close();
    assertThat(Leaks.open()).isEqualTo(before);
  }

  @Test
  void aLanguageStepAgreesWithDoublePrecision() {
    long before = Leaks.open();
    LanguageStepBenchmark benchmark = new LanguageStepBenchmark();
    benchmark.backend = "java";
    benchmark.units = 32;
    benchmark.batch = 4;
    benchmark.steps = 8;
    benchmark.threads = 1;
    benchmark.make();
    benchmark.close();
    assertThat(Leaks.open()).isEqualTo(before);
  }

  /** Two units: 0 reaches 1 with a weight of 2, 1 reaches both with 3 and 4. */
  @Test
  void plainLoopsAddUpByHand() {
    try (Backend java = Machine.open("java", 1);
        CsrSynapses synapses =
            CsrSynapses.of(
                java, DType.FLOAT32, 2, 2, new int[] {0, 1, 3}, new int[] {1, 0, 1}, weights());
        Events events = Events.binary(java, 1, 2)) {
      PlainPropagation plain = new PlainPropagation(synapses);
      events.set(new int[] {1});
      float[] adjoint = {10, 100};
      assertThat(plain.forward(events)).containsExactly(3, 4);
      assertThat(plain.transposed(events, adjoint)).containsExactly(430, 0);
      assertThat(plain.weightGradient(events, adjoint)).containsExactly(0, 10, 100);
    }
  }

  private static double[] weights() {
    return new double[] {2, 3, 4};
  }

  @Test
  void whatDiffersIsNamed() {
    double[] one = {1, 1};
    Agreement.close("sums", new double[] {1, 1.001}, one, 1e-3);
    assertThatThrownBy(() -> Agreement.close("sums", new double[] {1, 1.1}, one, 1e-3))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("sums: expected within 0.001");
    assertThatThrownBy(() -> Agreement.close("sums", new double[] {1, Double.NaN}, one, 1e-3))
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> Agreement.close("sums", new double[2], new double[2], 1e-3))
        .hasMessageContaining("nothing to compare");
  }

  /** A wrong synapse must not pass. */
  @Test
  void anArrayOfAnotherLayerIsFound() {
    EgruBenchmark benchmark = new EgruBenchmark();
    benchmark.backend = "java";
    benchmark.units = 32;
    benchmark.batch = 2;
    benchmark.steps = 4;
    benchmark.threshold = 0.3;
    benchmark.engine = EgruEngine.AUTO;
    benchmark.variant = EgruVariant.PAPER;
    benchmark.threads = 1;
    benchmark.make();
    try (Backend java = Machine.open("java", 1);
        DeviceArray wrong = java.allocate(DType.FLOAT32, 4, 2, 32)) {
      assertThatThrownBy(() -> benchmark.compareWith(wrong))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("y: ");
    } finally {
      benchmark.close();
    }
  }
}
