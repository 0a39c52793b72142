package io.tacet.network;

import io.tacet.data.Dataset;
import io.tacet.data.YinYang;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.network.batches.BatchPlan;
import io.tacet.network.batches.Batches;
import io.tacet.network.batches.Shares;
import io.tacet.neuron.Neuron;
import io.tacet.neuron.Neurons;
import io.tacet.optim.Parameter;
import io.tacet.rewire.Wiring;
import io.tacet.training.CrossEntropy;
import io.tacet.training.Loss;
import io.tacet.training.TimeToFirstSpike;
import java.util.List;

/** Networks with a sparse connection, and the same with a dense one that has its weights. */
final class Twins {
  /** A layer with all synapses. */
  static final Connection DENSE = Connection.dense(Weights.normal(2, 1));

  /** Networks whose first or second layer is reached by the connection. */
  enum Kind {
    LIF_EXACT {
      @Override
      NetworkSpec spec(Connection c) {
        return spikes(Simulator.exact(), c, null);
      }
    },
    LIF_GRID {
      @Override
      NetworkSpec spec(Connection c) {
        return spikes(Simulator.grid(0.5), c, null);
      }
    },
    LIF_RECURRENT {
      @Override
      NetworkSpec spec(Connection c) {
        return spikes(Simulator.exact(), DENSE, of(c, Weights.normal(0, 0.5)));
      }
    },
    LIF_DELAYED {
      @Override
      NetworkSpec spec(Connection c) {
        return spikes(Simulator.exact(), c.delays(1, 1), null);
      }
    },
    LIF_GRID_RECURRENT {
      @Override
      NetworkSpec spec(Connection c) {
        return spikes(Simulator.grid(0.5), DENSE, of(c, Weights.normal(0, 0.5)).delays(1, 1));
      }
    },
    LIF_GRID_DELAYED {
      @Override
      NetworkSpec spec(Connection c) {
        return spikes(Simulator.grid(0.5), c.delays(1, 1), null);
      }
    },
    LIF_RECURRENT_DELAYED {
      @Override
      NetworkSpec spec(Connection c) {
        return spikes(Simulator.exact(), DENSE, of(c, Weights.normal(0, 0.5)).delays(1, 1));
      }
    },
    LIF_ABOVE_ANOTHER {
      @Override
      NetworkSpec spec(Connection c) {
        return NetworkSpec.builder()
            .precision(DType.FLOAT64)
            .spikes(YinYang.SOURCES)
            .lif(14, Lif.tau(20, 5), Weights.normal(2, 1))
            .lif(12, Lif.tau(20, 5), c, null)
            .lif(YinYang.CLASSES, Lif.tau(20, 5), Weights.normal(2.5, 0.5))
            .spec();
      }
    },
    LIF_OF_A_BIAS {
      @Override
      NetworkSpec spec(Connection c) {
        return NetworkSpec.builder()
            .precision(DType.FLOAT64)
            .spikes(YinYang.SOURCES)
            .lif(12, Lif.tau(20, 5).train(Trainable.TAU_MEM, Trainable.BIAS), c, null)
            .lif(YinYang.CLASSES, Lif.tau(20, 5), Weights.normal(2.5, 0.5))
            .spec();
      }
    },
    LIF_ALIF {
      @Override
      NetworkSpec spec(Connection c) {
        return neurons(Simulator.exact(), Neurons.alif(), c, null);
      }
    },
    LIF_ALIF_RECURRENT {
      @Override
      NetworkSpec spec(Connection c) {
        return neurons(Simulator.exact(), Neurons.alif(), DENSE, of(c, Weights.normal(0, 0.5)));
      }
    },
    LIF_ALIF_GRID {
      @Override
      NetworkSpec spec(Connection c) {
        return neurons(Simulator.grid(0.5), Neurons.alif(), c, null);
      }
    },
    LIF_QIF {
      @Override
      NetworkSpec spec(Connection c) {
        return neurons(Simulator.exact(), Neurons.qif(), c, null);
      }
    },
    EGRU {
      @Override
      NetworkSpec spec(Connection c) {
        return bins()
            .egru(
                9,
                Egru.defaults().thresholds(0.05),
                of(c, Weights.normal(0, 0.5)),
                Connection.dense())
            .readout(3)
            .spec();
      }
    },
    EGRU_RECURRENT {
      @Override
      NetworkSpec spec(Connection c) {
        Connection within = of(c, Weights.normal(0, 0.5));
        return bins()
            .egru(9, Egru.defaults().thresholds(0.05), Connection.dense(), within)
            .readout(3)
            .spec();
      }
    },
    GRU_OF_SEPARATE_GATES {
      @Override
      NetworkSpec spec(Connection c) {
        Egru plain = Egru.defaults().with(EgruOptions.defaults().withoutEvents());
        Connection within = of(c, Weights.normal(0, 0.5));
        return bins()
            .egru(9, plain, Connection.dense(), within.isDense() ? within : within.separateGates())
            .readout(3)
            .spec();
      }
    },
    EGRU_OF_SEPARATE_GATES {
      @Override
      NetworkSpec spec(Connection c) {
        Connection from = of(c, Weights.normal(0, 0.5));
        return bins()
            .egru(
                9,
                Egru.defaults().thresholds(0.05),
                from.isDense() ? from : from.separateGates(),
                Connection.dense())
            .readout(3)
            .spec();
      }
    },
    EGRU_OF_THE_PAPER {
      @Override
      NetworkSpec spec(Connection c) {
        EgruOptions paper = EgruOptions.defaults().variant(EgruVariant.PAPER);
        Connection within = of(c, Weights.normal(0, 0.5));
        return bins()
            .egru(9, Egru.defaults().with(paper).thresholds(0.05), Connection.dense(), within)
            .readout(3)
            .spec();
      }
    },
    RNN_RECURRENT {
      @Override
      NetworkSpec spec(Connection c) {
        Connection within = of(c, Weights.normal(0, 0.5));
        return bins().rnn(9, Activation.TANH, Connection.dense(), within).readout(3).spec();
      }
    },
    RNN {
      @Override
      NetworkSpec spec(Connection c) {
        return bins()
            .rnn(9, Activation.TANH, of(c, Weights.normal(0, 0.5)), Connection.dense())
            .readout(3)
            .spec();
      }
    },
    DENSE_LAYER {
      @Override
      NetworkSpec spec(Connection c) {
        return bins()
            .rnn(7, Activation.TANH)
            .dense(9, Activation.TANH, of(c, Weights.normal(0, 0.5)))
            .readout(3)
            .spec();
      }
    };

