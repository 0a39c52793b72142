package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

class PlanTest {
  private static final Pattern ALL = Pattern.compile("");

  @ParameterizedTest
  @EnumSource(Plan.Size.class)
  void everyEntryNamesBenchmarksAndParametersThatExist(Plan.Size size) throws Exception {
    for (String backend : List.of("java", "host", "cuda")) {
      for (PlanEntry entry : Plan.of(size, backend, ALL)) {
        Class<?> type = Class.forName("io.tacet.bench." + entry.className());
        assertThat(methods(type)).as(entry.toString()).containsAll(entry.methods());
        assertThat(params(type)).as(entry.toString()).containsAll(entry.params().keySet());
      }
    }
  }

  private static Set<String> methods(Class<?> type) {
    return Arrays.stream(type.getMethods())
        .filter(m -> m.isAnnotationPresent(Benchmark.class))
        .map(m -> m.getName())
        .collect(Collectors.toSet());
  }

  private static Set<String> params(Class<?> type) {
    return Stream.concat(
            Stream.of(type, type.getSuperclass()), Arrays.stream(type.getDeclaredClasses()))
        .flatMap(t -> Arrays.stream(t.getDeclaredFields()))
        .filter(f -> f.isAnnotationPresent(Param.class))
        .map(Field::getName)
        .collect(Collectors.toSet());
  }

  /** JMH runs every value of a parameter that the plan does not choose. */
  @Test
  void aParameterOfSeveralValuesIsChosen() throws Exception {
    for (PlanEntry entry : Plan.of(Plan.Size.QUICK, "java", ALL)) {
      Class<?> type = Class.forName("io.tacet.bench." + entry.className());
      if (!entry.className().equals("CeilingBenchmark")) {
        assertThat(
                Arrays.stream(type.getDeclaredFields())
                    .filter(f -> f.isAnnotationPresent(Param.class))
                    .filter(f -> f.getAnnotation(Param.class).value().length > 1)
                    .map(Field::getName))
            .as(entry.toString())
            .allMatch(entry.params()::containsKey);
      }
    }
  }

  /** Two to three seconds each, peers included: under five minutes. */
  @ParameterizedTest
  @ValueSource(strings = {"java", "host", "cuda"})
  void quickIsQuick(String backend) {
    assertThat(Plan.of(Plan.Size.QUICK, backend, ALL).stream().mapToInt(PlanEntry::runs).sum())
        .isBetween(10, 100);
  }

  @ParameterizedTest
  @ValueSource(strings = {"java", "cuda"})
  void everyRunCanBeAskedForAlone(String backend) {
    for (PlanEntry entry : Plan.of(Plan.Size.QUICK, backend, ALL)) {
      assertThat(entry.apart())
          .hasSize(entry.runs())
          .doesNotHaveDuplicates()
          .allMatch(e -> e.runs() == 1 && e.params().keySet().equals(entry.params().keySet()));
    }
  }

  /** Otherwise nothing in a report is compared with them. */
  @ParameterizedTest
  @EnumSource(Plan.Size.class)
  void wherePeersRunSequencesSoDoWeInTheSameShapes(Plan.Size size) {
    List<PlanEntry> entries = Plan.of(size, "java", ALL);
    PlanEntry ours =
        entries.stream()
            .filter(e -> e.methods().contains("layerForward"))
            .findFirst()
            .orElseThrow();
    assertThat(ours.methods()).contains("trainingPass");
    assertThat(ours.params()).containsKeys("units", "steps", "batch", "threads");
    assertThat(entries)
        .filteredOn(e -> e.className().endsWith("SequenceBenchmark"))
        .allSatisfy(e -> assertThat(ours.params()).containsAllEntriesOf(e.params()));
  }

  @Test
  void onlySelectsByNameAndKeepsTheCeilings() {
    List<PlanEntry> entries = Plan.of(Plan.Size.QUICK, "java", Pattern.compile("^Egru.*forward"));
    assertThat(entries).extracting(PlanEntry::className).contains("CeilingBenchmark");
    assertThat(entries.stream().filter(e -> !e.className().equals("CeilingBenchmark")))
        .singleElement()
        .satisfies(e -> assertThat(e.methods()).containsExactly("forward"));
  }

  @Test
  void wrongOptionsAreNamed() {
    assertThatThrownBy(() -> Suite.parse("--backend", "gpu")).hasMessageContaining("'gpu'");
    assertThatThrownBy(() -> Suite.parse("--only", "(")).hasMessageContaining("--only");
    assertThatThrownBy(() -> Suite.parse("--fast", "1")).hasMessageContaining("--fast");
    assertThatThrownBy(() -> Suite.parse("--out")).hasMessageContaining("--out");
    assertThatThrownBy(() -> Suite.parse("--keep", "--python")).hasMessageContaining("--python");
  }
}
