package io.tacet.cuda;

import io.tacet.Backend;
import io.tacet.eventprop.ExactEventProp;
import io.tacet.eventprop.FirstSpikeLoss;
import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.LifParameters;
import io.tacet.eventprop.Losses;
import io.tacet.eventprop.ReadoutLayer;
import io.tacet.eventprop.Readouts;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.Delays;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.FixedFanOutSynapses;
import io.tacet.sparse.Synapses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** A spiking layer with a read-out above it, other numbers and patterns for each replica. */
final class SpikingReplica {
  private static final int SOURCES = 4;
  private static final int NEURONS = 6;
  private static final int EVENTS = 5;
  private static final double DURATION = 30;

  /** What layer. */
  enum Kind {
    /** A delay for each source; parameters that neurons share, gradients of weights and jumps. */
    FEED_FORWARD,
    /** Parameters of each neuron, and all their gradients. */
    EACH_NEURON,
    /** Dense recurrence with delays. */
    RECURRENT,
    /** Other patterns in both directions, a delay for each synapse of the input. */
    COMPRESSED,
    /** Rows of one length. */
    FAN_OUT
  }

  private final Backend backend;
  private final Kind kind;
  private final int batch;
  private final SplittableRandom random;
  private int fanOut = 3;

  SpikingReplica(Backend backend, Kind kind, int replica, int batch) {
    this.backend = backend;
    this.kind = kind;
    this.batch = batch;
    this.random = new SplittableRandom(1000 + replica);
  }

  /** Of compressed rows. */
  SpikingReplica fanOut(int fanOut) {
    this.fanOut = fanOut;
    return this;
  }

  private DeviceArray real(Resources own, double low, double high, long... shape) {
    DeviceArray array = own.own(backend.allocate(DType.FLOAT32, shape));
    return array.copyFrom(random.doubles(array.length(), low, high).toArray());
  }

  private DeviceArray room(Resources own, DeviceArray like) {
    return like == null ? null : own.own(backend.allocate(DType.FLOAT32, like.shape()));
  }

  private DeviceArray parameter(Resources own, double value, double spread) {
    return real(own, value - spread, value + spread + 1e-9, kind == Kind.EACH_NEURON ? NEURONS : 1);
  }

  /** Ascending targets of each row, other ones in each. */
  private int[] indices(int sources, int targets) {
    return IntStream.range(0, sources)
        .flatMap(
            source -> {
              List<Integer> left = new ArrayList<>(IntStream.range(0, targets).boxed().toList());
              while (left.size() > fanOut) {
                left.remove(random.nextInt(left.size()));
              }
              return left.stream().mapToInt(i -> i);
            })
        .toArray();
  }

  private Synapses synapses(
      Resources own, int sources, double low, double high, Delays.Kind delayed) {
    boolean dense = kind != Kind.COMPRESSED && kind != Kind.FAN_OUT;
    int count = sources * (dense ? NEURONS : fanOut);
    DeviceArray weights = real(own, low, high, count);
    Delays delays =
        delayed == null
            ? null
            : new Delays(
                delayed, real(own, 0.5, 4, delayed == Delays.Kind.PER_SOURCE ? sources : count));
    if (dense) {
      return new DenseSynapses(sources, NEURONS, weights, delays);
    }
    int[] targets = indices(sources, NEURONS);
    short[] narrow = new short[targets.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (short) targets[i];
    }
    DeviceArray indices = own.own(backend.allocate(DType.UINT16, count)).copyFrom(narrow);
    if (kind == Kind.FAN_OUT) {
      return new FixedFanOutSynapses(sources, NEURONS, fanOut, indices, weights, delays);
    }
    int[] offsets = IntStream.rangeClosed(0, sources).map(i -> i * fanOut).toArray();
    return new CsrSynapses(
        sources, NEURONS, own.own(backend.of(offsets)), indices, weights, delays);
  }

  private LifLayer layer(Resources own) {
    Delays.Kind delayed =
        kind == Kind.COMPRESSED
            ? Delays.Kind.PER_SYNAPSE
            : kind == Kind.FEED_FORWARD ? Delays.Kind.PER_SOURCE : null;
    boolean recurs = kind == Kind.RECURRENT || kind == Kind.COMPRESSED;
    Synapses input = synapses(own, SOURCES, 0.5, 3, delayed);
    Synapses recurrent = recurs ? synapses(own, NEURONS, -1, 0.8, Delays.Kind.PER_SOURCE) : null;
    return new LifLayer(
        input,
        recurrent,
        new LifParameters(
            parameter(own, 20, 2),
            parameter(own, 5, 1),
            parameter(own, 1, 0.2),
            parameter(own, 0, 0.2),
            parameter(own, 0, 0.1)),
        DURATION);
  }

