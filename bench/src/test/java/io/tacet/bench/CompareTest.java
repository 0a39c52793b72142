package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
    double[] time = {1, 1};
    Timing base = timing(time, 1000, 1040);
    assertThat(change(base, timing(time, 1100, 1090)).allocatesMore()).isFalse();
    assertThat(change(base, timing(time, 1300, 1250)).allocatesMore()).isTrue();
    assertThat(change(base, timing(time, 1300, 1010)).allocatesMore()).isFalse();
    assertThat(change(timing(time), timing(time, 9e9, 9e9)).allocatesMore()).isFalse();
  }

  @Test
  void aRunIsAsFastAsItself() throws IOException {
    Path file = folder.resolve("results.json");
    Files.writeString(file, Fixture.json());
    assertThat(Compare.run(file.toString(), file.toString())).isZero();
  }

  @Test
  void moreAllocationIsStatusOne() throws IOException {
    Path base = folder.resolve("base.json");
    Path now = folder.resolve("now.json");
    Files.writeString(base, one("32.5"));
    Files.writeString(now, one("4096"));
    assertThat(Compare.run(base.toString(), now.toString())).isEqualTo(1);
    assertThat(Compare.run(now.toString(), base.toString())).isZero();
  }

  private static String one(String allocated) {
    return """
        [{"benchmark": "io.tacet.bench.A.b", "mode": "avgt", "threads": 1,
          "primaryMetric": {"scoreUnit": "us/op", "scoreError": 0.1, "rawData": [[5, 5.1]]},
          "secondaryMetrics": {"gc.alloc.rate.norm": {"rawData": [[%s, %s]]}}}]
        """
        .formatted(allocated, allocated);
  }

  @Test
  void nothingToCompareIsStatusTwo() throws IOException {
    Path none = folder.resolve("none.json");
    Files.writeString(none, "[]");
    assertThat(Compare.run(none.toString(), none.toString())).isEqualTo(2);
    assertThat(Compare.run(none.toString())).isEqualTo(2);
    assertThat(Compare.run(none.toString(), folder.resolve("missing.json").toString()))
        .isEqualTo(2);
  }
}
