package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.bench.Floor.Traffic;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FloorTest {
  private static final double[] ONE = {1};

  /** The figures in the Javadoc of PropagationBenchmark. */
  @Test
  void propagationReadsTheRowsOfActiveUnitsOnce() {
    Floor floor =
        Floors.of(
            Fixture.timing(
                "PropagationBenchmark.forward",
                ONE,
                "n",
                "16384",
                "density",
                "0.01",
                "activity",
                "0.05",
                "batch",
                "1",
                "format",
                "CSR"));
    Traffic rows = floor.traffic().get(2);
    assertThat(rows.bytes()).isCloseTo(0.81e6, within(0.01e6));
    assertThat(rows.within()).isCloseTo(16.1e6, within(0.1e6));
    assertThat(floor.flops()).isCloseTo(0.27e6, within(0.01e6));
  }

  @Test
  void samplesShareTheRowsThatBothNeed() {
    assertThat(Floor.activeRows(1000, 0.5, 1)).isEqualTo(500);
    assertThat(Floor.activeRows(1000, 0.5, 2)).isEqualTo(750);
  }

  /** 1000 units of 100 synapses of 14 bytes in two steps; half of the units is active in each. */
  @Test
  void sparseLayersReadTheRowsOfActiveUnits() {
    String[] shape = {
      "units", "1000", "density", "0.1", "batch", "1", "steps", "2", "threshold", "0.3"
    };
    Floor floor = Floors.of(active("SparseEgruBenchmark.forward", shape));
    assertThat(floor.traffic().get(0).bytes()).isCloseTo(2 * 500 * 1400, within(1.0));
    assertThat(floor.flops()).isCloseTo(2 * 1000 * (0.5 * 6 * 100 + 30), within(1.0));
    Floor plain = Floors.of(Fixture.timing("RnnBenchmark.forward", ONE, shape));
    assertThat(plain.traffic().get(0).bytes()).isCloseTo(2 * 100_000 * 6, within(1.0));
    assertThat(plain.flops()).isCloseTo(2 * 200_000, within(1.0));
    String[] several = Arrays.copyOf(shape, shape.length + 2);
    several[shape.length] = "replicas";
    several[shape.length + 1] = "3";
    Floor all = Floors.of(Fixture.timing("RnnBenchmark.forward", ONE, several));
    assertThat(all.flops()).isCloseTo(3 * plain.flops(), within(1.0));
    assertThat(all.bytes()).isCloseTo(3 * plain.bytes(), within(1.0));
  }

  /** Replicas do not wait for each other. */
  @Test
  void layersOfReplicasTakeTheStepsOfOne() {
    String[] shape = {"units", "100", "batch", "4", "steps", "6", "threshold", "0.3"};
    String[] several = Arrays.copyOf(shape, shape.length + 2);
    several[shape.length] = "replicas";
    several[shape.length + 1] = "3";
    Floor forward = Floors.of(active("EgruBenchmark.forward", shape));
    Floor backward = Floors.of(active("EgruBenchmark.backward", shape));
    for (String method : List.of("together", "apart")) {
      Floor all = Floors.of(active("EgruReplicaBenchmark." + method, several));
      assertThat(all.flops()).isCloseTo(3 * (forward.flops() + backward.flops()), within(1.0));
      assertThat(all.bytes()).isCloseTo(3 * (forward.bytes() + backward.bytes()), within(1.0));
      assertThat(all.traffic().get(0).within())
          .isCloseTo(3 * forward.traffic().get(0).within(), within(1.0));
      assertThat(all.steps()).isEqualTo(12);
    }
  }

  private static Timing active(String benchmark, String... shape) {
    Timing m = Fixture.timing(benchmark, ONE, shape);
    return new Timing(
        m.benchmark(), m.params(), 1, ONE, Double.NaN, new double[0], Map.of("activity", 0.5));
  }

  @Test
  void anOptimiserIsAStream() {
    Floor floor = Floors.of(Fixture.timing("OptimizerBenchmark.adam", ONE, "size", "1000"));
    assertThat(floor.bytes()).isEqualTo(28_000);
    assertThat(floor.traffic()).allMatch(t -> Double.isInfinite(t.rowBytes()));
    Floor rule = Floors.of(Fixture.timing("OjaBenchmark.together", ONE, "n", "100"));
    assertThat(rule.bytes()).isEqualTo(120_000);
  }

  @Test
  void aSequenceOfAPeerIsThatOfOurLayerWithoutEvents() {
    String[] shape = {"units", "256", "batch", "8", "steps", "16", "threshold", "-1"};
    Floor ours = Floors.of(Fixture.timing("EgruBenchmark.layerForward", ONE, shape));
    assertThat(Floors.of(Fixture.timing("TorchSequenceBenchmark.forward", ONE, shape)))
        .isEqualTo(ours);
    assertThat(Floors.of(Fixture.timing("OnnxSequenceBenchmark.forward", ONE, shape)))
        .isEqualTo(ours);
    Floor training = Floors.of(Fixture.timing("EgruBenchmark.trainingPass", ONE, shape));
    assertThat(Floors.of(Fixture.timing("TorchSequenceBenchmark.trainingPass", ONE, shape)))
        .isEqualTo(training);
    // Five products with matrices of weights or errors to two: none is for the inputs' errors.
    assertThat(training.flops()).isCloseTo(2.5 * ours.flops(), within(0.02 * training.flops()));
  }

  @Test
  void everythingButCeilingsHasAFloor() throws IOException {
    List<Timing> timings = Fixture.timings();
    assertThat(timings).isNotEmpty();
    for (Timing timing : timings) {
      if (timing.className().equals("CeilingBenchmark")) {
        assertThat(Floors.of(timing)).isNull();
      } else {
        assertThat(Floors.of(timing)).as(timing.toString()).isNotNull();
        assertThat(Floors.of(timing).bytes()).as(timing.toString()).isPositive();
      }
    }
  }
}
