package io.tacet.network;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.memory.Leaks;
import io.tacet.rewire.Companion;
import io.tacet.rewire.Rewirer;
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

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
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

  @ParameterizedTest
  @EnumSource(Twins.Kind.class)
  void candidatesHaveTheGradientsOfAMaskedDenseLayer(Twins.Kind kind) {
    try (Backend java = Backends.open("java");
        Network sparse = Network.build(java, kind.spec(SPARSE), 4);
        Network dense = Network.build(java, kind.spec(Twins.DENSE), 4)) {
      double[] before = Twins.losses(sparse);
      Twins.spread(sparse, dense);
      assertClose(Twins.losses(dense), before, kind.closeness());
      grow(sparse);
      assertClose(Twins.losses(sparse), before, kind.closeness());
      String name = sparse.rewired().get(0).weights();
      // All pairs have a synapse now, so that spreading gives a whole matrix.
      double[] found = Twins.spread(Twins.gradient(sparse, name), sparse.rewired().get(0).wiring());
      double[] expected = Twins.gradient(dense, name);
      assertClose(found, expected, 100 * kind.closeness());
      long absent = 0;
      double[] weights = dense.arrays().get(name).toDoubles();
      for (int k = 0; k < weights.length; k++) {
        absent += weights[k] == 0 && Math.abs(expected[k]) > 1e-6 ? 1 : 0;
      }
      assertThat(absent).as("absent synapses with a gradient").isGreaterThan(5);
    }
  }
}
