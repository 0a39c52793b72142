package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.DenseSynapses;
import java.util.Arrays;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Invalid arguments, and the errors that every backend gives for them. */
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
        badTimes(simulator, recurrent);
        badCounts(simulator, recurrent);
        badDelays(simulator, recurrent);
        badParameters(simulator, recurrent);
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
      fails(
          net,
          ArithmeticException.class,
          "Sample 0",
          "not a finite number",
          "synapse 1",
          "" + weight);
    }
  }

  private void badEvents(Simulator simulator, boolean recurrent) {
    for (int unit : new int[] {2, -1}) {
      Net net = net(simulator, recurrent);
      net.inputUnits[0][1] = unit;
      fails(
          net,
          IllegalArgumentException.class,
          "Sample 0, input event 1",
          "number of sources",
          "got " + unit);
    }
  }

  /** What a caller may write into the arrays of input events himself. */
  private void spoiled(
      Simulator simulator, boolean recurrent, int[] counts, double[] times, String... words) {
    try (Resources open = new Resources()) {
      Net net = net(simulator, recurrent);
      LifLayer layer = net.layer(backend, type, open);
      Spikes input =
          open.own(Spikes.inputs(backend, type, BATCH, 3).set(net.inputTimes, net.inputUnits));
      input.counts().copyFrom(counts);
      input.times().copyFrom(times);
      Spikes output = open.own(Spikes.outputs(backend, type, BATCH, 256));
      assertThatThrownBy(() -> simulator.forwardGrowing(layer, input, output))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(words);
      simulator.forward(layer, input, output);
      assertThatThrownBy(() -> ExactEventProp.check(output))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(words[0].substring(0, 8));
      ReadoutLayer readout =
          new ReadoutLayer(
              layer.input(), layer.lif().tauMem(), layer.lif().tauSyn(), 30, Reduction.SUM);
      DeviceArray values = open.own(backend.allocate(type, BATCH, NEURONS));
      assertThatThrownBy(() -> simulator.readoutForward(readout, input, values, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(words);
    }
  }

  private double rounded(double value) {
    return type == DType.FLOAT32 ? (float) value : value;
  }

  private void badTimes(Simulator simulator, boolean recurrent) {
    int[] counts = {3, 3};
    for (double time :
        new double[] {
          -1, -1e-30, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1.5
        }) {
      // The third is before the second in any case.
      spoiled(
          simulator,
          recurrent,
          counts,
          new double[] {0, 1, 2, 1, 2, time},
          "Sample 1, input event 2",
          "time of at least 2.0 ms",
          "got " + rounded(time));
    }
    spoiled(
        simulator,
        recurrent,
        counts,
        new double[] {-2, 1, 2, 0, 0, 0},
        "Sample 0, input event 0",
        "got -2.0");
    spoiled(
        simulator,
        recurrent,
        counts,
        new double[] {0, 1, 2, 1, Double.NaN, 5},
        "Sample 1, input event 1",
        "got NaN");
    assertThatThrownBy(
            () -> {
              Net net = net(simulator, recurrent);
              net.inputTimes[0][2] = Double.POSITIVE_INFINITY;
              net.run(backend, type, false, (k, n) -> 1);
            })
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Sample 0, input event 2", "got Infinity");
  }

  private void badCounts(Simulator simulator, boolean recurrent) {
    for (int count : new int[] {-1, 4}) {
      spoiled(
          simulator,
          recurrent,
          new int[] {3, count},
          new double[] {0, 1, 2, 0, 1, 2},
          "Sample 1: expected 0 to 3 input events",
          "got a count of " + count);
    }
  }

  private void badParameters(Simulator simulator, boolean recurrent) {
    double infinity = Double.POSITIVE_INFINITY;
    for (double value : new double[] {0, -1, Double.NaN, infinity, 1e-30, 1e30}) {
      Net membrane = net(simulator, recurrent);
      membrane.tauMem = new double[] {20, 20, value};
      fails(membrane, IllegalArgumentException.class, "neuron 2", "tauMem " + rounded(value));
      Net synapse = net(simulator, recurrent);
      synapse.tauSyn = new double[] {5, value, 5};
      fails(synapse, IllegalArgumentException.class, "neuron 1", "tauSyn " + rounded(value));
    }
    for (double value : new double[] {0, -1, Double.NaN, infinity}) {
      Net threshold = net(simulator, recurrent);
      threshold.threshold = new double[] {value, 1, 1};
      fails(threshold, IllegalArgumentException.class, "neuron 0", "threshold " + value);
    }
    for (double value : new double[] {1, Double.NaN, infinity, -infinity}) {
      Net reset = net(simulator, recurrent);
      reset.reset = new double[] {0, 0, value};
      fails(reset, IllegalArgumentException.class, "neuron 2", "reset " + value);
    }
    for (double value : new double[] {Double.NaN, infinity, -infinity}) {
      Net bias = net(simulator, recurrent);
      bias.bias = new double[] {value};
      fails(bias, IllegalArgumentException.class, "neuron 0", "bias " + value);
    }
  }

  private void badDelays(Simulator simulator, boolean recurrent) {
    for (double delay : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      Net perSource = net(simulator, recurrent);
      perSource.inputDelays = new double[] {0, delay};
      fails(perSource, IllegalArgumentException.class, "delays", "at least 0 ms", "" + delay);
      Net perSynapse = net(simulator, recurrent);
      perSynapse.inputDelays = new double[] {0, 1, 2, delay, 0, 0};
      fails(perSynapse, IllegalArgumentException.class, "delays", "at least 0 ms", "" + delay);
      if (recurrent) {
        Net among = net(simulator, true);
        among.recurrentDelays = new double[NEURONS * NEURONS];
        among.recurrentDelays[5] = delay;
        fails(among, IllegalArgumentException.class, "delays", "at least 0 ms", "" + delay);
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
    ReadoutLayer layer = new ReadoutLayer(synapses, lif.tauMem(), lif.tauSyn(), 30, Reduction.MAX);
    try (Resources open = new Resources()) {
      DeviceArray values = open.own(backend.allocate(type, BATCH, NEURONS));
      DeviceArray integers = open.own(backend.allocate(DType.INT32, 2, NEURONS));
      refuses(() -> Readouts.forward(layer, input, foreign, values), "values");
      refuses(() -> Readouts.forward(layer, input, values, integers), "peakTimes");
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
