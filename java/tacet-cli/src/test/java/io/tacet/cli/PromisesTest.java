package io.tacet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every test and script that docs/promises.md names is there. */
class PromisesTest {
  private static final Path ROOT = Path.of("../..");
  private static final Pattern NAME =
      Pattern.compile("`([A-Za-z0-9]+Test|[a-z]+/[a-z_/]+\\.\\w+)`");

  @Test
  void whatItNamesExists() throws IOException {
    Path page = ROOT.resolve("docs/promises.md");
    assumeTrue(Files.exists(page), "the page is not at " + page);
    Set<String> named = new TreeSet<>();
    for (Matcher all = NAME.matcher(Files.readString(page)); all.find(); ) {
      named.add(all.group(1));
    }
    assertThat(named).hasSizeGreaterThan(20);
    Set<String> tests;
    try (Stream<Path> files = Files.walk(ROOT.resolve("java"))) {
      tests =
          files
              .map(file -> file.getFileName().toString())
              .filter(file -> file.endsWith("Test.java"))
              .map(file -> file.replace(".java", ""))
              .collect(Collectors.toSet());
    }
    for (String name : named) {
      boolean there = name.contains("/") ? Files.exists(ROOT.resolve(name)) : tests.contains(name);
      assertThat(there).as(name).isTrue();
    }
  }
}
