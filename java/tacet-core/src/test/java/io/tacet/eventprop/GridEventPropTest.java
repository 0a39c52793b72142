package io.tacet.eventprop;

import static io.tacet.eventprop.FiniteDifferences.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The grid simulator against the exact one. */
class GridEventPropTest {
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

  @Test
  void gradientErrorFallsLinearlyWithTheStep() {
    List<GridError.Row> rows = GridError.measure(java, 40, 1, 1, 0.1, 0.01, 0.001);
    double[] median = rows.stream().mapToDouble(GridError.Row::median).toArray();
    assertThat(median[0]).isLessThan(1);
    assertThat(median[1]).isLessThan(0.1);
    assertThat(median[0] / median[1]).isGreaterThan(5);
    for (int r = 1; r < 3; r++) {
      assertThat(median[r] / median[r + 1]).isBetween(7.0, 14.0);
      // A spike waits half a step on average.
      assertThat(rows.get(r).lateness())
          .isCloseTo(0.5 * rows.get(r).dt(), within(0.1 * rows.get(r).dt()));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void spikeTimesConvergeToExactOnes(long seed) {
    Net net = RandomNets.recurrent(java, seed);
    Net.Result exact = net.run(java, DType.FLOAT64, true, RandomNets.LOSS);
    double coarse = distance(net, exact, 0x1p-8);
    double fine = distance(net, exact, 0x1p-12);
    assertThat(fine).isLessThan(0.15 * coarse).isLessThan(0.05);
  }

  private static double distance(Net net, Net.Result exact, double dt) {
    net.simulator = Simulator.grid(dt);
    Net.Result grid = net.run(java, DType.FLOAT64, false, RandomNets.LOSS);
    assertThat(grid.times()).hasSameSizeAs(exact.times());
    double sum = 0;
    for (int k = 0; k < exact.times().length; k++) {
      sum += Math.abs(grid.times()[k] - exact.times()[k]);
    }
    return sum / exact.times().length;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void allGradientsConvergeToExactOnes(long seed) {
    Net net = RandomNets.recurrent(java, seed);
    Net.Result exact = net.run(java, DType.FLOAT64, true, RandomNets.LOSS);
    net.simulator = Simulator.grid(0x1p-12);
    Net.Result grid = net.run(java, DType.FLOAT64, true, RandomNets.LOSS);
    assertClose(grid.inputWeights(), exact.inputWeights(), 0.1);
    assertClose(grid.inputDelays(), exact.inputDelays(), 0.1);
    assertClose(grid.recurrentWeights(), exact.recurrentWeights(), 0.1);
    assertClose(grid.recurrentDelays(), exact.recurrentDelays(), 0.1);
    assertClose(grid.tauMem(), exact.tauMem(), 0.1);
    assertClose(grid.tauSyn(), exact.tauSyn(), 0.1);
    assertClose(grid.threshold(), exact.threshold(), 0.1);
    assertClose(grid.reset(), exact.reset(), 0.1);
    assertClose(grid.bias(), exact.bias(), 0.1);
    assertClose(grid.inputErrors(), exact.inputErrors(), 0.1);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void theAdjointOfTheStepsIsThatOfTheEventsAtTheirSteps(long seed) {
    double dt = 0.125;
    Net net = onGrid(RandomNets.recurrent(java, seed), dt);
    net.simulator = Simulator.grid(dt);
    Net.Result grid = net.run(java, DType.FLOAT64, true, RandomNets.LOSS);
    net.adjoint = Simulator.exact();
    Net.Result exact = net.run(java, DType.FLOAT64, true, RandomNets.LOSS);
    assertThat(grid.times().length).isGreaterThan(10);
    double tolerance = 1e-11;
    assertClose(grid.inputErrors(), exact.inputErrors(), tolerance);
    assertClose(grid.inputWeights(), exact.inputWeights(), tolerance);
    assertClose(grid.inputDelays(), exact.inputDelays(), tolerance);
    assertClose(grid.recurrentWeights(), exact.recurrentWeights(), tolerance);
    assertClose(grid.recurrentDelays(), exact.recurrentDelays(), tolerance);
    assertClose(grid.tauMem(), exact.tauMem(), tolerance);
    assertClose(grid.tauSyn(), exact.tauSyn(), tolerance);
    assertClose(grid.threshold(), exact.threshold(), tolerance);
    assertClose(grid.reset(), exact.reset(), tolerance);
    assertClose(grid.bias(), exact.bias(), tolerance);
  }

  private static Net onGrid(Net net, double dt) {
    for (double[] times :
        new double[][] {net.inputTimes[0], net.inputDelays, net.recurrentDelays}) {
      for (int k = 0; k < times.length; k++) {
        times[k] = Math.rint(times[k] / dt) * dt;
      }
    }
    return net;
  }

  @Test
  void delaysPerSourceAreThoseOfAllItsSynapses() {
    Net net = RandomNets.feedForward(31);
    net.simulator = Simulator.grid(0.25);
    net.inputDelays = new double[] {0, 1, 2.5, 0, 4};
    Net.Result perSource = net.run(java, DType.FLOAT64, true, RandomNets.LOSS);
    double[] perSynapse = new double[net.inputs * net.neurons];
    for (int s = 0; s < perSynapse.length; s++) {
      perSynapse[s] = net.inputDelays[s / net.neurons];
    }
    net.inputDelays = perSynapse;
    Net.Result r = net.run(java, DType.FLOAT64, true, RandomNets.LOSS);
    assertClose(r.times(), perSource.times());
    assertClose(r.inputWeights(), perSource.inputWeights());
    double[] summed = new double[net.inputs];
    for (int s = 0; s < perSynapse.length; s++) {
      summed[s / net.neurons] += r.inputDelays()[s];
    }
    assertClose(summed, perSource.inputDelays());
  }

  @Test
  void singlePrecisionFollowsDoublePrecision() {
    Net net = onGrid(RandomNets.recurrent(java, 3), 0.125);
    net.simulator = Simulator.grid(0.125);
    Net.Result wide = net.run(java, DType.FLOAT64, true, RandomNets.LOSS);
    Net.Result narrow = net.run(java, DType.FLOAT32, true, RandomNets.LOSS);
    assertThat(narrow.times()).isEqualTo(wide.times());
    assertClose(narrow.inputWeights(), wide.inputWeights(), 1e-3);
    assertClose(narrow.recurrentDelays(), wide.recurrentDelays(), 1e-3);
    assertClose(narrow.tauMem(), wide.tauMem(), 1e-3);
    assertClose(narrow.tauSyn(), wide.tauSyn(), 1e-3);
  }

  @Test
  void aStepThatIsNotPositiveOrTooShortIsRefused() {
    assertThatThrownBy(() -> Simulator.grid(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("dt");
    assertThatThrownBy(() -> new TimeGrid(1e-9).steps(100)).hasMessageContaining("dt");
    assertThatThrownBy(() -> new TimeGrid(1000).steps(100)).hasMessageContaining("dt");
  }
}
