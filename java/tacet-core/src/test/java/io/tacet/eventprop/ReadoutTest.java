package io.tacet.eventprop;

import static io.tacet.eventprop.FiniteDifferences.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.sparse.DenseSynapses;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Read-outs, exact and on a grid, with the softmax cross-entropy on top, by finite differences. */
class ReadoutTest {
  private static final double EXACT = 0;
  private static final double[][] CONSTANTS = {{20, 5}, {5, 20}, {7, 7}, {7, 7.0001}};
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

  /** A batch of events into a few outputs; a step of 0 stands for the exact read-out. */
  private static final class Case {
    double[][] times;
    int[][] units;
    int[] labels;
    double[] weights;
    double tauMem = 20;
    double tauSyn = 5;
    double duration = 50;
    double dt;
    Reduction reduction;

    /** Cross-entropy at every step instead of one of the read-out value. */
    boolean overTime;

    static Case random(Reduction reduction, double dt, long seed) {
      SplittableRandom random = new SplittableRandom(seed);
      Case c = new Case();
      c.reduction = reduction;
      c.dt = dt;
      c.times = new double[3][];
      c.units = new int[3][];
      for (int b = 0; b < 3; b++) {
        c.times[b] = random.doubles(6, 1, 45).sorted().toArray();
        c.units[b] = random.ints(6, 0, 4).toArray();
      }
      c.labels = new int[] {1, 0, 2};
      // Integrals are tens of times larger than voltages, and a saturated softmax has no slope.
      double largest = reduction == Reduction.SUM ? 0.05 : 2;
      c.weights = random.doubles(12, -0.5 * largest, largest).toArray();
      return c;
    }

    record Result(double loss, double[] values, double[] weights, double[] errors) {}

    Result run() {
      try (Resources open = new Resources()) {
        DenseSynapses synapses =
            open.own(new DenseSynapses(weights.length / 3, 3, java.of(weights), null));
        ReadoutLayer layer =
            new ReadoutLayer(
                synapses,
                open.own(java.of(new double[] {tauMem})),
                open.own(java.of(new double[] {tauSyn})),
                duration,
                reduction);
        int batch = times.length;
        Spikes input =
            open.own(Spikes.inputsWithErrors(java, DType.FLOAT64, batch, times[0].length))
                .set(times, units);
        DeviceArray values = open.own(java.allocate(DType.FLOAT64, batch, 3));
        DeviceArray errors = open.own(java.allocate(DType.FLOAT64, batch, 3));
        DeviceArray peakTimes = open.own(java.allocate(DType.FLOAT64, batch, 3));
        DeviceArray label = open.own(java.of(labels));
        DeviceArray losses = open.own(java.allocate(DType.FLOAT64, batch));
        DeviceArray predicted = open.own(java.allocate(DType.INT32, batch));
        DeviceArray gradient = open.own(java.allocate(DType.FLOAT64, weights.length));
        if (overTime) {
          GridReadouts.crossEntropyOverTime(layer, dt, input, label, losses, predicted, gradient);
        } else {
          if (dt == EXACT) {
            Readouts.forward(layer, input, values, peakTimes);
          } else {
            GridReadouts.forward(layer, dt, input, values, peakTimes);
          }
          Losses.crossEntropy(values, label, errors, losses, predicted);
          if (dt == EXACT) {
            Readouts.backward(layer, input, errors, peakTimes, gradient);
          } else {
            GridReadouts.backward(layer, dt, input, errors, peakTimes, gradient);
          }
        }
        return new Result(
            Arrays.stream(losses.toDoubles()).average().orElse(0),
            values.toDoubles(),
            gradient.toDoubles(),
            input.errors().toDoubles());
      }
    }
  }

  @Test
  void g9IntegralOfOneUnitInput() {
    Case c = new Case();
    c.reduction = Reduction.SUM;
    c.times = new double[][] {{2}};
    c.units = new int[][] {{0}};
    c.labels = new int[] {1};
    c.weights = new double[] {1, 0, 0};
    c.duration = 100;
    Case.Result r = c.run();
    assertThat(r.values()[0]).isCloseTo(4.950356117985304, within(1e-12));
    // dL/dw = dL/dX dX/dw = -tau_s lambda_I with lambda_I = -0.99007... for a unit drive.
    double p = Math.exp(r.values()[0]) / (Math.exp(r.values()[0]) + 2);
    assertThat(r.weights()[0] / p).isCloseTo(5 * 0.9900712235970608, within(1e-12));
  }

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void exactReadoutsPassFiniteDifferences(Reduction reduction) {
    for (double[] tau : CONSTANTS) {
      Case c = Case.random(reduction, EXACT, 3);
      c.tauMem = tau[0];
      c.tauSyn = tau[1];
      Case.Result r = c.run();
      FiniteDifferences.check("weight", c.weights, r.weights(), false, 1e-6, () -> c.run().loss());
      for (int b = 0; b < c.times.length; b++) {
        double[] errors = Arrays.copyOfRange(r.errors(), 6 * b, 6 * b + 6);
        FiniteDifferences.check("time", c.times[b], errors, false, 1e-6, () -> c.run().loss());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void gridReadoutsPassFiniteDifferencesInTheWeights(Reduction reduction) {
    for (double[] tau : CONSTANTS) {
      Case c = Case.random(reduction, 0.5, 3);
      c.tauMem = tau[0];
      c.tauSyn = tau[1];
      double[] gradient = c.run().weights();
      FiniteDifferences.check("weight", c.weights, gradient, false, 1e-6, () -> c.run().loss());
    }
  }

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void gridReadoutsConvergeToExactOnes(Reduction reduction) {
    Case.Result exact = Case.random(reduction, EXACT, 3).run();
    Case.Result grid = Case.random(reduction, 0x1p-10, 3).run();
    double tolerance = 3e-3;
    assertClose(grid.values(), exact.values(), tolerance);
    assertClose(grid.weights(), exact.weights(), tolerance);
    assertClose(grid.errors(), exact.errors(), tolerance);
  }

  @Test
  void crossEntropyOverTimePassesFiniteDifferencesInTheWeights() {
    for (double[] tau : CONSTANTS) {
      Case c = Case.random(Reduction.MEAN, 0.5, 3);
      c.overTime = true;
      c.tauMem = tau[0];
      c.tauSyn = tau[1];
      double[] gradient = c.run().weights();
      FiniteDifferences.check("weight", c.weights, gradient, false, 1e-6, () -> c.run().loss());
    }
  }

  @Test
  void crossEntropyOverTimeHasInputTimeErrorsThatConverge() {
    Case c = Case.random(Reduction.MEAN, 0x1p-10, 3);
    c.overTime = true;
    double[] errors = c.run().errors();
    double step = 0x1p-5;
    for (int e : IntStream.range(0, 6).toArray()) {
      double was = c.times[0][e];
      c.times[0][e] = was + step;
      double above = c.run().loss();
      c.times[0][e] = was - step;
      double slope = (above - c.run().loss()) / (2 * step);
      c.times[0][e] = was;
      assertThat(errors[e]).isCloseTo(slope, within(1e-3));
    }
  }
}
