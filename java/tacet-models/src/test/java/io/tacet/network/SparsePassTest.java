package io.tacet.network;

import static io.tacet.Close.assertClose;
import static io.tacet.network.RecurrentNetworks.CHANNELS;
import static io.tacet.network.RecurrentNetworks.build;
import static io.tacet.network.RecurrentNetworks.gradientsAreDifferencesOfTheLoss;
import static io.tacet.network.RecurrentNetworks.training;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.optim.Parameter;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Passes of layers with sparse synapses: exact gradients, and those of dense ones with zeros. */
class SparsePassTest {
  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @Test
  void gradientsOfSparseInputsAreExact() {
    Connection sparse = Connection.sparse(0.5);
    Connection dense = Connection.dense();
    Egru smooth = Egru.defaults().with(EgruOptions.defaults().withoutEvents());
    NetworkSpec spec =
        NetworkSpec.builder()
            .precision(DType.FLOAT64)
            .sequence(CHANNELS)
            .dense(4, Activation.TANH, sparse)
            .egru(5, smooth, sparse, dense)
            .rnn(4, Activation.TANH, sparse, dense)
            .dense(5, Activation.SIGMOID, sparse)
            .readout(4)
            .spec();
    gradientsAreDifferencesOfTheLoss(spec, new Dropouts(0, 0.2, 0.3, 0.2, 0.2));
  }

  @Test
  void gradientsOfRecurrentSynapsesOfEveryKindAreExact() {
    Egru smooth = Egru.defaults().with(EgruOptions.defaults().withoutEvents());
    Connection given = Connection.pattern(new int[] {0, 2, 2, 5, 6}, new int[] {0, 3, 0, 1, 2, 3});
    NetworkSpec spec =
        NetworkSpec.builder()
            .precision(DType.FLOAT64)
            .sequence(CHANNELS)
            .egru(3, smooth.bothDirections(), Connection.dense(), Connection.sparse(0.5))
            .egru(5, smooth, Connection.fanIn(2), Connection.sparse(0.4))
            .rnn(4, Activation.TANH, Connection.blocks(0.7, 2), given)
            .egru(6, smooth, Connection.fanOut(3), Connection.fanIn(3).separateGates())
            .egru(
                5, smooth.variant(EgruVariant.PAPER), Connection.dense(), Connection.blocks(0.6, 2))
            .rnn(5, Activation.SIGMOID, Connection.fanIn(2), Connection.fanOut(2))
            .readout(4)
            .spec();
    gradientsAreDifferencesOfTheLoss(spec, new Dropouts(0, 0.2, 0.3, 0.2, 0.2));
  }

  @Test
  void sparseRecurrentSynapsesGiveTheGradientsOfDenseOnesWithZeros() {
    for (Connection kind :
        List.of(
            Connection.sparse(0.3),
            Connection.fanIn(4),
            Connection.blocks(0.5, 4),
            Connection.fanOut(5).separateGates())) {
      try (Backend java = Backends.open("java");
          Network sparse = build(java, recurrent(kind));
          Network dense = build(java, recurrent(Connection.dense()))) {
        int units = 20;
        int each = kind.ownGates() ? 1 : 3;
        int targets = 3 * units / each;
        int[] offsets = sparse.arrays().get("layer0.recurrentOffsets").toInts();
        int[] indices = sparse.arrays().get("layer0.recurrentIndices").toInts();
        int[] places = new int[each * indices.length];
        for (int i = 0; i < units; i++) {
          for (int k = each * offsets[i]; k < each * offsets[i + 1]; k++) {
            places[k] = (i * each + k % each) * targets + indices[k / each];
          }
        }
        double[] wide = new double[3 * units * units];
        double[] values = sparse.arrays().get("layer0.recurrentWeights").toDoubles();
        for (int k = 0; k < places.length; k++) {
          wide[places[k]] = values[k];
        }
        dense
            .arrays()
            .forEach(
                (name, array) ->
                    array.copyFrom(
                        name.equals("layer0.recurrentWeights")
                            ? wide
                            : sparse.arrays().get(name).toDoubles()));
        try (Pass one = training(sparse, Dropouts.OFF);
            Pass other = training(dense, Dropouts.OFF)) {
          double[] found = RecurrentNetworks.gradient(one, "layer0.recurrentWeights");
          double[] all = RecurrentNetworks.gradient(other, "layer0.recurrentWeights");
          double[] expected = Arrays.stream(places).mapToDouble(p -> all[p]).toArray();
          assertThat(Arrays.stream(expected).filter(g -> g != 0).count()).isGreaterThan(20);
          assertClose(found, expected, 1e-12);
          for (Parameter p : sparse.parameters()) {
            if (!p.name().equals("layer0.recurrentWeights")) {
              assertClose(
                  p.name(),
                  p.gradient().toDoubles(),
                  RecurrentNetworks.gradient(dense, p.name()),
                  1e-12);
            }
          }
        }
      }
    }
  }

