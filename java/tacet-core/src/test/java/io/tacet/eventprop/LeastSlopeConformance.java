package io.tacet.eventprop;

import static io.tacet.eventprop.FiniteDifferences.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link LifLayer#leastSlope} must do on every backend. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class LeastSlopeConformance {
  private static final double TAU_MEM = 20;
  private static final double TAU_SYN = 5;
  private static final double WEIGHT = 20;
  private static final double ARRIVAL = 2;

  /** The backends to test. */
  protected Stream<BackendCase> backends() {
    return BackendCase.all();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** With no, one and both of the two spikes below the least slope, in V per ms. */
  Stream<Arguments> bounded() {
    return backends().flatMap(b -> Stream.of(0.5, 0.6, 0.9).map(s -> Arguments.of(b, s)));
  }

  /** The layers that passes treat in different ways, as LIF neurons and as those of a variant. */
  private static List<Net> oneNeuron() {
    List<Net> nets = new ArrayList<>();
    for (double[][] variant : new double[][][] {null, new double[6][]}) {
      Net plain = new Net(1, 1);
      plain.inputWeights = new double[] {WEIGHT};
      plain.inputTimes = new double[][] {{ARRIVAL}};
      plain.inputUnits = new int[][] {{0}};
      plain.variant = variant;
      nets.add(plain);
      Net recurrent = new Net(1, 1);
      recurrent.inputWeights = plain.inputWeights;
      recurrent.inputTimes = plain.inputTimes;
      recurrent.inputUnits = plain.inputUnits;
      recurrent.recurrentWeights = new double[] {0};
      recurrent.recurrentDelays = new double[] {1};
      recurrent.variant = variant;
      nets.add(recurrent);
    }
    return nets;
  }

  /**
   * The second spike of one neuron in the loss, by hand: lambda jumps at it and at the first, with
   * free decay in between and before.
   */
  @ParameterizedTest
  @MethodSource("bounded")
  void theJumpsDivideByTheLeastSlope(BackendCase on, double least) {
    double tolerance = on.type() == DType.FLOAT32 ? 2e-6 : 1e-12;
    try (Backend backend = on.backend().get()) {
      for (Net net : oneNeuron()) {
        net.leastSlope = least;
        Net.Result r = net.run(backend, on.type(), false, (k, n) -> k == 1 ? 1 : 0);
        double t1 = 3.153687643693523;
        double t2 = 4.673430329083961;
        assertThat(r.times()[1]).isCloseTo(t2, within(100 * tolerance));
        double second = 1 / divisor(t2, least);
        double after = second * Math.exp(-(t2 - t1) / TAU_MEM);
        double first = (slope(t1) + 1) * after / divisor(t1, least);
        double d = t1 - ARRIVAL;
        double ofI = second * coupling(t2 - t1) * Math.exp(-d / TAU_SYN) + first * coupling(d);
        assertThat(r.inputWeights()[0]).isCloseTo(-TAU_SYN * ofI, within(tolerance));
        assertThat(r.threshold()[0]).isCloseTo(TAU_MEM * (first + second), within(10 * tolerance));
        assertThat(r.reset()[0]).isCloseTo(-TAU_MEM * after, within(10 * tolerance));
      }
    }
  }

  /** tau_m dV/dt at a spike. */
  private static double slope(double time) {
    return WEIGHT * Math.exp(-(time - ARRIVAL) / TAU_SYN) - 1;
  }

  private static double divisor(double time, double least) {
    return Math.max(slope(time), TAU_MEM * least);
  }

  /** Of lambda_V in lambda_I after so long, backwards. */
  private static double coupling(double d) {
    return TAU_MEM / (TAU_MEM - TAU_SYN) * (Math.exp(-d / TAU_MEM) - Math.exp(-d / TAU_SYN));
  }

  /** Layers of several neurons, LIF and of a variant, and slopes of their spikes, V per ms. */
  private static List<Net> layers(Backend java) {
    Net recurrent = RandomNets.recurrent(java, 3);
    Net variant = RandomNets.recurrent(java, 4);
    variant.variant = new double[][] {{2}, {9}, {30}, {0.3}, {40}, {0.5}};
    Net onGrid = RandomNets.recurrent(java, 5);
    onGrid.simulator = Simulator.grid(0.25);
    Net variantOnGrid = RandomNets.recurrent(java, 4);
    variantOnGrid.variant = variant.variant;
    variantOnGrid.simulator = onGrid.simulator;
    return List.of(recurrent, RandomNets.feedForward(11), variant, onGrid, variantOnGrid);
  }

  private static double[] slopes(Net net, Net.Result r) {
    double[] slopes = r.slopes().clone();
    for (int k = 0; k < slopes.length && net.variant == null; k++) {
      slopes[k] /= net.tauMem[net.tauMem.length == 1 ? 0 : r.units()[k]];
    }
    Arrays.sort(slopes);
    return slopes;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void gradientsWithABoundAreThoseOfTheReference(BackendCase on) {
    try (JavaBackend java = new JavaBackend(1);
        Backend backend = on.backend().get()) {
      for (Net net : layers(java)) {
        // A step may be another one in another precision.
        DType type = net.simulator.dt() > 0 ? on.type() : DType.FLOAT64;
        Net.Result exact = net.run(java, type, true, RandomNets.LOSS);
        double[] slopes = slopes(net, exact);
        assertThat(slopes.length).isGreaterThan(4);
        int half = slopes.length / 2;
        net.leastSlope = (slopes[half] + slopes[half - 1]) / 2;
        Net.Result expected = net.run(java, type, true, RandomNets.LOSS);
        Net.Result r = net.run(backend, on.type(), true, RandomNets.LOSS);
        assertThat(r.units()).isEqualTo(expected.units());
        assertThat(expected.inputWeights()).as("it is active").isNotEqualTo(exact.inputWeights());
        double tolerance = on.type() == DType.FLOAT32 ? 1e-3 : 1e-9;
        assertClose(r.inputErrors(), expected.inputErrors(), tolerance);
        for (int kind = 0; kind < r.gradients().length; kind++) {
          if (expected.gradients()[kind] != null) {
            assertClose(r.gradients()[kind], expected.gradients()[kind], tolerance);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aBoundBelowAllSlopesChangesNoBit(BackendCase on) {
    try (JavaBackend java = new JavaBackend(1);
        Backend backend = on.backend().get()) {
      for (Net net : layers(java)) {
        Net.Result exact = net.run(backend, on.type(), true, RandomNets.LOSS);
        net.leastSlope = slopes(net, exact)[0] / 8;
        Net.Result r = net.run(backend, on.type(), true, RandomNets.LOSS);
        assertThat(r.inputErrors()).isEqualTo(exact.inputErrors());
        assertThat(r.gradients()).isDeepEqualTo(exact.gradients());
        assertThat(r.times()).isEqualTo(exact.times());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void whatIsNoBoundIsRefused(BackendCase on) {
    try (Backend backend = on.backend().get();
        Resources open = new Resources()) {
      LifLayer layer = oneNeuron().get(0).layer(backend, on.type(), open);
      for (double wrong : new double[] {-1e-3, Double.NaN, Double.POSITIVE_INFINITY}) {
        assertThatThrownBy(() -> layer.leastSlope(wrong))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("leastSlope: expected a finite number per ms")
            .hasMessageContaining(Double.toString(wrong));
      }
    }
  }
}
