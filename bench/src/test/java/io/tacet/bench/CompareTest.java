package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompareTest {
  @TempDir private Path folder;

  private static Timing timing(double[] samples, double... allocated) {
    return new Timing("A.b", Map.of("n", "1"), 1, samples, Double.NaN, allocated, Map.of());
  }

  private static Compare.Change change(Timing base, Timing now) {
    return Compare.changes(List.of(base), List.of(now)).get(0);
  }

  @Test
  void theIntervalHoldsTheRatio() {
    Compare.Change change =
        change(timing(new double[] {1, 1.1, 0.9}), timing(new double[] {2, 2.2, 1.8}));
    assertThat(change.ratio()).isBetween(1.99, 2.01);
    assertThat(change.low()).isBetween(1.0, 2.0);
    assertThat(change.high()).isGreaterThan(2.0);
  }

  /** Welch: means of logarithms 0 and ln 2, both with variance s^2 of 3 values, 4 degrees. */
  @Test
  void theIntervalIsWelchs() {
    double d = 0.1;
    double[] base = {Math.exp(-d), 1, Math.exp(d)};
    double[] now = {2 * Math.exp(-d), 2, 2 * Math.exp(d)};
    Compare.Change change = change(timing(base), timing(now));
    double half = 4.604095 * d * Math.sqrt(2.0 / 3);
    assertThat(change.low())
        .isCloseTo(2 * Math.exp(-half), org.assertj.core.api.Assertions.within(1e-5));
    assertThat(change.high())
        .isCloseTo(2 * Math.exp(half), org.assertj.core.api.Assertions.within(1e-5));
  }

  @Test
  void twiceAsLongFailsOnlyWithConfidence() {
    Timing base = timing(new double[] {1, 1.01, 0.99});
    assertThat(change(base, timing(new double[] {2, 2.01, 1.99})).slower()).isTrue();
    assertThat(change(base, timing(new double[] {1, 4, 2})).slower()).isFalse();
    assertThat(change(base, timing(new double[] {1, 4, 2})).verdict()).isEqualTo("uncertain");
    assertThat(change(base, timing(new double[] {1, 1.01, 0.99})).verdict()).isEmpty();
    assertThat(change(base, timing(new double[] {1.2, 1.21, 1.19})).verdict())
        .isEqualTo("a little slower");
  }

  @Test
  void oneIterationSaysNothingAboutTime() {
    Compare.Change change = change(timing(new double[] {1}), timing(new double[] {9}));
    assertThat(change.slower()).isFalse();
    assertThat(Compare.table(List.of(change)).markdown()).contains("too few iterations");
  }

  @Test
  void allocationMayNotGrow() {
    double[] time = {1e-6, 1e-6};
    Timing base = timing(time, 1000, 1040);
    assertThat(change(base, timing(time, 1100, 1090)).allocatesMore()).isFalse();
    assertThat(change(base, timing(time, 1300, 1250)).allocatesMore()).isTrue();
    assertThat(change(base, timing(time, 1300, 1010)).allocatesMore()).isFalse();
    assertThat(change(timing(time), timing(time, 9e9, 9e9)).allocatesMore()).isFalse();
  }

  /** Its own bytes are shared by few calls where a call takes long. */
  @Test
  void whatJmhItselfAllocatesIsNoGrowth() {
    double[] microseconds = {1e-4, 1e-4};
    double[] milliseconds = {1e-2, 1e-2};
    assertThat(change(timing(microseconds, 3, 3), timing(microseconds, 14, 14)).allocatesMore())
        .isFalse();
    assertThat(change(timing(microseconds, 3, 3), timing(microseconds, 27, 27)).allocatesMore())
        .isTrue();
    assertThat(change(timing(milliseconds, 300, 300), timing(milliseconds, 700, 700)))
        .matches(c -> !c.allocatesMore());
    assertThat(change(timing(milliseconds, 300, 300), timing(milliseconds, 900, 900)))
        .matches(Compare.Change::allocatesMore);
  }

  @Test
  void aRunIsAsFastAsItself() throws IOException {
    Path file = folder.resolve("results.json");
    Files.writeString(file, Fixture.json());
    assertThat(run(file.toString(), file.toString())).isZero();
  }

  @Test
  void slowerWithConfidenceIsStatusOne() throws IOException {
    String base = file("base", result("A.b", "5, 5.1, 4.9", "32"));
    assertThat(run(base, file("now", result("A.b", "9, 9.1, 8.9", "32")))).isEqualTo(1);
    assertThat(run(base, file("noisy", result("A.b", "5, 30, 9", "32")))).isZero();
  }

  @Test
  void moreAllocationIsStatusOne() throws IOException {
    String base = file("base", result("A.b", "5, 5.1", "32.5"));
    String now = file("now", result("A.b", "5, 5.1", "4096"));
    assertThat(run(base, now)).isEqualTo(1);
    assertThat(run(now, base)).isZero();
  }

  /** Three iterations of one fork seem to be slower; the other forks know better. */
  @Test
  void filesOfOneSideAreForks() throws IOException {
    String base = file("base", result("A.b", "5, 5.1, 4.9", "32"));
    String slow = file("slow", result("A.b", "9, 9.1, 8.9", "32"));
    String quick = file("quick", result("A.b", "5.1, 5, 4.9", "32"));
    assertThat(run(base, slow)).isEqualTo(1);
    assertThat(run(base, "--", slow, quick)).isZero();
    assertThat(printed(base, base, "--", slow, slow))
        .contains("| 5.00 us | 9.00 us |", "1 compared", "1 more than 1.5 x slower");
  }

  @Test
  void whatOnlyOneSideHasIsNamedAndNoFailure() throws IOException {
    String one = file("one", result("A.b", "5, 5.1", "32") + "," + result("A.old", "5, 5", "32"));
    String two = file("two", result("A.fresh", "5, 5", "32"));
    String three = file("three", result("A.b", "5, 5.1", "32"));
    assertThat(run(one, "--", two, three)).isZero();
    assertThat(printed(one, "--", two, three))
        .contains("1 compared", "1 only before, 1 only now")
        .containsPattern("(?m)^only before: A\\.old \\(n 1\\)$")
        .containsPattern("(?m)^only now: A\\.fresh \\(n 1\\)$");
  }

  private String file(String name, String results) throws IOException {
    return Files.writeString(folder.resolve(name + ".json"), "[" + results + "]").toString();
  }

  /** One benchmark: microseconds per call, and bytes in both of two iterations. */
  private static String result(String benchmark, String times, String allocated) {
    return """
        {"benchmark": "io.tacet.bench.%s", "mode": "avgt", "threads": 1, "params": {"n": "1"},
          "primaryMetric": {"scoreUnit": "us/op", "scoreError": 0.1, "rawData": [[%s]]},
          "secondaryMetrics": {"gc.alloc.rate.norm": {"rawData": [[%s, %3$s]]}}}
        """
        .formatted(benchmark, times, allocated);
  }

  private static String printed(String... args) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    Compare.run(out, out, args);
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static int run(String... args) {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    return Compare.run(nowhere, nowhere, args);
  }

  /** As in the change that gives a benchmark another parameter. */
  @Test
  void aNewParameterDoesNotPartWhatIsAlone() throws IOException {
    String one = file("one", result("A.b", "5, 5.1", "32"));
    String more =
        file(
            "more",
            result("A.b", "5, 5.1", "32").replace("\"n\": \"1\"", "\"n\": \"1\", \"m\": \"2\""));
    assertThat(printed(one, more)).contains("1 compared", "0 only before, 0 only now");
    assertThat(printed(more, one)).contains("1 compared");
    String several =
        file(
            "several",
            result("A.b", "5, 5.1", "32").replace("\"n\": \"1\"", "\"n\": \"1\", \"m\": \"2\"")
                + ","
                + result("A.b", "5, 5.1", "32")
                    .replace("\"n\": \"1\"", "\"n\": \"1\", \"m\": \"3\""));
    assertThat(run(one, several)).as("which of them is not known").isEqualTo(2);
  }

  @Test
  void nothingToCompareIsStatusTwo() throws IOException {
    Path none = folder.resolve("none.json");
    Files.writeString(none, "[]");
    assertThat(run(none.toString(), none.toString())).isEqualTo(2);
    assertThat(run(none.toString())).isEqualTo(2);
    assertThat(run(none.toString(), none.toString(), none.toString())).isEqualTo(2);
    assertThat(run(none.toString(), none.toString(), "--")).isEqualTo(2);
    assertThat(run(none.toString(), folder.resolve("missing.json").toString())).isEqualTo(2);
  }
}
