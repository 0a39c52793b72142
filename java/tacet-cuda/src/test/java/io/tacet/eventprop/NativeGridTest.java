package io.tacet.eventprop;

import static io.tacet.eventprop.FiniteDifferences.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import io.tacet.Backend;
import io.tacet.cuda.HostExecution;
import io.tacet.cuda.NativeBackend;
import io.tacet.cuda.TestBackends;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The grid kernels against the java backend in single precision: the same spikes, and gradients to
 * rounding. In this package for the networks of the core's tests.
 */
class NativeGridTest {
  private static final double TOLERANCE = 2e-5;

  /** No GPU runs more, whatever they need. */
  private static final int MOST_BLOCKS_OF_A_MULTIPROCESSOR = 32;

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
    System.clearProperty("tacet.grid.tiles");
    System.clearProperty("tacet.launch.steps");
    assertThat(Leaks.open()).isZero();
  }

  static List<Named<Supplier<Backend>>> backends() {
    List<Named<Supplier<Backend>>> all = new ArrayList<>();
    for (HostExecution.Schedule schedule : TestBackends.schedules()) {
      all.add(
          Named.of(
              "host " + schedule,
              () -> TestBackends.host(HostExecution.DEFAULT.with(schedule).threads(2))));
    }
    all.add(Named.of("cuda", TestBackends::cuda));
    return all;
  }

  private static Net.Result run(Backend backend, Net net) {
    return net.run(backend, DType.FLOAT32, true, RandomNets.LOSS);
  }

  private static void compare(Backend backend, Net net) {
    Net.Result expected = run(java, net);
    Net.Result r = run(backend, net);
    assertThat(expected.times().length).isGreaterThan(10);
    assertThat(r.times()).isEqualTo(expected.times());
    assertThat(r.units()).isEqualTo(expected.units());
    assertThat(r.grazes()).isEqualTo(expected.grazes());
    // Times of all samples, where the other results of single events are those of the first.
    assertThat(r.loss()).isCloseTo(expected.loss(), withinPercentage(1e-4));
    assertClose(r.slopes(), expected.slopes(), TOLERANCE);
    assertClose(r.inputErrors(), expected.inputErrors(), TOLERANCE);
    double[][] gradients = r.gradients();
    double[][] wanted = expected.gradients();
    for (int kind = 0; kind < wanted.length; kind++) {
      if (wanted[kind] != null) {
        assertClose(gradients[kind], wanted[kind], TOLERANCE);
      }
    }
  }

  private static Net onGrid(Net net, double dt) {
    net.simulator = Simulator.grid(dt);
    return net;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void smallRecurrentLayersFollowTheReference(Supplier<Backend> open) {
    try (Backend backend = open.get()) {
      for (long seed = 1; seed <= 3; seed++) {
        compare(backend, onGrid(RandomNets.recurrent(java, seed), 0.5));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void feedForwardLayersWithSharedParametersFollowTheReference(Supplier<Backend> open) {
    try (Backend backend = open.get()) {
      Net net = onGrid(RandomNets.feedForward(11), 0.25);
      net.reset = new double[] {-0.2};
      net.bias = new double[] {0.1};
      compare(backend, net);
      net.inputDelays = new double[] {0, 1, 2.5, 0, 400};
      compare(backend, net);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aBatchSharedByTilesFollowsTheReference(Supplier<Backend> open) {
    try (Backend backend = open.get()) {
      Net net = onGrid(RandomNets.large(100, 3, 5), 0.5);
      for (int tiles : new int[] {1, 3}) {
        System.setProperty("tacet.grid.tiles", Integer.toString(tiles));
        compare(backend, net);
      }
      net.recurrentDelays = null;
      compare(backend, net);
    }
  }

  /** More samples than the blocks of which can run together, however small they are. */
  private static int moreThanFit(Backend backend, int tiles) {
    int multiprocessors = ((NativeBackend) backend).runtime().info().multiprocessors();
    return Math.max(70, MOST_BLOCKS_OF_A_MULTIPROCESSOR * multiprocessors / tiles + 1);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aBatchWhoseBlocksDoNotAllRunTogetherFollowsTheReference(Supplier<Backend> open) {
    try (Backend backend = open.get()) {
      int tiles = 2;
      System.setProperty("tacet.grid.tiles", Integer.toString(tiles));
      int batch = moreThanFit(backend, tiles);
      Net net = onGrid(RandomNets.large(40, 1, 5), 0.5);
      net.duration = 20;
      RandomNets.setInputs(net, new SplittableRandom(5), batch, 12);
      compare(backend, net);
      net.recurrentWeights = null;
      net.recurrentDelays = null;
      compare(backend, net);
    }
  }

  /** Expects the same bits whether a launch takes one step, a few or all. */
  private static void compareLaunches(Backend backend, Net net) {
    System.clearProperty("tacet.launch.steps");
    Net.Result whole = run(backend, net);
    assertThat(whole.times().length).isGreaterThan(10);
    for (int steps : new int[] {1, 7}) {
      System.setProperty("tacet.launch.steps", Integer.toString(steps));
      Net.Result parts = run(backend, net);
      assertThat(parts.loss()).isEqualTo(whole.loss());
      assertThat(parts.times()).isEqualTo(whole.times());
      assertThat(parts.units()).isEqualTo(whole.units());
      assertThat(parts.slopes()).isEqualTo(whole.slopes());
      assertThat(parts.grazes()).isEqualTo(whole.grazes());
      assertThat(parts.inputErrors()).isEqualTo(whole.inputErrors());
      assertThat(parts.gradients()).isDeepEqualTo(whole.gradients());
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void theStepsOfALaunchChangeNoBit(Supplier<Backend> open) {
    try (Backend backend = open.get()) {
      Net delayed = onGrid(RandomNets.large(70, 3, 12), 0.5);
      delayed.duration = 30;
      RandomNets.setInputs(delayed, new SplittableRandom(12), 3, 12);
      for (int tiles : new int[] {1, 2}) {
        System.setProperty("tacet.grid.tiles", Integer.toString(tiles));
        compareLaunches(backend, delayed);
      }
      compareLaunches(backend, onGrid(RandomNets.feedForward(11), 0.5));
    }
  }

  @Test
  void aLaunchTakesAtLeastOneStep() {
    try (Backend backend = TestBackends.host(HostExecution.DEFAULT)) {
      System.setProperty("tacet.launch.steps", "0");
      assertThatThrownBy(() -> run(backend, onGrid(RandomNets.feedForward(11), 0.5)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("tacet.launch.steps: expected at least 1, got 0.");
    }
  }

  /** A net with input and recurrence in compressed rows, a third of the synapses missing. */
  private static Net sparse(long seed) {
    Net net = onGrid(RandomNets.large(40, 2, seed), 0.5);
    for (int s = 0; s < net.inputWeights.length; s++) {
      net.inputWeights[s] = s % 3 == 1 ? Double.NaN : 1.3 * net.inputWeights[s];
    }
    net.inputLayout = Net.Layout.CSR;
    return net;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void compressedRowsOfEitherWidthFollowTheReference(Supplier<Backend> open) {
    try (Backend backend = open.get()) {
      Net net = sparse(7);
      compare(backend, net);
      net.inputLayout = Net.Layout.NARROW;
      net.recurrentLayout = Net.Layout.NARROW;
      compare(backend, net);
      System.setProperty("tacet.grid.tiles", "2");
      compare(backend, net);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void denseRecurrenceFollowsTheReference(Supplier<Backend> open) {
    try (Backend backend = open.get()) {
      Net net = onGrid(RandomNets.large(40, 2, 8), 0.5);
      for (int s = 0; s < net.recurrentWeights.length; s++) {
        double weight = net.recurrentWeights[s];
        net.recurrentWeights[s] = Double.isNaN(weight) ? 0.01 : weight;
      }
      net.recurrentLayout = Net.Layout.DENSE;
      compare(backend, net);
      net.recurrentDelays = Arrays.copyOf(net.recurrentDelays, net.neurons);
      compare(backend, net);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void recurrentDelaysPerSourceFollowTheReference(Supplier<Backend> open) {
    try (Backend backend = open.get()) {
      Net net = sparse(9);
      net.recurrentDelays = Arrays.copyOf(net.recurrentDelays, net.neurons);
      net.inputDelays = new double[] {0, 2, 0.7, 5};
      compare(backend, net);
      net.recurrentLayout = Net.Layout.NARROW;
      compare(backend, net);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aKickFollowsTheReference(Supplier<Backend> open) {
    try (Backend backend = open.get()) {
      for (Net net : List.of(sparse(10), onGrid(RandomNets.feedForward(11), 0.25))) {
        double[] without = run(backend, net).inputWeights();
        net.kick = new SplittableRandom(3).doubles(net.neurons, -0.2, 0.2).toArray();
        compare(backend, net);
        assertThat(run(backend, net).inputWeights()).isNotEqualTo(without);
      }
    }
  }

  /**
   * One spike that barely happens has errors of 800 000; the weight of a source that brought it
   * about by n events gets n times as much.
   */
  private static Net nearlyOverflowing(int events) {
    Net net = new Net(2, 1);
    net.simulator = Simulator.grid(1);
    net.duration = 300;
    net.tauSyn = new double[] {1e8};
    net.reset = new double[] {-1000};
    net.inputWeights = new double[] {1.0 / events, 2.5e-5};
    net.inputTimes = new double[][] {new double[events + 1]};
    net.inputUnits = new int[][] {new int[events + 1]};
    net.inputUnits[0][events] = 1;
    return net;
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aSumThatDoesNotFitMakesGradientsNaN(Supplier<Backend> open) {
    try (Backend backend = open.get()) {
      Net fits = nearlyOverflowing(32);
      Net.Result expected = fits.run(java, DType.FLOAT64, false, (k, n) -> 1);
      Net.Result r = fits.run(backend, DType.FLOAT32, false, (k, n) -> 1);
      assertThat(expected.times()).hasSize(1);
      assertThat(r.inputWeights()[0] / expected.inputWeights()[0]).isBetween(0.9, 1.1);
      assertThat(r.inputWeights()[0]).isLessThan(-1e7);
      Net.Result wrapped = nearlyOverflowing(512).run(backend, DType.FLOAT32, false, (k, n) -> 1);
      assertThat(wrapped.times()).hasSize(1);
      assertThat(wrapped.inputWeights()).containsOnly(Double.NaN);
      assertThat(wrapped.threshold()).containsOnly(Double.NaN);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aSecondRunIsBitIdentical(Supplier<Backend> open) {
    try (Backend backend = open.get()) {
      Net net = onGrid(RandomNets.large(70, 4, 6), 0.5);
      Net.Result first = run(backend, net);
      Net.Result second = run(backend, net);
      assertThat(second.times()).isEqualTo(first.times());
      assertThat(second.inputErrors()).isEqualTo(first.inputErrors());
      assertThat(second.gradients()).isDeepEqualTo(first.gradients());
    }
  }

  @Test
  void statesThatAreNotNumbersAndSenselessParametersAreReported() {
    try (Backend backend = TestBackends.host(HostExecution.DEFAULT)) {
      Net net = onGrid(RandomNets.feedForward(11), 1);
      net.inputWeights[3] = Double.NaN;
      assertThatThrownBy(() -> run(backend, net)).isInstanceOf(ArithmeticException.class);
      net.inputWeights[3] = 1;
      net.inputDelays = new double[] {0, 1, -1, 0, 0};
      assertThatThrownBy(() -> run(backend, net)).hasMessageContaining("delays");
      net.inputDelays = null;
      net.threshold = new double[] {-1};
      assertThatThrownBy(() -> run(backend, net)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
