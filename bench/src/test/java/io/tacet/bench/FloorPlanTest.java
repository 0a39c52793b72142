package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class FloorPlanTest {
  private static final Pattern ALL = Pattern.compile("");

  @Test
  void everyBenchmarkOfTheLargestPlanHasAFloorOnEveryGpu() {
    List<PlanEntry> entries = Plan.of(Plan.Size.FULL, "cuda", ALL);
    List<Timing> timings = FloorPlan.of(entries);
    assertThat(timings.stream().map(Timing::className).distinct())
        .containsExactlyInAnyOrderElementsOf(
            entries.stream().map(PlanEntry::className).distinct().toList());
    for (Timing timing : timings) {
      Floor floor = Floors.of(timing);
      assertThat(floor.bytes()).as("%s", timing).isPositive().isFinite();
      for (DataSheet sheet : DataSheet.ALL) {
        double seconds = sheet.ceilings().time(floor).seconds();
        assertThat(seconds).as("%s", timing).isFinite().isGreaterThanOrEqualTo(0);
        assertThat(seconds)
            .as("%s", timing)
            .isLessThanOrEqualTo(
                Math.max(
                    floor.bytes() / sheet.bytesPerSecond(),
                    floor.flops() / sheet.flopsPerSecond()));
      }
    }
  }

  /**
   * Weights, gradient and two moments of 4,194,304 parameters: 28 bytes each, beyond the caches.
   */
  @Test
  void trafficBeyondTheCacheTakesTheTimeOfMemory() {
    List<Timing> timings =
        FloorPlan.of(Plan.of(Plan.Size.QUICK, "cuda", Pattern.compile("OptimizerBenchmark.adam")));
    assertThat(timings).hasSize(1);
    Floor floor = Floors.of(timings.get(0));
    assertThat(floor.bytes()).isCloseTo(28.0 * 4194304, within(1.0));
    DataSheet sheet = DataSheet.ALL.get(0);
    assertThat(sheet.ceilings().time(floor))
        .isEqualTo(new Ceilings.Bound(floor.bytes() / 4.8e12, "stream in memory"));
  }

  @Test
  void theTableSaysWhatItIs() {
    List<Timing> timings =
        FloorPlan.of(Plan.of(Plan.Size.QUICK, "cuda", Pattern.compile("EgruBenchmark.forward")));
    assertThat(FloorPlan.table(timings))
        .startsWith("Floors by data sheets, NOT measurements")
        .contains("H200", "RTX 4090", "EgruBenchmark.forward", "units=512");
  }
}
