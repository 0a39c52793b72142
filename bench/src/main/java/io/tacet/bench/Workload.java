package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.data.SpikeDataset;
import io.tacet.data.SpikeDatasetBuilder;
import io.tacet.data.YinYang;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.Weights;
import io.tacet.neuron.Neurons;
import java.util.Arrays;
import java.util.SplittableRandom;

/** The measured networks with their data, identical on every backend. */
enum Workload {
  /** 5-200-3 of Wunderlich and Pehle (2021), before training. */
  YIN_YANG {
    @Override
    NetworkBuilder layers(NetworkBuilder builder, int hidden) {
      return builder
          .spikes(YinYang.SOURCES)
          .lif(hidden, LIF, Weights.normal(1.5, 0.78))
          .lif(CLASSES, LIF, Weights.normal(0.93, 0.1));
    }

    @Override
    SpikeDataset data(int samples) {
      return YinYang.train().slice(0, samples);
    }

    @Override
    int sources() {
      return YinYang.SOURCES;
    }

    @Override
    int eventsPerSample() {
      return YinYang.SOURCES;
    }

    @Override
    int hidden() {
      return 200;
    }

    @Override
    double recurrentFanOut(double hidden) {
      return 0;
    }
  },

  /** 20 channels, 100 neurons with recurrent CSR synapses at 10 %, 3 outputs. */
  RECURRENT,

  /** The same with adaptive thresholds (ALIF). */
  ALIF {
    @Override
    NetworkBuilder hidden(
        NetworkBuilder builder, int neurons, Connection input, Connection recurrent) {
      return builder.neuron(neurons, Neurons.alif(), input, recurrent);
    }

    @Override
    int motion() {
      return 6;
    }
  },

  /** The same with alpha synapses. */
  ALPHA {
    @Override
    NetworkBuilder hidden(
        NetworkBuilder builder, int neurons, Connection input, Connection recurrent) {
      return builder.neuron(neurons, Neurons.alpha(), input, recurrent);
    }

    @Override
    int motion() {
      return 6;
    }
  };

  private static final int CHANNELS = 20;
  static final int CLASSES = 3;
  static final double DURATION_MS = 60;
  private static final double DENSITY = 0.1;
  private static final double INPUT_MS = 30;
  private static final Lif LIF = Lif.tau(20, 5);

  NetworkBuilder layers(NetworkBuilder builder, int hidden) {
    Connection input = Connection.dense(Weights.normal(0.6, 0.4));
    Connection recurrent = Connection.sparse(DENSITY, Weights.normal(0, 0.3));
    return hidden(builder.spikes(CHANNELS), hidden, input, recurrent)
        .lif(CLASSES, LIF, Weights.normal(0.2, 0.1));
  }

  /** Adds the hidden layer of a network with recurrent synapses. */
  NetworkBuilder hidden(
      NetworkBuilder builder, int neurons, Connection input, Connection recurrent) {
    return builder.lif(neurons, LIF, input, recurrent);
  }

  /** The first samples of the data, in a fixed order. */
  SpikeDataset data(int samples) {
    SpikeDatasetBuilder builder =
        SpikeDataset.builder("random spikes", CHANNELS, CLASSES, INPUT_MS);
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < samples; i++) {
      int events = eventsPerSample();
      double[] times = random.doubles(events, 0, INPUT_MS).sorted().toArray();
      int[] sources = random.ints(events, 0, CHANNELS).toArray();
      builder.add(random.nextInt(CLASSES), times, sources);
    }
    return builder.build();
  }

  /** Input channels. */
  int sources() {
    return CHANNELS;
  }

  /** Input events. */
  int eventsPerSample() {
    return 2 * CHANNELS;
  }

  /** Default number of hidden neurons; the last has {@link #CLASSES}. */
  int hidden() {
    return 100;
  }

  /** Synapses that a hidden neuron has to others of its layer. */
  double recurrentFanOut(double hidden) {
    return DENSITY * hidden;
  }

  /** Least flops of the motion of a hidden neuron over any time: two for each variable. */
  int motion() {
    return 4;
  }

  /** What the parameter of a benchmark stands for: 0 for the size of the network itself. */
  int hidden(int asked) {
    return asked > 0 ? asked : hidden();
  }

  /**
   * The network with the weights of one seed; the caller closes it.
   *
   * @param hidden neurons of the hidden layer, 0 for its own number
   */
  Network network(Backend backend, DType precision, Simulator simulator, int hidden) {
    return layers(
            Network.on(backend).precision(precision).simulator(simulator).duration(DURATION_MS),
            hidden(hidden))
        .build(1);
  }

  /** The constant of that name, written as {@code yin-yang}. */
  static Workload named(String name) {
    return Arrays.stream(values())
        .filter(w -> w.name().replace('_', '-').equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "network: expected yin-yang, recurrent, alif or alpha, got '" + name + "'."));
  }
}
