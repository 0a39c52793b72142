package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.BackendCase;
import io.tacet.eventprop.VariantNets.Kind;
import io.tacet.eventprop.VariantNets.Shape;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.Arrays;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Mean potentials against closed forms and finite differences, and the suite on the java backend.
 */
class MeanPotentialTest extends MeanPotentialConformance {
  @Override
  protected Stream<BackendCase> backends() {
    return BackendCase.of("java", () -> new JavaBackend(2)).stream();
  }

  /** One neuron that a single input of weight w at 2 ms does not make spike. */
  private static Net silent(double weight) {
    Net net = new Net(1, 1);
    net.inputWeights = new double[] {weight};
    net.inputTimes = new double[][] {{2}};
    net.inputUnits = new int[][] {{0}};
    net.meanErrors = new double[] {1};
    return net;
  }

  @Test
  void theMeanOfANeuronThatIsSilentIsThatOfAnIntegrator() {
    try (JavaBackend java = new JavaBackend(1)) {
      Net.Result r = silent(2).run(java, DType.FLOAT64, true, (k, n) -> 0);
      assertThat(r.times()).isEmpty();
      // The integral of V of a unit weight, G9 of the specification.
      assertThat(r.loss()).isCloseTo(2 * 4.950356117985304 / 100, within(1e-15));
    }
  }

  @Test
  void aNeuronThatIsSilentHasAGradient() {
    try (JavaBackend java = new JavaBackend(1)) {
      Net.Result r = silent(2).run(java, DType.FLOAT64, true, (k, n) -> 0);
      assertThat(r.inputWeights()[0]).isCloseTo(4.950356117985304 / 100, within(1e-15));
      assertThat(r.threshold()[0]).isZero();
      double later = silentAt(2 + 1e-6) - silentAt(2 - 1e-6);
      assertThat(r.inputErrors()[0]).isCloseTo(later / 2e-6, within(1e-9));
    }
  }

  private static double silentAt(double time) {
    Net net = silent(2);
    net.inputTimes[0][0] = time;
    try (JavaBackend java = new JavaBackend(1)) {
      return net.run(java, DType.FLOAT64, true, (k, n) -> 0).loss();
    }
  }

  @Test
  void gradientsOfLifLayersAreThoseThatFiniteDifferencesMeasure() {
    int compared = 0;
    try (JavaBackend java = new JavaBackend(1)) {
      for (long seed = 1; compared < 3; seed++) {
        assertThat(seed).as("draws").isLessThan(100);
        Net net = VariantNets.random(Kind.LIF, Shape.RECURRENT, seed);
        net.variant = null;
        net.kick = null;
        // Results say of one sample only how near its spikes are to vanishing.
        net.inputTimes = new double[][] {net.inputTimes[0]};
        net.inputUnits = new int[][] {net.inputUnits[0]};
        net.meanErrors = new double[net.inputTimes.length * net.neurons];
        Arrays.setAll(net.meanErrors, k -> 4 * VariantPass.error(k));
        Net.Result r = net.run(java, DType.FLOAT64, true, RandomNets.LOSS);
        boolean clear = Arrays.stream(r.slopes()).allMatch(s -> s > 0.05);
        if (!clear || r.grazes() > 0 || r.times().length < 5) {
          continue;
        }
        DoubleSupplier loss = () -> net.run(java, DType.FLOAT64, true, RandomNets.LOSS).loss();
        check("input weight", net.inputWeights, r.inputWeights(), loss);
        check("recurrent weight", net.recurrentWeights, r.recurrentWeights(), loss);
        check("tau_m", net.tauMem, r.tauMem(), loss);
        check("tau_s", net.tauSyn, r.tauSyn(), loss);
        check("threshold", net.threshold, r.threshold(), loss);
        check("reset", net.reset, r.reset(), loss);
        check("bias", net.bias, r.bias(), loss);
        compared++;
      }
    }
  }

  private static void check(String kind, double[] values, double[] gradient, DoubleSupplier loss) {
    FiniteDifferences.check(kind, values, gradient, false, 1e-6, loss);
  }

  /** Times that are steps; what V is above the threshold at a soft reset is left out. */
  @ParameterizedTest
  @EnumSource
  void onAGridTheMeanIsThatOfTheExactMotionAlongItsSpikes(Kind kind) {
    double dt = 0.125;
    try (JavaBackend java = new JavaBackend(1);
        Resources open = new Resources()) {
      Net net = VariantNets.random(kind, Shape.RECURRENT, 2);
      for (double[] times : net.inputTimes) {
        align(times, dt);
      }
      align(net.inputDelays, dt);
      align(net.recurrentDelays, dt);
      align(net.variant[0], dt);
      net.simulator = Simulator.grid(dt);
      VariantPass grid = new VariantPass(java, DType.FLOAT64, net, open);
      grid.forward();
      net.simulator = Simulator.exact();
      VariantPass exact = new VariantPass(java, DType.FLOAT64, net, open);
      VariantPass.same("means", grid.means(grid.spikes), exact.means(grid.spikes), 1e-12);
    }
  }

  private static void align(double[] times, double dt) {
    for (int k = 0; times != null && k < times.length; k++) {
      times[k] = Math.rint(times[k] / dt) * dt;
    }
  }

  @Test
  void meansOfAnotherLengthAreRefused() {
    try (JavaBackend java = new JavaBackend(1);
        Resources open = new Resources()) {
      Net net = VariantNets.random(Kind.LIF, Shape.RECURRENT, 2);
      VariantPass pass = new VariantPass(java, DType.FLOAT64, net, open);
      pass.forward();
      DeviceArray few = open.own(java.allocate(DType.FLOAT64, 1));
      assertThatThrownBy(
              () -> MeanPotentials.forward(net.simulator, pass.layer, pass.input, pass.spikes, few))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("means: expected ");
    }
  }
}
