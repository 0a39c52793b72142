package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.eventprop.VariantNets.Kind;
import io.tacet.eventprop.VariantNets.Shape;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What neurons of a variant must do on a grid on every backend: the spikes and gradients of the
 * java backend in double precision, which GridVariantTest compares with the exact simulator.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class GridVariantConformance {
  private static final double STEP = 0.25;

  /** What {@link #seed} has found, which is the same for all backends. */
  private static final Map<String, Long> SEEDS = new ConcurrentHashMap<>();

  /** The backends to test. */
  protected Stream<BackendCase> backends() {
    return BackendCase.all();
  }

  /**
   * Whether a backend takes wide layers of the kind with this number. Small ones it always takes,
   * and wide ones run the same kernels or loops.
   */
  protected boolean takesWide(BackendCase on, int number) {
    return true;
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  Stream<Arguments> compared() {
    return VariantNets.compared(backends(), this::takesWide);
  }

  @ParameterizedTest
  @MethodSource("compared")
  void spikesAndGradientsAreThoseOfTheReference(BackendCase on, Kind kind, Shape shape) {
    Net net =
        onGrid(kind, shape, SEEDS.computeIfAbsent(kind + " " + shape, k -> seed(kind, shape)));
    boolean single = on.type() == DType.FLOAT32;
    try (JavaBackend java = new JavaBackend(1);
        Backend backend = on.backend().get();
        Resources open = new Resources()) {
      VariantPass oracle = new VariantPass(java, DType.FLOAT64, net, open);
      oracle.forward();
      VariantPass pass = new VariantPass(backend, on.type(), net, open);
      pass.forward();
      VariantPass.sameSpikes(pass.spikes, oracle.spikes, single ? 1e-4 : 1e-12);
      assertThat(pass.spikes.grazes().toInts()).isEqualTo(oracle.spikes.grazes().toInts());
      oracle.backward(pass.copy(java, open), VariantPass::error);
      pass.backward(pass.spikes, VariantPass::error);
      pass.sameGradients(oracle, single ? 1e-3 : 1e-10);
    }
  }

  /** The first network whose spikes rounding does not move. */
  private static long seed(Kind kind, Shape shape) {
    long seed = 1;
    while (!isMeasurable(kind, shape, seed)) {
      seed++;
      assertThat(seed).as("draws").isLessThan(200);
    }
    return seed;
  }

  private static Net onGrid(Kind kind, Shape shape, long seed) {
    Net net = VariantNets.random(kind, shape, seed);
    net.simulator = Simulator.grid(STEP);
    return net;
  }

  /**
   * Whether rounding moves no spike to another step, since a small change of the threshold does
   * not.
   */
  private static boolean isMeasurable(Kind kind, Shape shape, long seed) {
    double[] times = times(onGrid(kind, shape, seed), 1);
    return times.length > 8
        && Arrays.equals(times, times(onGrid(kind, shape, seed), 1 + 2e-5))
        && Arrays.equals(times, times(onGrid(kind, shape, seed), 1 - 2e-5));
  }

  private static double[] times(Net net, double factor) {
    net.threshold = Arrays.stream(net.threshold).map(t -> t * factor).toArray();
    try (JavaBackend java = new JavaBackend(1);
        Resources open = new Resources()) {
      VariantPass pass = new VariantPass(java, DType.FLOAT64, net, open);
      pass.forward();
      boolean near = Arrays.stream(pass.spikes.grazes().toInts()).sum() > 0;
      boolean flat = pass.spikes.smallestSlope() < 0.004;
      return near || flat ? new double[0] : pass.spikes.times().toDoubles();
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void withoutAFeatureTheyAreLifNeurons(BackendCase on) {
    boolean single = on.type() == DType.FLOAT32;
    double tolerance = single ? 1e-3 : 1e-11;
    Net net = onGrid(Kind.LIF, Shape.RECURRENT, 3);
    net.kick = null;
    try (Backend backend = on.backend().get();
        Resources open = new Resources()) {
      VariantPass pass = new VariantPass(backend, on.type(), net, open);
      pass.forward();
      pass.backward(pass.spikes, VariantPass::error);
      net.variant = null;
      Net.Result plain = net.run(backend, on.type(), true, (k, n) -> VariantPass.error(n));
      assertThat(plain.times()).hasSizeGreaterThan(8);
      int count = pass.spikes.counts().toInts()[0];
      double[] slopes = pass.spikes.slopes().toDoubles();
      assertThat(Arrays.copyOf(pass.spikes.times().toDoubles(), count)).isEqualTo(plain.times());
      assertThat(Arrays.copyOf(pass.spikes.units().toInts(), count)).isEqualTo(plain.units());
      for (int k = 0; k < count; k++) {
        double tau = (float) net.tauMem[plain.units()[k]];
        assertThat(slopes[k] * tau).isCloseTo(plain.slopes()[k], within(single ? 1e-4 : 1e-11));
      }
      double[][] expected = plain.gradients();
      LayerGradients g = pass.gradients;
      DeviceArray[] actual = {
        g.inputWeights(),
        g.inputDelays(),
        g.recurrentWeights(),
        g.recurrentDelays(),
        g.tauMem(),
        g.tauSyn(),
        g.threshold(),
        g.reset(),
        g.bias()
      };
      for (int i = 0; i < actual.length; i++) {
        FiniteDifferences.assertClose(actual[i].toDoubles(), expected[i], tolerance);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aSoftResetLosesNoCharge(BackendCase on) {
    Net net = new Net(1, 1);
    net.duration = 100;
    net.inputTimes = new double[][] {{}};
    net.inputUnits = new int[][] {{}};
    net.leaky = false;
    net.reset = null;
    net.tauMem = new double[] {10};
    net.bias = new double[] {3.1};
    net.variant = new double[6][];
    net.simulator = Simulator.grid(0.5);
    // V has risen by 3.1 a period of 10 ms without leak: 31 thresholds in 100 ms.
    net.inputTimes = new double[][] {{99}};
    net.inputUnits = new int[][] {{0}};
    net.threshold = new double[] {0.9999};
    try (Backend backend = on.backend().get();
        Resources open = new Resources()) {
      VariantPass pass = new VariantPass(backend, on.type(), net, open);
      pass.forward();
      assertThat(pass.spikes.counts().toInts()).containsExactly(31);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void whatCannotBeSimulatedIsAnErrorThatSaysWhy(BackendCase on) {
    Net net = onGoldGrid(Kind.ALL);
    net.variant[0] = new double[] {1, -1};
    fails(on, net, IllegalArgumentException.class, "refractory: expected a finite, positive");
    net = onGoldGrid(Kind.ALL);
    net.variant[3] = new double[] {-0.1};
    fails(
        on, net, IllegalArgumentException.class, "thresholdJump: expected a finite, not negative");
    net = onGoldGrid(Kind.ADAPTATION_CURRENT);
    net.variant[5] = new double[] {0, Double.NaN};
    fails(on, net, IllegalArgumentException.class, "adaptationJump: expected a finite number");
    net = onGoldGrid(Kind.REFRACTORY);
    net.reset = new double[] {1.5};
    fails(on, net, IllegalArgumentException.class, "reset < threshold");
    net = onGoldGrid(Kind.REFRACTORY);
    net.inputWeights[1] = Double.NaN;
    fails(on, net, ArithmeticException.class, "weight of synapse 1 is NaN");
  }

  private static Net onGoldGrid(Kind kind) {
    Net net = VariantNets.goldNet(kind);
    net.simulator = Simulator.grid(STEP);
    return net;
  }

  private static void fails(
      BackendCase on, Net net, Class<? extends RuntimeException> how, String message) {
    try (Backend backend = on.backend().get();
        Resources open = new Resources()) {
      VariantPass pass = new VariantPass(backend, on.type(), net, open);
      assertThatThrownBy(pass::forward).isInstanceOf(how).hasMessageContaining(message);
    }
  }
}