    abstract NetworkSpec spec(Connection c);

    /** How close numbers of twins are: QIF neurons are solved to a tolerance of 1e-9. */
    double closeness() {
      return this == LIF_QIF ? 1e-6 : 1e-12;
    }

    private static Connection of(Connection c, Weights weights) {
      return c.rewiring() == null
          ? Connection.dense(weights)
          : Connection.sparse(0.4, weights).rewire(c.rewiring());
    }

    private static NetworkSpec spikes(Simulator simulator, Connection input, Connection recurrent) {
      return NetworkSpec.builder()
          .precision(DType.FLOAT64)
          .simulator(simulator)
          .spikes(YinYang.SOURCES)
          .lif(12, Lif.tau(20, 5), input, recurrent)
          .lif(YinYang.CLASSES, Lif.tau(20, 5), Weights.normal(2.5, 0.5))
          .spec();
    }

    private static NetworkSpec neurons(
        Simulator simulator, Neuron neuron, Connection input, Connection recurrent) {
      return NetworkSpec.builder()
          .precision(DType.FLOAT64)
          .simulator(simulator)
          .spikes(YinYang.SOURCES)
          .neuron(12, neuron, input, recurrent)
          .lif(YinYang.CLASSES, Lif.tau(20, 5), Weights.normal(2.5, 0.5))
          .spec();
    }

    private static NetworkBuilder bins() {
      return NetworkSpec.builder()
          .precision(DType.FLOAT64)
          .duration(60)
          .spikes(YinYang.SOURCES)
          .bin(12);
    }
  }

  private Twins() {}

  /** Gradients of one batch; returns its losses. */
  static double[] losses(Network network) {
    boolean spikes = network.spec().input() instanceof InputSpec.Spikes;
    Loss loss = spikes ? TimeToFirstSpike.of(0.5, 6.4, 3e-3) : new CrossEntropy();
    Dataset data = YinYang.train().slice(0, 40);
    BatchPlan plan =
        new BatchPlan(40, 3, 0, 0, 1, false, TrainingOptions.PLAIN, true, Shares.ALL, false);
    try (Batches batches = Batches.of(network, data, plan)) {
      batches.begin(0);
      network.zeroGradients();
      Pass pass = batches.train(0, 0, List.of());
      loss.evaluate(pass);
      pass.backward();
      return pass.losses().toDoubles();
    }
  }

  /** Copies all numbers into a network that is dense where this is sparse. */
  static void spread(Network network, Network dense) {
    RewiredSynapses synapses = network.rewired().get(0);
    Wiring wiring = synapses.wiring();
    network
        .arrays()
        .forEach(
            (name, array) -> {
              DeviceArray target = dense.arrays().get(name);
              if (target == null) {
                return;
              }
              target.copyFrom(
                  name.equals(synapses.weights())
                      ? spread(array.toDoubles(), wiring)
                      : target.length() == array.length() ? array.toDoubles() : target.toDoubles());
            });
  }

  /** Values of a synapse next to one another are those of the gates. */
  static double[] spread(double[] values, Wiring wiring) {
    int[] offsets = wiring.pattern().rowOffsets().toInts();
    int[] indices = wiring.pattern().indices().toInts();
    int each = wiring.repeated() ? 1 : wiring.values();
    int across = each * wiring.pattern().targets();
    double[] wide = new double[wiring.sources() * across];
    for (int i = 0; i < wiring.sources(); i++) {
      for (int s = offsets[i]; s < offsets[i + 1]; s++) {
        for (int g = 0; g < each; g++) {
          wide[i * across + g * wiring.pattern().targets() + indices[s]] = values[s * each + g];
        }
      }
    }
    return wide;
  }

  static double[] gradient(Network network, String name) {
    for (Parameter p : network.parameters()) {
      if (p.name().equals(name)) {
        return p.gradient().toDoubles();
      }
    }
    throw new AssertionError("no parameter " + name);
  }
}
