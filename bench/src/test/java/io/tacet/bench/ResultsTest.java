package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsTest {
  @TempDir private Path folder;

  private static Map<String, Object> copy(String memory, double micros) {
    return Measured.entry(
        "DeviceCeilings.copy",
        Map.of("memory", memory),
        List.of(micros, micros + 2),
        Map.of("work", 8.0),
        "by hand");
  }

  @Test
  void whatIsMeasuredAgainTakesThePlaceOfTheOld() throws IOException {
    Path file = folder.resolve(Results.FILE);
    Results first = new Results();
    first.keep(file);
    assertThat(first.has("DeviceCeilings.copy", Map.of("memory", "L2"))).isFalse();
    first.add(List.of(copy("L2", 1), copy("DRAM", 5)));
    first.write(file);

    Results second = new Results();
    second.keep(file);
    assertThat(second.has("DeviceCeilings.copy", Map.of("memory", "L2"))).isTrue();
    assertThat(second.has("DeviceCeilings.copy", Map.of("memory", "L3"))).isFalse();
    second.add(List.of(copy("L2", 3)));
    second.write(file);

    List<Timing> timings = Timing.read(file);
    assertThat(timings).hasSize(2).extracting(t -> t.text("memory")).contains("L2", "DRAM");
    Timing near = timings.get(0).text("memory").equals("L2") ? timings.get(0) : timings.get(1);
    assertThat(near.time()).isEqualTo(4e-6);
    assertThat(near.quantile(0)).isEqualTo(3e-6);
    assertThat(near.error()).isNaN();
    assertThat(near.counter("work")).isEqualTo(8);
    assertThat(near.note()).isEqualTo("by hand");
  }
}
