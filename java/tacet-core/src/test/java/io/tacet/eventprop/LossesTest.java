package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Losses and their errors by finite differences. */
class LossesTest {
  private static final FirstSpikeLoss LOSS = new FirstSpikeLoss(0.5, 6.4, 3e-3, false);
  private static JavaBackend java;

  @BeforeAll
  static void open() {
    java = new JavaBackend(2);
  }

  @AfterAll
  static void close() {
    java.close();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private record Result(double[] losses, double[] errors, int[] predicted) {
    double mean() {
      return Arrays.stream(losses).average().orElse(0);
    }
  }

  private static Result firstSpike(double[][] times, int[][] units, int... labels) {
    try (Resources open = new Resources()) {
      int batch = times.length;
      Spikes output = open.own(Spikes.outputs(java, DType.FLOAT64, batch, 4)).set(times, units);
      DeviceArray losses = open.own(java.allocate(DType.FLOAT64, batch));
      DeviceArray predicted = open.own(java.allocate(DType.INT32, batch));
      Losses.firstSpike(LOSS, output, open.own(java.of(labels)), 3, 30, losses, predicted);
      return new Result(losses.toDoubles(), output.errors().toDoubles(), predicted.toInts());
    }
  }

  @Test
  void firstSpikeErrorsPassFiniteDifferences() {
    double[][] times = {{4.1, 4.4, 4.9, 6}, {7.1, 7.3}};
    int[][] units = {{2, 0, 1, 2}, {0, 2}};
    Result r = firstSpike(times, units, 0, 2);
    for (int b = 0; b < 2; b++) {
      double[] errors = Arrays.copyOfRange(r.errors(), 4 * b, 4 * b + times[b].length);
      FiniteDifferences.check(
          "time", times[b], errors, false, 1e-7, () -> firstSpike(times, units, 0, 2).mean());
    }
    assertThat(r.errors()[3]).as("a second spike").isZero();
    assertThat(r.predicted()).containsExactly(2, 0);
  }

  @Test
  void aSilentOutputCountsAsSpikingAtTheEnd() {
    Result r = firstSpike(new double[][] {{4.1, 4.4}}, new int[][] {{1, 2}}, 0);
    double sum = Math.exp(-4.1 / 0.5) + Math.exp(-4.4 / 0.5) + Math.exp(-30 / 0.5);
    double expected = 30 / 0.5 + Math.log(sum) + 3e-3 * (Math.exp(30 / 6.4) - 1);
    assertThat(r.losses()[0]).isCloseTo(expected, within(1e-10));
  }

  @Test
  void silentOutputsPredictNoClass() {
    Result r =
        firstSpike(
            new double[][] {{}, {30}, {5, 6}, {4}}, new int[][] {{}, {1}, {2, 0}, {3}}, 0, 1, 2, 0);
    // Of the second sample one spikes at the end itself; the last spikes beyond the outputs.
    assertThat(r.predicted()).containsExactly(-1, 1, 2, -1);
    assertThat(r.losses()[0])
        .isCloseTo(Math.log(3) + 3e-3 * (Math.exp(30 / 6.4) - 1), within(1e-12));
  }

  @Test
  void crossEntropyErrorsPassFiniteDifferences() {
    double[] values = {0.3, -0.2, 1.1, 40, 41, -3};
    Result r = crossEntropy(values, 0, 1);
    FiniteDifferences.check(
        "value", values, r.errors(), false, 1e-7, () -> crossEntropy(values, 0, 1).mean());
    assertThat(r.predicted()).containsExactly(2, 1);
  }

  private static Result crossEntropy(double[] values, int... labels) {
    try (Resources open = new Resources()) {
      int batch = labels.length;
      int classes = values.length / batch;
      DeviceArray errors = open.own(java.allocate(DType.FLOAT64, batch, classes));
      DeviceArray losses = open.own(java.allocate(DType.FLOAT64, batch));
      DeviceArray predicted = open.own(java.allocate(DType.INT32, batch));
      Losses.crossEntropy(
          open.own(java.of(values, batch, classes)),
          open.own(java.of(labels)),
          errors,
          losses,
          predicted);
      return new Result(losses.toDoubles(), errors.toDoubles(), predicted.toInts());
    }
  }
}
