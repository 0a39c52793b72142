package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.DenseSynapses;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Arguments that make no sense, and what every backend says about them. */
final class ErrorCases {
  private static final int BATCH = 2;
  private static final int NEURONS = 3;

  private final Backend backend;
  private final DType type;

  ErrorCases(Backend backend, DType type) {
    this.backend = backend;
    this.type = type;
  }

  /** Both simulators, with and without recurrence. */
  void simulations() {
    for (Simulator simulator : new Simulator[] {Simulator.exact(), Simulator.grid(0.5)}) {
      for (boolean recurrent : new boolean[] {false, true}) {
        notFinite(simulator, recurrent);
        badEvents(simulator, recurrent);
        badDelays(simulator, recurrent);
      }
    }
  }

  private static Net net(Simulator simulator, boolean recurrent) {
    Net net = new Net(2, NEURONS);
    net.simulator = simulator;
    net.duration = 30;
    net.inputWeights = new double[] {4, 5, 6, 3, 2, 1};
    net.inputTimes = new double[][] {{1, 2, 3}, {2}};
    net.inputUnits = new int[][] {{0, 1, 0}, {1}};
    if (recurrent) {
      net.recurrentWeights = new double[NEURONS * NEURONS];
      Arrays.fill(net.recurrentWeights, 0.5);
    }
    return net;
  }

  private void fails(Net net, Class<? extends Throwable> kind, String... words) {
    assertThatThrownBy(() -> net.run(backend, type, false, (k, n) -> 1))
        .isInstanceOf(kind)
        .hasMessageContainingAll(words);
  }

  private void notFinite(Simulator simulator, boolean recurrent) {
    for (double weight :
        new double[] {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
      Net net = net(simulator, recurrent);
      net.inputWeights[1] = weight;
      fails(net, ArithmeticException.class, "Sample 0", "not a finite number");
    }
  }

  private void badEvents(Simulator simulator, boolean recurrent) {
    for (int unit : new int[] {2, -1}) {
      Net net = net(simulator, recurrent);
      net.inputUnits[0][1] = unit;
      fails(net, IllegalArgumentException.class, "Sample 0", "number of sources");
    }
  }

  private void badDelays(Simulator simulator, boolean recurrent) {
    for (double delay : new double[] {-1, Double.NaN}) {
      Net perSource = net(simulator, recurrent);
      perSource.inputDelays = new double[] {0, delay};
      fails(perSource, IllegalArgumentException.class, "delays", "at least 0 ms");
      Net perSynapse = net(simulator, recurrent);
      perSynapse.inputDelays = new double[] {0, 1, 2, delay, 0, 0};
      fails(perSynapse, IllegalArgumentException.class, "delays", "at least 0 ms");
      if (recurrent) {
        Net among = net(simulator, true);
        among.recurrentDelays = new double[NEURONS * NEURONS];
        among.recurrentDelays[5] = delay;
        fails(among, IllegalArgumentException.class, "delays", "at least 0 ms");
      }
    }
  }

  private static void refuses(ThrowingCallable call, String argument) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(argument + ": expected")
        .hasMessageContaining("got");
  }

  /**
   * Arrays of another type or of another backend.
   *
   * @param stranger not the backend under test
   */
  void arrays(Backend stranger) {
    try (Resources open = new Resources()) {
      DenseSynapses synapses =
          open.own(new DenseSynapses(2, NEURONS, backend.allocate(type, 2, NEURONS), null));
      LifParameters lif = open.own(lif());
      LifLayer layer = new LifLayer(synapses, null, lif, 30);
      Spikes input = open.own(Spikes.inputs(backend, type, BATCH, 4));
      Spikes output = open.own(Spikes.outputs(backend, type, BATCH, 8));
      Spikes foreign = open.own(Spikes.outputs(stranger, type, BATCH, 8));
      DeviceArray kick = open.own(stranger.allocate(type, NEURONS));
      DeviceArray integers = open.own(backend.allocate(DType.INT32, NEURONS));
      LayerGradients none = LayerGradients.weights(null, null);
      refuses(() -> ExactEventProp.forward(layer, input, foreign), "output");
      refuses(() -> GridEventProp.forward(layer, 1, foreign, output), "input");
      refuses(() -> ExactEventProp.backward(layer, input, output, none, kick), "kick");
      refuses(() -> GridEventProp.backward(layer, 1, input, output, none, integers), "kick");
      readouts(synapses, lif, input, open.own(stranger.allocate(type, 2, NEURONS)));
    }
  }

