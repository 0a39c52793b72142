package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimingTest {
  @TempDir private Path folder;

  @Test
  void readsNamesParametersAndTimesInSeconds() throws IOException {
    String json =
        """
        [{"benchmark": "io.tacet.bench.XBenchmark.run", "mode": "avgt", "threads": 2,
          "params": {"n": "16", "threads": "4"},
          "primaryMetric": {"scoreUnit": "us/op", "scoreError": "NaN",
            "rawData": [[1.0, 3], [5.0]]},
          "secondaryMetrics": {
            "·gc.alloc.rate.norm": {"rawData": [[64.0, 72.0, 80.0]]},
            "gc.count": {"rawData": [[1.0]]},
            "activity": {"rawData": [[0.25, 0.25, 0.25]]}}},
         {"benchmark": "io.tacet.bench.XBenchmark.rate", "mode": "thrpt"}]
        """;
    assertThat(Timing.parse(json)).hasSize(1);
    Timing timing = Timing.parse(json).get(0);
    assertThat(timing.className()).isEqualTo("XBenchmark");
    assertThat(timing.method()).isEqualTo("run");
    assertThat(timing.number("n")).isEqualTo(16);
    assertThat(timing.threads()).isEqualTo(4);
    assertThat(timing.time()).isCloseTo(3e-6, within(1e-15));
    assertThat(timing.error()).isNaN();
    assertThat(timing.allocation()).isEqualTo(72);
    assertThat(timing.counters()).containsOnlyKeys("activity");
    assertThat(timing.counter("hiddenSpikes")).isNaN();
  }

  @Test
  void aFileOfSomethingElseIsNamed() throws IOException {
    Path file = folder.resolve("other.json");
    Files.writeString(file, "{\"a\": 1}");
    assertThatThrownBy(() -> Timing.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("other.json")
        .hasMessageContaining("-rf json");
  }
}