  private Spikes input(Resources own) {
    double[][] times = new double[batch][];
    int[][] units = new int[batch][];
    for (int b = 0; b < batch; b++) {
      times[b] = random.doubles(EVENTS, 0, DURATION * 2 / 3).sorted().toArray();
      units[b] = random.ints(EVENTS, 0, SOURCES).toArray();
    }
    return own.own(Spikes.inputsWithErrors(backend, DType.FLOAT32, batch, EVENTS))
        .set(times, units);
  }

  private LayerGradients gradients(Resources own, LifLayer layer) {
    Synapses recurrent = layer.recurrent();
    LifParameters lif = layer.lif();
    boolean states = kind != Kind.FEED_FORWARD && kind != Kind.FAN_OUT;
    return new LayerGradients(
        room(own, layer.input().weights()),
        layer.input().delays() == null ? null : room(own, layer.input().delays().values()),
        recurrent == null ? null : room(own, recurrent.weights()),
        recurrent == null ? null : room(own, recurrent.delays().values()),
        states ? room(own, lif.tauMem()) : null,
        states ? room(own, lif.tauSyn()) : null,
        room(own, lif.threshold()),
        room(own, lif.reset()),
        states ? room(own, lif.bias()) : null);
  }

  /** Spikes of a pass with so much room; what it had to grow to. */
  int grownCapacity(int capacity) {
    try (Resources own = new Resources()) {
      LifLayer layer = layer(own);
      Spikes out = Spikes.outputs(backend, DType.FLOAT32, batch, capacity);
      out = own.own(ExactEventProp.forwardGrowing(layer, input(own), out));
      return out.capacity();
    }
  }

  int largestCount(int capacity) {
    try (Resources own = new Resources()) {
      LifLayer layer = layer(own);
      Spikes out = own.own(Spikes.outputs(backend, DType.FLOAT32, batch, capacity));
      ExactEventProp.forward(layer, input(own), out);
      return out.largestCount();
    }
  }

  /** Two passes with their adjoints, below each reduction, and below the loss of first spikes. */
  double[] run(int capacity) {
    List<Double> results = new ArrayList<>();
    try (Resources own = new Resources()) {
      LifLayer layer = layer(own);
      Spikes in = input(own);
      Spikes out =
          own.own(
              ExactEventProp.forwardGrowing(
                  layer, in, Spikes.outputs(backend, DType.FLOAT32, batch, capacity)));
      LayerGradients gradients = gradients(own, layer);
      DeviceArray kick = real(own, -0.01, 0.01, NEURONS);
      DeviceArray readWeights = real(own, -1, 1, NEURONS, 3);
      DeviceArray readGradient = room(own, readWeights);
      DeviceArray tauMem = real(own, 10, 20, 1);
      DeviceArray tauSyn = real(own, 3, 6, 1);
      DeviceArray labels = own.own(backend.of(random.ints(batch, 0, 3).toArray()));
      DeviceArray values = own.own(backend.allocate(DType.FLOAT32, batch, 3));
      DeviceArray peaks = room(own, values);
      DeviceArray errors = room(own, values);
      DeviceArray losses = own.own(backend.allocate(DType.FLOAT32, batch));
      DeviceArray predicted = own.own(backend.allocate(DType.INT32, batch));
      int[] known = labels.toInts();
      for (ReadoutLayer.Reduction reduction : ReadoutLayer.Reduction.values()) {
        ReadoutLayer readout =
            new ReadoutLayer(
                new DenseSynapses(NEURONS, 3, readWeights, null),
                tauMem,
                tauSyn,
                DURATION,
                reduction);
        Readouts.forward(readout, out, values, peaks);
        Losses.crossEntropy(values, labels, known, errors, losses, predicted);
        Readouts.backward(readout, out, errors, peaks, readGradient);
        ExactEventProp.backward(layer, in, out, gradients, kick);
        add(results, values, losses, readGradient);
        add(results, predicted);
        stored(results, in.errors(), in);
      }
      Losses.firstSpike(
          new FirstSpikeLoss(1, 10, 0.01), out, labels, known, 3, DURATION, losses, predicted);
      ExactEventProp.backward(layer, in, out, gradients, null);
      add(results, losses);
      add(results, predicted);
      stored(results, out.times(), out);
      stored(results, out.slopes(), out);
      stored(results, out.errors(), out);
      stored(results, in.errors(), in);
      add(results, gradients.arrays().toArray(DeviceArray[]::new));
    }
    return results.stream().mapToDouble(x -> x).toArray();
  }

  private static void add(List<Double> results, DeviceArray... arrays) {
    for (DeviceArray array : arrays) {
      if (array.type() == DType.INT32) {
        Arrays.stream(array.toInts()).forEach(i -> results.add((double) i));
      } else {
        Arrays.stream(array.toDoubles()).forEach(results::add);
      }
    }
  }

  /** Of the events that there are. */
  private static void stored(List<Double> results, DeviceArray array, Spikes of) {
    int[] counts = of.counts().toInts();
    double[] values = array.toDoubles();
    for (int b = 0; b < counts.length; b++) {
      for (int k = 0; k < counts[b]; k++) {
        results.add(values[b * of.capacity() + k]);
      }
    }
  }
}