  private static NetworkSpec recurrent(Connection kind) {
    return NetworkSpec.builder()
        .precision(DType.FLOAT64)
        .sequence(CHANNELS)
        .egru(20, Egru.defaults().thresholds(0.1), Connection.dense(), kind)
        .readout(4)
        .spec();
  }

  /** Silent units have errors, too, through the surrogate of their events. */
  @Test
  void sparseInputsGiveTheGradientsOfDenseOnesWithZeros() {
    try (Backend java = Backends.open("java");
        Network sparse = build(java, above(Connection.sparse(0.3)));
        Network dense = build(java, above(Connection.dense()))) {
      int[] offsets = sparse.arrays().get("layer1.inputOffsets").toInts();
      int[] indices = sparse.arrays().get("layer1.inputIndices").toInts();
      sparse
          .arrays()
          .forEach(
              (name, array) -> {
                if (name.equals("layer1.inputWeights")) {
                  double[] wide = new double[40 * 3 * 6];
                  double[] weights = array.toDoubles();
                  for (int i = 0; i < 40; i++) {
                    for (int s = offsets[i]; s < offsets[i + 1]; s++) {
                      wide[i * 18 + indices[s]] = weights[s];
                    }
                  }
                  dense.arrays().get(name).copyFrom(wide);
                } else if (array.type().isFloating()) {
                  dense.arrays().get(name).copyFrom(array.toDoubles());
                }
              });
      try (Pass one = training(sparse, Dropouts.OFF);
          Pass other = training(dense, Dropouts.OFF)) {
        double[] below = RecurrentNetworks.gradient(one, "layer0.inputWeights");
        double[] expected = RecurrentNetworks.gradient(other, "layer0.inputWeights");
        assertThat(Arrays.stream(expected).filter(g -> g != 0).count()).isGreaterThan(100);
        assertClose(below, expected, 1e-12);
        double[] found = RecurrentNetworks.gradient(sparse, "layer1.inputWeights");
        double[] all = RecurrentNetworks.gradient(dense, "layer1.inputWeights");
        for (int i = 0; i < 40; i++) {
          for (int s = offsets[i]; s < offsets[i + 1]; s++) {
            assertThat(found[s]).isCloseTo(all[i * 18 + indices[s]], within(1e-12));
          }
        }
      }
    }
  }

  private static NetworkSpec above(Connection input) {
    Egru egru = Egru.defaults().thresholds(0.1);
    return NetworkSpec.builder()
        .precision(DType.FLOAT64)
        .sequence(CHANNELS)
        .egru(40, egru)
        .egru(6, egru, input, Connection.dense())
        .readout(4)
        .spec();
  }

  @Test
  void theGatesOfAUnitShareThePatternOfItsInputs() {
    try (Backend java = Backends.open("java");
        Network network = build(java, above(Connection.sparse(0.3)))) {
      int[] offsets = network.arrays().get("layer1.inputOffsets").toInts();
      int[] indices = network.arrays().get("layer1.inputIndices").toInts();
      assertThat(indices.length / (40.0 * 18)).isBetween(0.2, 0.4);
      for (int i = 0; i < 40; i++) {
        int[] row = Arrays.copyOfRange(indices, offsets[i], offsets[i + 1]);
        int third = row.length / 3;
        assertThat(row).isSorted();
        for (int s = 0; s < third; s++) {
          assertThat(row[s]).isBetween(0, 5);
          assertThat(row[third + s]).isEqualTo(row[s] + 6);
          assertThat(row[2 * third + s]).isEqualTo(row[s] + 12);
        }
      }
    }
  }
}
