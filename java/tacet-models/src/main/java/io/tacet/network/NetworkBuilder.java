package io.tacet.network;

import io.tacet.Backend;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.network.NetworkSpec.Kind;
import io.tacet.network.NetworkSpec.LayerSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.SplittableRandom;

/** Collects layers; see {@link Network#on}. */
public final class NetworkBuilder {
  private record Draft(LayerSpec spec, Lif lif, Connection input, Connection recurrent) {}

  private final Backend backend;
  private final List<Draft> drafts = new ArrayList<>();
  private int sources;
  private double duration = 60;
  private DType precision = DType.FLOAT32;
  private Simulator simulator = Simulator.exact();

  NetworkBuilder(Backend backend) {
    this.backend = backend;
  }

  /** Number of input channels. */
  public NetworkBuilder spikes(int channels) {
    if (channels <= 0) {
      throw new IllegalArgumentException(
          "channels: expected a positive number, got " + channels + ".");
    }
    sources = channels;
    return this;
  }

  /** End of the simulation in ms; 60 unless set. */
  public NetworkBuilder duration(double ms) {
    duration = ms;
    return this;
  }

  /** FLOAT32 unless set; FLOAT64 on the java backend only. */
  public NetworkBuilder precision(DType type) {
    precision = type;
    return this;
  }

  /** Exact unless set. */
  public NetworkBuilder simulator(Simulator chosen) {
    simulator = chosen;
    return this;
  }

  /** A feed-forward spiking layer, reached from every neuron of the layer below. */
  public NetworkBuilder lif(int neurons, Lif lif, Weights weights) {
    return lif(neurons, lif, Connection.dense(weights), null);
  }

  /** A feed-forward spiking layer. */
  public NetworkBuilder lif(int neurons, Lif lif, Connection input) {
    return lif(neurons, lif, input, null);
  }

  /** A spiking layer with recurrent synapses, or without if {@code recurrent} is null. */
  public NetworkBuilder lif(int neurons, Lif lif, Connection input, Connection recurrent) {
    EnumSet<Trainable> trainable = EnumSet.noneOf(Trainable.class);
    trainable.addAll(lif.trainable());
    if (input.learnedDelays()) {
      trainable.add(Trainable.INPUT_DELAYS);
    }
    if (recurrent != null && recurrent.learnedDelays()) {
      trainable.add(Trainable.RECURRENT_DELAYS);
    }
    LayerSpec spec =
        new LayerSpec(
            Kind.LIF,
            positive(neurons),
            input.density() < 1,
            input.delayed(),
            recurrent != null,
            recurrent != null && recurrent.density() < 1,
            recurrent != null && recurrent.delayed(),
            null,
            List.copyOf(trainable));
    drafts.add(new Draft(spec, lif, input, recurrent));
    return this;
  }

  /** Non-spiking outputs, read out by {@code reduction}; the last layer only. */
  public NetworkBuilder readout(
      int outputs, double tauMem, double tauSyn, Weights weights, Reduction reduction) {
    LayerSpec spec =
        new LayerSpec(
            Kind.READOUT,
            positive(outputs),
            false,
            false,
            false,
            false,
            false,
            reduction,
            List.of());
    drafts.add(new Draft(spec, Lif.tau(tauMem, tauSyn), Connection.dense(weights), null));
    return this;
  }

  private static int positive(int neurons) {
    if (neurons <= 0) {
      throw new IllegalArgumentException(
          "neurons: expected a positive number, got " + neurons + ".");
    }
    return neurons;
  }

  /** A network with weights drawn from the seed, the same on every backend. */
  public Network build(long seed) {
    if (sources == 0 || drafts.isEmpty()) {
      throw new IllegalStateException(
          "A network needs spikes(channels) and at least one layer before build(seed).");
    }
    for (int k = 0; k + 1 < drafts.size(); k++) {
      if (drafts.get(k).spec().kind() == Kind.READOUT) {
        throw new IllegalStateException(
            "readout: expected as the last layer, got one as layer "
                + k
                + " of "
                + drafts.size()
                + ".");
      }
    }
    SplittableRandom random = new SplittableRandom(seed);
    Numbers numbers = new Numbers();
    List<LayerSpec> specs = new ArrayList<>();
    int below = sources;
    for (int k = 0; k < drafts.size(); k++) {
      Draft draft = drafts.get(k);
      String name = Network.layerName(k);
      int neurons = draft.spec().neurons();
      connect(numbers, name + ".", below, neurons, draft.input(), random.split());
      if (draft.recurrent() != null) {
        connect(numbers, name + ".recurrent.", neurons, neurons, draft.recurrent(), random.split());
      }
      Lif lif = draft.lif();
      LayerSpec spec = draft.spec();
      put(numbers, name + ".tauMem", lif.tauMem(), spec, Trainable.TAU_MEM);
      put(numbers, name + ".tauSyn", lif.tauSyn(), spec, Trainable.TAU_SYN);
      put(numbers, name + ".threshold", lif.threshold(), spec, Trainable.THRESHOLD);
      put(numbers, name + ".reset", lif.reset(), spec, Trainable.RESET);
      put(numbers, name + ".bias", lif.bias(), spec, Trainable.BIAS);
      specs.add(spec);
      below = neurons;
    }
    return new Network(
        backend,
        new NetworkSpec(sources, duration, precision, simulator, List.copyOf(specs)),
        numbers);
  }

  private static void put(
      Numbers numbers, String name, double value, LayerSpec spec, Trainable trainable) {
    double[] values = new double[spec.trains(trainable) ? spec.neurons() : 1];
    Arrays.fill(values, value);
    numbers.reals.put(name, values);
  }

  private static void connect(
      Numbers numbers,
      String prefix,
      int from,
      int to,
      Connection connection,
      SplittableRandom random) {
    double fanIn = from * connection.density();
    int synapses;
    if (connection.density() < 1) {
      int[] offsets = new int[from + 1];
      int[] indices = new int[1024];
      int count = 0;
      for (int i = 0; i < from; i++) {
        for (int m = 0; m < to; m++) {
          if (random.nextDouble() < connection.density()) {
            if (count == indices.length) {
              indices = Arrays.copyOf(indices, 2 * count);
            }
            indices[count++] = m;
          }
        }
        offsets[i + 1] = count;
      }
      synapses = count;
      if (count == 0) {
        throw new IllegalArgumentException(
            "density: expected at least one synapse between "
                + from
                + " and "
                + to
                + " neurons, drew none at "
                + connection.density()
                + ".");
      }
      numbers.integers.put(prefix + "offsets", offsets);
      numbers.integers.put(prefix + "indices", Arrays.copyOf(indices, count));
    } else {
      synapses = Math.multiplyExact(from, to);
    }
    double[] weights = new double[synapses];
    for (int s = 0; s < synapses; s++) {
      weights[s] = connection.weights().draw(random, fanIn);
    }
    numbers.reals.put(prefix + "weights", weights);
    if (connection.delayed()) {
      double[] delays = new double[synapses];
      for (int s = 0; s < synapses; s++) {
        delays[s] =
            connection.delayLow()
                + (connection.delayHigh() - connection.delayLow()) * random.nextDouble();
      }
      numbers.reals.put(prefix + "delays", delays);
    }
  }
}
