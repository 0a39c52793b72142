package io.tacet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.tacet.Stability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every package says how far an application can rely on it. */
class StabilityTest {
  private static final Path MODULES = Path.of("../../java");
  private static final JavaClasses TACET =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("io.tacet");

  private static boolean isVisible(JavaClass type) {
    return type.getModifiers().contains(JavaModifier.PUBLIC);
  }

  /** Messages that protoc makes have no package-info, but a name that says it. */
  private static Stability.Level level(JavaClass type) {
    if (type.getPackageName().endsWith(".internal")) {
      return Stability.Level.INTERNAL;
    }
    return type.tryGetAnnotationOfType(Stability.class)
        .or(() -> type.getPackage().tryGetAnnotationOfType(Stability.class))
        .map(Stability::value)
        .orElse(null);
  }

  @Test
  void everyPublicClassIsMarkedOrItsPackageIs() {
    Set<String> unmarked = new TreeSet<>();
    int marked = 0;
    for (JavaClass type : TACET) {
      if (isVisible(type) && level(type) == null) {
        unmarked.add(type.getPackageName());
      }
      marked += level(type) == Stability.Level.STABLE ? 1 : 0;
    }
    assertThat(unmarked).isEmpty();
    assertThat(marked).isGreaterThan(100);
  }

  /** Of all modules, those too that the command does not bring along. */
  @Test
  void everySourcePackageIsMarked() throws IOException {
    Set<Path> packages;
    try (Stream<Path> files = Files.walk(MODULES)) {
      packages =
          files
              .filter(file -> file.toString().contains("src/main/java/io/tacet"))
              .filter(file -> file.toString().endsWith(".java"))
              .map(Path::getParent)
              .collect(Collectors.toCollection(TreeSet::new));
    }
    assertThat(packages).hasSizeGreaterThan(40);
    for (Path each : packages) {
      assertThat(each.resolve("package-info.java"))
          .content()
          .containsPattern("\n@Stability\\(Stability\\.Level\\.[A-Z]+\\)\npackage ");
    }
  }

  @Test
  void thePageSaysTheSame() throws IOException {
    List<String> rows = Files.readAllLines(MODULES.resolveSibling("docs/promises.md"));
    Pattern mark = Pattern.compile("Level\\.([A-Z]+)\\)\\Rpackage io\\.tacet\\.?([a-z0-9.]*);");
    try (Stream<Path> files = Files.walk(MODULES)) {
      for (Path file : files.filter(f -> f.endsWith("package-info.java")).toList()) {
        Matcher found = mark.matcher(Files.readString(file));
        if (file.toString().contains("/src/main/") && found.find()) {
          String row =
              rows.stream()
                  .filter(line -> line.startsWith("| `" + found.group(1) + "`"))
                  .collect(Collectors.joining());
          String name = found.group(2);
          assertThat(row.contains(name.isEmpty() ? "itself" : "`" + name + "`") || said(row, name))
              .as("%s in the row of %s", name, found.group(1))
              .isTrue();
        }
      }
    }
  }

  /** Whether a row has the name of a package around one, or what all internal ones end in. */
  private static boolean said(String row, String name) {
    for (int dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.', dot - 1)) {
      if (row.contains("`" + name.substring(0, dot) + "`")) {
        return true;
      }
    }
    return name.endsWith(".internal") && row.contains("`internal`");
  }

  @Test
  void whatIsStableHandsOutNothingInternal() {
    Set<String> internal = new TreeSet<>();
    for (JavaClass type : TACET) {
      if (!isVisible(type) || level(type) != Stability.Level.STABLE) {
        continue;
      }
      for (JavaCodeUnit member : type.getCodeUnits()) {
        if (member.getModifiers().contains(JavaModifier.PUBLIC)
            && Stream.concat(
                    Stream.of(member.getRawReturnType()), member.getRawParameterTypes().stream())
                .map(JavaClass::getBaseComponentType)
                .anyMatch(each -> level(each) == Stability.Level.INTERNAL)) {
          internal.add(member.getFullName());
        }
      }
    }
    assertThat(internal).isEmpty();
  }
}
