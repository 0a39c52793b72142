package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.memory.DType;
import java.util.Arrays;
import java.util.SplittableRandom;

/** Layers of fixed fan-out give what the same synapses in compressed rows give, bit for bit. */
final class FanOutCases {
  private static final int INPUTS = 4;
  private static final int NEURONS = 12;
  private static final int FAN_OUT = 5;

  private FanOutCases() {}

  static void check(Backend backend, DType type) {
    for (Simulator simulator : new Simulator[] {Simulator.exact(), Simulator.grid(0.5)}) {
      for (boolean recurrent : new boolean[] {false, true}) {
        for (boolean delayed : new boolean[] {false, true}) {
          Net net = net(recurrent, delayed);
          net.simulator = simulator;
          compare(net, backend, type);
        }
      }
    }
  }

  private static void compare(Net net, Backend backend, DType type) {
    for (boolean states : new boolean[] {false, true}) {
      net.inputLayout = Net.Layout.NARROW;
      net.recurrentLayout = Net.Layout.NARROW;
      Net.Result rows = net.run(backend, type, states, RandomNets.LOSS);
      net.inputLayout = Net.Layout.FAN_OUT;
      net.recurrentLayout = Net.Layout.FAN_OUT;
      Net.Result fanOut = net.run(backend, type, states, RandomNets.LOSS);
      assertThat(rows.times().length).isGreaterThan(5);
      assertThat(fanOut).usingRecursiveComparison().isEqualTo(rows);
    }
  }

  private static Net net(boolean recurrent, boolean delayed) {
    SplittableRandom random = new SplittableRandom(12);
    Net net = new Net(INPUTS, NEURONS);
    net.duration = 60;
    net.inputWeights = rows(INPUTS, 2, 6, random);
    if (delayed) {
      net.inputDelays = random.doubles(net.inputWeights.length, 0, 4).toArray();
    }
    if (recurrent) {
      net.recurrentWeights = rows(NEURONS, -1, 1.5, random);
      net.recurrentDelays = delayed ? random.doubles(NEURONS, 0, 4).toArray() : null;
    }
    RandomNets.setInputs(net, random, 2, 12);
    return net;
  }

  /** Dense rows in which all but a few synapses of each source are missing. */
  private static double[] rows(int sources, double low, double high, SplittableRandom random) {
    double[] weights = new double[sources * NEURONS];
    Arrays.fill(weights, Double.NaN);
    for (int i = 0; i < sources; i++) {
      for (int k = 0; k < FAN_OUT; k++) {
        weights[i * NEURONS + (i + 7 * k) % NEURONS] = random.nextDouble(low, high);
      }
    }
    return weights;
  }
}
