package io.tacet.eventprop;

import static io.tacet.eventprop.FiniteDifferences.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What both simulators must not depend on: the batch, the order of neurons, the threads. */
class SimulatorPropertiesTest {
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

  static Stream<Simulator> simulators() {
    return Stream.of(Simulator.exact(), Simulator.grid(0.125));
  }

  private static Net net(Simulator simulator, int batch) {
    Net net = RandomNets.recurrent(java, 17);
    net.simulator = simulator;
    RandomNets.setInputs(net, new SplittableRandom(4), batch, 12);
    return net;
  }

  private static Net.Result run(Net net) {
    return net.run(java, DType.FLOAT64, true, RandomNets.LOSS);
  }

  @ParameterizedTest
  @MethodSource("simulators")
  void aBatchEqualsItsSamplesRunAlone(Simulator simulator) {
    int batch = 37;
    Net net = net(simulator, batch);
    double[][] together = run(net).gradients();
    double[][] sum = new double[together.length][];
    double[][] times = net.inputTimes;
    int[][] units = net.inputUnits;
    for (int b = 0; b < batch; b++) {
      net.inputTimes = new double[][] {times[b]};
      net.inputUnits = new int[][] {units[b]};
      Net.Result alone = run(net);
      // The same sample at another place of a batch.
      net.inputTimes = new double[][] {times[b], times[(b + 1) % batch]};
      net.inputUnits = new int[][] {units[b], units[(b + 1) % batch]};
      Net.Result first = run(net);
      assertThat(first.times()).isEqualTo(alone.times());
      assertThat(first.slopes()).isEqualTo(alone.slopes());
      assertThat(first.inputErrors()).isEqualTo(alone.inputErrors());
      double[][] g = alone.gradients();
      for (int kind = 0; kind < g.length; kind++) {
        if (sum[kind] == null) {
          sum[kind] = new double[g[kind].length];
        }
        for (int p = 0; p < g[kind].length; p++) {
          sum[kind][p] += g[kind][p];
        }
      }
    }
    for (int kind = 0; kind < sum.length; kind++) {
      assertClose(together[kind], sum[kind], 1e-12);
    }
  }

  @ParameterizedTest
  @MethodSource("simulators")
  void aSecondRunAndAnotherNumberOfThreadsAreBitIdentical(Simulator simulator) {
    Net net = net(simulator, 37);
    Net.Result first = run(net);
    try (JavaBackend alone = new JavaBackend(1);
        JavaBackend many = new JavaBackend(5)) {
      for (JavaBackend backend : new JavaBackend[] {java, alone, many}) {
        Net.Result again = net.run(backend, DType.FLOAT64, true, RandomNets.LOSS);
        assertThat(again.times()).isEqualTo(first.times());
        assertThat(again.gradients()).isDeepEqualTo(first.gradients());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("simulators")
  void permutingNeuronsPermutesGradients(Simulator simulator) {
    Net net = net(simulator, 2);
    Net.TimeLoss flat = (k, n) -> 1;
    Net.Result r = net.run(java, DType.FLOAT64, true, flat);
    int n = net.neurons;
    int[] to = new int[n];
    for (int k = 0; k < n; k++) {
      to[k] = (3 * k + 1) % n == k || n % 3 == 0 ? (k + 2) % n : (3 * k + 1) % n;
    }
    if (Arrays.stream(to).distinct().count() < n) {
      for (int k = 0; k < n; k++) {
        to[k] = (k + 2) % n;
      }
    }
    Net turned = net(simulator, 2);
    for (int k = 0; k < n; k++) {
      turned.tauMem[to[k]] = net.tauMem[k];
      turned.tauSyn[to[k]] = net.tauSyn[k];
      turned.threshold[to[k]] = net.threshold[k];
      turned.reset[to[k]] = net.reset[k];
      turned.bias[to[k]] = net.bias[k];
      for (int i = 0; i < net.inputs; i++) {
        turned.inputWeights[i * n + to[k]] = net.inputWeights[i * n + k];
        turned.inputDelays[i * n + to[k]] = net.inputDelays[i * n + k];
      }
      for (int j = 0; j < n; j++) {
        turned.recurrentWeights[to[k] * n + to[j]] = net.recurrentWeights[k * n + j];
        turned.recurrentDelays[to[k] * n + to[j]] = net.recurrentDelays[k * n + j];
      }
    }
    Net.Result t = turned.run(java, DType.FLOAT64, true, flat);
    assertClose(t.times(), r.times());
    assertClose(t.inputErrors(), r.inputErrors(), 1e-9);
    double[] expected = new double[n];
    double[] weights = new double[net.inputs * n];
    for (int k = 0; k < n; k++) {
      expected[to[k]] = r.tauMem()[k];
      for (int i = 0; i < net.inputs; i++) {
        weights[i * n + to[k]] = r.inputWeights()[i * n + k];
      }
    }
    assertClose(t.tauMem(), expected, 1e-9);
    assertClose(t.inputWeights(), weights, 1e-9);
  }
}
