package io.tacet.eventprop;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.memory.DType;
import java.util.ArrayList;
import java.util.List;

/**
 * Arrivals that cause a spike so soon that in single precision its time rounds to their own: half a
 * nanosecond after 30 ms, where neighbouring floats are 1.9 apart. In double precision the times
 * differ, so gradients can be compared.
 */
final class TieCases {
  private static final double ARRIVAL = 30;
  private static final double WEIGHT = 4e7;

  private TieCases() {}

  /** Backward with and without the states between events: two ways on every backend. */
  static void check(Backend backend, Backend oracle) {
    for (boolean states : new boolean[] {false, true}) {
      for (Net net : nets()) {
        compare(
            net.run(backend, DType.FLOAT32, states, (k, n) -> n == net.neurons - 1 ? 1 : 0),
            net.run(oracle, DType.FLOAT64, states, (k, n) -> n == net.neurons - 1 ? 1 : 0));
      }
    }
  }

  private static void compare(Net.Result r, Net.Result exact) {
    assertThat(exact.times()).as("the double oracle does not tie").doesNotContain(ARRIVAL);
    assertThat(exact.inputErrors()[1])
        .as("all follows the strong input")
        .isEqualTo(1, within(1e-5));
    assertThat(r.units()).isEqualTo(exact.units());
    assertClose(r.times(), exact.times(), 1e-5);
    assertThat(r.times()).as("an effect is later than its cause").doesNotContain(ARRIVAL);
    assertClose(r.inputErrors(), exact.inputErrors(), 1e-5);
    // Proportional to the time between arrival and spike, which is rounded to a step of floats.
    int strong = r.inputWeights().length / 2;
    assertThat(r.inputWeights()[strong] / exact.inputWeights()[strong]).isBetween(0.5, 6.0);
    if (r.recurrentWeights() != null) {
      assertThat(r.recurrentWeights()[0] / exact.recurrentWeights()[0]).isBetween(0.5, 12.0);
    }
  }

  private static List<Net> nets() {
    List<Net> nets = new ArrayList<>();
    Net shared = layer(1);
    nets.add(shared);
    Net perNeuron = layer(1);
    perNeuron.inputDelays = new double[] {0, 0};
    nets.add(perNeuron);
    Net chain = layer(2);
    chain.inputWeights = new double[] {0.5, 0, WEIGHT, 0};
    chain.recurrentWeights = new double[] {Double.NaN, WEIGHT, Double.NaN, Double.NaN};
    nets.add(chain);
    return nets;
  }

  /** A weak input at 5 ms and a strong one; the reset allows each neuron one spike. */
  private static Net layer(int neurons) {
    Net net = new Net(2, neurons);
    net.duration = 60;
    net.reset = new double[] {-1e8};
    net.inputWeights = new double[] {0.5, WEIGHT};
    net.inputTimes = new double[][] {{5, ARRIVAL}};
    net.inputUnits = new int[][] {{0, 1}};
    return net;
  }
}