  private LifParameters lif() {
    DeviceArray[] p = new DeviceArray[5];
    double[] values = {20, 5, 1, 0, 0};
    for (int k = 0; k < p.length; k++) {
      p[k] = backend.allocate(type, 1).copyFrom(new double[] {values[k]});
    }
    return new LifParameters(p[0], p[1], p[2], p[3], p[4]);
  }

  private void readouts(
      DenseSynapses synapses, LifParameters lif, Spikes input, DeviceArray foreign) {
    ReadoutLayer layer =
        new ReadoutLayer(synapses, lif.tauMem(), lif.tauSyn(), 30, ReadoutLayer.Reduction.MAX);
    try (Resources open = new Resources()) {
      DeviceArray values = open.own(backend.allocate(type, BATCH, NEURONS));
      DeviceArray integers = open.own(backend.allocate(DType.INT32, 2, NEURONS));
      refuses(() -> Readouts.forward(layer, input, foreign, values), "values");
      refuses(() -> Readouts.forward(layer, input, values, integers), "moments");
      refuses(() -> Readouts.backward(layer, input, values, values, foreign), "weights");
      refuses(() -> GridReadouts.backward(layer, 1, input, values, values, integers), "weights");
    }
  }

  /** Labels out of range, and losses that are no numbers of the right type. */
  void losses(Backend stranger) {
    try (Resources open = new Resources()) {
      Spikes output = open.own(Spikes.outputs(backend, type, BATCH, 4));
      output.set(new double[][] {{4, 5}, {6}}, new int[][] {{0, 2}, {1}});
      DeviceArray values = open.own(backend.allocate(type, BATCH, NEURONS));
      DeviceArray errors = open.own(backend.allocate(type, BATCH, NEURONS));
      DeviceArray losses = open.own(backend.allocate(type, BATCH));
      DeviceArray guess = open.own(backend.allocate(DType.INT32, BATCH));
      DeviceArray good = open.own(backend.of(new int[] {0, 2}));
      DeviceArray foreign = open.own(stranger.allocate(type, BATCH));
      FirstSpikeLoss loss = new FirstSpikeLoss(0.5, 6.4, 3e-3);
      for (int wrong : new int[] {3, -1}) {
        DeviceArray bad = open.own(backend.of(new int[] {1, wrong}));
        refuses(() -> Losses.firstSpike(loss, output, bad, 3, 30, losses, guess), "labels");
        refuses(() -> Losses.crossEntropy(values, bad, errors, losses, guess), "labels");
      }
      refuses(() -> Losses.firstSpike(loss, output, good, 3, 30, foreign, guess), "losses");
      refuses(() -> Losses.crossEntropy(values, good, errors, guess, guess), "losses");
      refuses(() -> Losses.crossEntropy(values, good, guess, losses, guess), "valueErrors");
      refuses(() -> Losses.firstSpike(loss, output, good, 0, 30, losses, guess), "classes");
    }
  }

  /** Neurons beyond the classes of a loss: no error, and no gradient. */
  void spikesBeyondTheClasses() {
    try (Resources open = new Resources()) {
      Spikes output = open.own(Spikes.outputs(backend, type, 1, 4));
      output.set(new double[][] {{3, 4, 5}}, new int[][] {{2, 0, 1}});
      DeviceArray losses = open.own(backend.allocate(type, 1));
      DeviceArray guess = open.own(backend.allocate(DType.INT32, 1));
      FirstSpikeLoss loss = new FirstSpikeLoss(0.5, 6.4, 3e-3);
      Losses.firstSpike(loss, output, open.own(backend.of(new int[] {1})), 2, 30, losses, guess);
      double[] errors = output.errors().toDoubles();
      assertThat(errors[0]).isZero();
      assertThat(errors[1]).isNegative();
      assertThat(errors[2]).isPositive();
      assertThat(guess.toInts()).containsExactly(0);
    }
  }
}
