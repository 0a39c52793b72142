package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.BackendCase;
import io.tacet.eventprop.VariantNets.Kind;
import io.tacet.eventprop.VariantNets.Shape;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Neurons of a variant on a grid against the exact simulator, and the suite on the java backend.
 */
class GridVariantTest extends GridVariantConformance {
  @Override
  protected Stream<BackendCase> backends() {
    return BackendCase.of("java", () -> new JavaBackend(2)).stream();
  }

  /** Times that are no steps would be other times to the exact adjoint. */
  private static Net aligned(Kind kind, Shape shape, long seed, double dt) {
    Net net = VariantNets.random(kind, shape, seed);
    for (double[] times : net.inputTimes) {
      align(times, dt);
    }
    align(net.inputDelays, dt);
    align(net.recurrentDelays, dt);
    align(net.variant[0], dt);
    net.simulator = Simulator.grid(dt);
    return net;
  }

  private static void align(double[] times, double dt) {
    for (int k = 0; times != null && k < times.length; k++) {
      times[k] = Math.rint(times[k] / dt) * dt;
    }
  }

  @ParameterizedTest
  @EnumSource
  void theAdjointOfTheStepsIsThatOfTheEventsAtTheirSteps(Kind kind) {
    for (Shape shape : Shape.values()) {
      int compared = 0;
      for (long seed = 1; compared < 2; seed++) {
        assertThat(seed).as("draws").isLessThan(100);
        Net net = aligned(kind, shape, seed, 0.125);
        if (kind == Kind.ALL || kind == Kind.ALL_ALPHA) {
          // What V is above the threshold at a soft reset changes what a refractory period's end
          // does.
          net.reset = new double[] {-0.25};
        }
        compared += compareAdjoints(net, kind == Kind.SOFT_RESET) ? 1 : 0;
      }
    }
  }

  /** A soft reset keeps what V is above the threshold, which only dV/dt of a leak sees. */
  private static boolean compareAdjoints(Net net, boolean soft) {
    try (JavaBackend java = new JavaBackend(2);
        Resources open = new Resources()) {
      VariantPass grid = new VariantPass(java, DType.FLOAT64, net, open);
      grid.forward();
      // A slope that the step has made the least is not that of the state.
      boolean floored = Arrays.stream(grid.spikes.grazes().toInts()).sum() > 0;
      if (floored || grid.spikes.largestCount() < 4) {
        return false;
      }
      net.simulator = Simulator.exact();
      VariantPass exact = new VariantPass(java, DType.FLOAT64, net, open);
      exact.backward(grid.copy(java, open), VariantPass::error);
      grid.backward(grid.spikes, VariantPass::error);
      if (soft) {
        DeviceArray own = exact.gradients.tauMem();
        own.copyFrom(grid.gradients.tauMem().toDoubles());
      }
      grid.sameGradients(exact, 1e-10);
      return true;
    }
  }

  @ParameterizedTest
  @EnumSource
  void spikesAndGradientsConvergeToExactOnes(Kind kind) {
    boolean compared = false;
    for (long seed = 1; !compared; seed++) {
      assertThat(seed).as("draws").isLessThan(300);
      try (JavaBackend java = new JavaBackend(2);
          Resources open = new Resources()) {
        Net net = VariantNets.random(kind, Shape.RECURRENT, seed);
        VariantPass exact = new VariantPass(java, DType.FLOAT64, net, open);
        exact.forward();
        boolean measurable =
            exact.spikes.smallestSlope() > 0.015
                && exact.spikes.largestCount() > 4
                && Arrays.stream(exact.spikes.grazes().toInts()).sum() == 0;
        if (measurable) {
          exact.backward(exact.spikes, VariantPass::error);
          double coarse = distance(net, exact, 0x1p-8);
          double fine = distance(net, exact, 0x1p-11);
          assertThat(fine).as("seed %d", seed).isLessThan(0.25 * coarse).isLessThan(0.05);
          compared = true;
        }
      }
    }
  }

  /** Largest error of a kind of gradient, as a part of its norm. */
  private static double distance(Net net, VariantPass exact, double dt) {
    net.simulator = Simulator.grid(dt);
    try (Resources open = new Resources()) {
      VariantPass grid = new VariantPass(exact.backend, DType.FLOAT64, net, open);
      grid.forward();
      assertThat(grid.spikes.counts().toInts()).isEqualTo(exact.spikes.counts().toInts());
      grid.backward(grid.spikes, VariantPass::error);
      List<DeviceArray> expected = exact.gradients.arrays();
      double largest = 0;
      for (int g = 0; g < expected.size(); g++) {
        double[] a = grid.gradients.arrays().get(g).toDoubles();
        double[] b = expected.get(g).toDoubles();
        double error = 0;
        double norm = 0;
        for (int k = 0; k < a.length; k++) {
          error += (a[k] - b[k]) * (a[k] - b[k]);
          norm += b[k] * b[k];
        }
        largest = Math.max(largest, norm == 0 ? 0 : Math.sqrt(error / norm));
      }
      return largest;
    }
  }

  @ParameterizedTest
  @CsvSource({"0.4, 0", "0.6, 1", "2.5, 2", "2.51, 3"})
  void aRefractoryPeriodIsRoundedToSteps(double period, int steps) {
    Net net = new Net(1, 1);
    net.inputWeights = new double[] {400};
    net.inputTimes = new double[][] {{0}};
    net.inputUnits = new int[][] {{0}};
    net.duration = 8;
    net.variant = new double[][] {{period}, null, null, null, null, null};
    net.simulator = Simulator.grid(1);
    try (JavaBackend java = new JavaBackend(1);
        Resources open = new Resources()) {
      VariantPass pass = new VariantPass(java, DType.FLOAT64, net, open);
      pass.forward();
      double[] times = pass.spikes.times().toDoubles();
      assertThat(times[0]).isEqualTo(1);
      assertThat(times[1]).isEqualTo(2 + steps);
    }
  }
}
