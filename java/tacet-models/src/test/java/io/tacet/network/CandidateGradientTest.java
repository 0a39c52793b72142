package io.tacet.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.Dataset;
import io.tacet.data.YinYang;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.network.batches.BatchPlan;
import io.tacet.network.batches.Batches;
import io.tacet.network.batches.Share;
import io.tacet.optim.Parameter;
import io.tacet.rewire.Companion;
import io.tacet.rewire.Rewirer;
import io.tacet.rewire.Wiring;
import io.tacet.training.CrossEntropy;
import io.tacet.training.Loss;
import io.tacet.training.TimeToFirstSpike;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Candidates at weight 0 leave a pass as it is, and their gradients are those that a dense layer
 * with a mask has where the mask is 0.
 */
class CandidateGradientTest {
  private static final Connection SPARSE =
      Connection.sparse(0.4, Weights.normal(2, 1)).rewire(Rewiring.rigl(0.3).candidates(3));
  private static final Connection DENSE = Connection.dense(Weights.normal(2, 1));

  /** Networks whose first or second layer is reached by the connection. */
  private enum Kind {
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

    private static NetworkBuilder bins() {
      return NetworkSpec.builder()
          .precision(DType.FLOAT64)
          .duration(60)
          .spikes(YinYang.SOURCES)
          .bin(12);
    }
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** Gradients of one batch; returns its losses. */
  private static double[] losses(Network network) {
    boolean spikes = network.spec().input() instanceof InputSpec.Spikes;
    Loss loss = spikes ? TimeToFirstSpike.of(0.5, 6.4, 3e-3) : new CrossEntropy();
    Dataset data = YinYang.train().slice(0, 40);
    BatchPlan plan =
        new BatchPlan(40, 3, 0, 0, 1, false, TrainingOptions.PLAIN, true, Share.ALL, false);
    try (Batches batches = Batches.of(network, data, plan)) {
      batches.begin(0);
      network.zeroGradients();
      Pass pass = batches.train(0, 0, List.of());
      loss.evaluate(pass);
      pass.backward();
      return pass.losses().toDoubles();
    }
  }

  /** Grows as many synapses of weight 0 as there is room for. */
  private static void grow(Network network) {
    RewiredSynapses synapses = network.rewired().get(0);
    List<Companion> companions = new ArrayList<>();
    companions.add(Companion.zeroed(synapses.arrays().value(synapses.weights())));
    if (synapses.delays() != null) {
      companions.add(
          new Companion(
              synapses.arrays().value(synapses.delays()),
              io.tacet.sparse.WeightLaw.constant(synapses.connection().delayLow())));
    }
    try (Rewirer rewirer = new Rewirer(synapses.wiring(), companions)) {
      assertThat(rewirer.room()).isPositive();
      rewirer.replace(rewirer.room(), 8, 1);
    }
  }

  /** Copies all numbers into a network that is dense where this is sparse. */
  private static void spread(Network network, Network dense) {
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
  private static double[] spread(double[] values, Wiring wiring) {
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

  @ParameterizedTest
  @EnumSource(Kind.class)
  void candidatesHaveTheGradientsOfAMaskedDenseLayer(Kind kind) {
    try (Backend java = Backends.open("java");
        Network sparse = Network.build(java, kind.spec(SPARSE), 4);
        Network dense = Network.build(java, kind.spec(DENSE), 4)) {
      double[] before = losses(sparse);
      spread(sparse, dense);
      assertThat(losses(dense)).containsExactly(before, within(1e-12));
      grow(sparse);
      assertThat(losses(sparse)).containsExactly(before, within(1e-12));
      String name = sparse.rewired().get(0).weights();
      // All pairs have a synapse now, so that spreading gives a whole matrix.
      double[] found = spread(gradient(sparse, name), sparse.rewired().get(0).wiring());
      double[] expected = gradient(dense, name);
      assertThat(found).containsExactly(expected, within(1e-10));
      long absent = 0;
      double[] weights = dense.arrays().get(name).toDoubles();
      for (int k = 0; k < weights.length; k++) {
        absent += weights[k] == 0 && Math.abs(expected[k]) > 1e-6 ? 1 : 0;
      }
      assertThat(absent).as("absent synapses with a gradient").isGreaterThan(5);
    }
  }

  private static double[] gradient(Network network, String name) {
    for (Parameter p : network.parameters()) {
      if (p.name().equals(name)) {
        return p.gradient().toDoubles();
      }
    }
    throw new AssertionError("no parameter " + name);
  }
}
