package io.tacet.network;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.optim.Parameter;
import io.tacet.rewire.Companion;
import io.tacet.rewire.Rewirer;
import io.tacet.rewire.Wiring;
import io.tacet.sparse.WeightLaw;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A backward pass finds the absent synapses that a dense layer with a mask has the largest
 * gradients of where the mask is 0.
 */
class AbsentGradientTest {
  private static final Connection SPARSE =
      Connection.sparse(0.4, Weights.normal(2, 1)).rewire(Rewiring.rigl(0.3));

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** Pairs with a synapse, {@code source x targets + target}, in order. */
  private static List<Long> pairs(Wiring wiring) {
    int[] offsets = wiring.pattern().validate().rowOffsets().toInts();
    int[] indices = wiring.pattern().indices().toInts();
    List<Long> pairs = new ArrayList<>();
    for (int i = 0; i < wiring.sources(); i++) {
      int count = (offsets[i + 1] - offsets[i]) / wiring.copies();
      for (int j = 0; j < count; j++) {
        pairs.add((long) i * wiring.targets() + indices[offsets[i] + j]);
      }
    }
    return pairs;
  }

  /** Where the values of a pair are in a matrix of all. */
  private static int[] places(Wiring wiring, long pair) {
    int source = (int) (pair / wiring.targets());
    int target = (int) (pair % wiring.targets());
    int[] places = new int[wiring.values()];
    Arrays.setAll(places, g -> (source * wiring.values() + g) * wiring.targets() + target);
    return places;
  }

  private static double magnitude(Wiring wiring, double[] matrix, long pair) {
    return Arrays.stream(places(wiring, pair)).mapToDouble(k -> Math.abs(matrix[k])).sum();
  }

  @ParameterizedTest
  @EnumSource(Twins.Kind.class)
  void thoseOfTheLargestGradientsOfAMaskedDenseLayerGrow(Twins.Kind kind) {
    try (Backend java = Backends.open("java");
        Network sparse = Network.build(java, kind.spec(SPARSE), 4);
        Network dense = Network.build(java, kind.spec(Twins.DENSE), 4)) {
      RewiredSynapses synapses = sparse.rewired().get(0);
      Wiring wiring = synapses.wiring();
      assertThat(synapses.emptyPlaces()).isZero();
      List<Long> present = pairs(wiring);
      int count = present.size() * 3 / 10;
      DeviceArray weights = synapses.arrays().value(synapses.weights());
      Twins.spread(sparse, dense);
      double[] matrix = dense.arrays().get(synapses.weights()).toDoubles();
      present.sort(Comparator.comparingDouble(pair -> magnitude(wiring, matrix, pair)));
      Set<Long> stay = new HashSet<>(present.subList(count, present.size()));
      try (Rewirer rewirer = rewirer(synapses)) {
        rewirer.markSmallest(weights, count);
        want(synapses, rewirer, count);
        double[] losses = Twins.losses(sparse);
        assertThat(areWanted(synapses)).isFalse();
        assertClose(Twins.losses(dense), losses, kind.closeness());
        if (synapses.tiles() != null) {
          double[] gradient = Twins.gradient(dense, synapses.weights());
          long[] found = synapses.tiles().found();
          for (int k = 0; k < count; k++) {
            assertThat(synapses.tiles().magnitudes()[k])
                .isCloseTo(magnitude(wiring, gradient, found[k]), within(kind.closeness()));
          }
        }
        replaceByFound(synapses, rewirer);
      }
      double[] gradient = Twins.gradient(dense, synapses.weights());
      List<Long> absent = absent(wiring, gradient, stay);
      assertThat(magnitude(wiring, gradient, absent.get(count - 1)))
          .as("the last of those that grow, beyond rounding")
          .isGreaterThan(magnitude(wiring, gradient, absent.get(count)) + kind.closeness());
      Set<Long> expected = new TreeSet<>(stay);
      expected.addAll(absent.subList(0, count));
      assertThat(pairs(wiring)).containsExactlyElementsOf(expected);
      for (long pair : pairs(wiring)) {
        boolean isNew = !stay.contains(pair);
        assertThat(value(wiring, weights, pair) == 0).isEqualTo(isNew);
      }
    }
  }

  private static Rewirer rewirer(RewiredSynapses synapses) {
    List<Companion> companions = new ArrayList<>();
    companions.add(Companion.zeroed(synapses.arrays().value(synapses.weights())));
    if (synapses.delays() != null) {
      Connection connection = synapses.connection();
      companions.add(
          new Companion(
              synapses.arrays().value(synapses.delays()),
              WeightLaw.uniform(connection.delayLow(), connection.delayHigh())));
    }
    return new Rewirer(synapses.wiring(), companions);
  }

  private static void want(RewiredSynapses synapses, Rewirer rewirer, int count) {
    if (synapses.tiles() == null) {
      synapses.absent().want(factors -> rewirer.findLargest(factors, count));
      return;
    }
    synapses
        .tiles()
        .want(
            count,
            rewirer.marked(),
            pair -> rewirer.initial(synapses.arrays().value(synapses.delays()), pair, 1, 1));
  }

  private static boolean areWanted(RewiredSynapses synapses) {
    return synapses.tiles() == null ? synapses.absent().areWanted() : synapses.tiles().areWanted();
  }

  private static void replaceByFound(RewiredSynapses synapses, Rewirer rewirer) {
    if (synapses.tiles() == null) {
      rewirer.replaceByFound(1, 1);
    } else {
      rewirer.replaceBy(synapses.tiles().found(), 1, 1);
      synapses.tiles().putDelaysBack();
    }
    synapses.arrays().patternChanged();
  }

  /** Pairs that have no synapse that stays, from the largest gradient. */
  private static List<Long> absent(Wiring wiring, double[] gradient, Set<Long> stay) {
    List<Long> absent = new ArrayList<>();
    for (long pair = 0; pair < wiring.pairs(); pair++) {
      if (!stay.contains(pair)) {
        absent.add(pair);
      }
    }
    absent.sort(Comparator.comparingDouble(pair -> -magnitude(wiring, gradient, pair)));
    return absent;
  }

  /** Sum of the absolute weights of a pair. */
  private static double value(Wiring wiring, DeviceArray weights, long pair) {
    return magnitude(wiring, Twins.spread(weights.toDoubles(), wiring), pair);
  }

  /** Of cells without a surrogate, and of spiking neurons in continuous time. */
  @ParameterizedTest
  @EnumSource(
      value = Twins.Kind.class,
      names = {
        "GRU_OF_SEPARATE_GATES",
        "RNN",
        "RNN_RECURRENT",
        "DENSE_LAYER",
        "LIF_EXACT",
        "LIF_RECURRENT",
        "LIF_DELAYED",
        "LIF_RECURRENT_DELAYED",
        "LIF_ALIF",
        "LIF_ALIF_RECURRENT"
      })
  void gradientsOfAbsentSynapsesAreSlopesOfTheLoss(Twins.Kind kind) {
    double step = kind.name().startsWith("LIF") ? 1e-6 : 1e-4;
    try (Backend java = Backends.open("java");
        Network sparse = Network.build(java, kind.spec(SPARSE), 4);
        Network dense = Network.build(java, kind.spec(Twins.DENSE), 4)) {
      RewiredSynapses synapses = sparse.rewired().get(0);
      Wiring wiring = synapses.wiring();
      Set<Long> stay = new HashSet<>(pairs(wiring));
      DeviceArray weights = synapses.arrays().value(synapses.weights());
      int count = 4;
      Set<Long> grown;
      try (Rewirer rewirer = rewirer(synapses)) {
        rewirer.markSmallest(weights, count);
        want(synapses, rewirer, count);
        Twins.losses(sparse);
        Twins.spread(sparse, dense);
        replaceByFound(synapses, rewirer);
        grown = new HashSet<>(pairs(wiring));
        grown.removeAll(stay);
      }
      assertThat(grown).isNotEmpty();
      DeviceArray array = dense.arrays().get(synapses.weights());
      double[] matrix = array.toDoubles();
      Twins.losses(dense);
      double[] gradient = Twins.gradient(dense, synapses.weights());
      for (long pair : grown) {
        for (int place : places(wiring, pair)) {
          assertThat(matrix[place]).isZero();
          double slope =
              (loss(dense, array, matrix, place, step) - loss(dense, array, matrix, place, -step))
                  / (2 * step);
          assertThat(slope)
              .isCloseTo(gradient[place], within(kind.name().startsWith("LIF") ? 1e-6 : 1e-7));
          assertThat(Math.abs(slope)).isGreaterThan(1e-5);
        }
      }
    }
  }

  /** Losses and all gradients are what they are without a search. */
  @ParameterizedTest
  @EnumSource(Twins.Kind.class)
  void aSearchChangesNothingElse(Twins.Kind kind) {
    try (Backend java = Backends.open("java");
        Network searched = Network.build(java, kind.spec(SPARSE), 4);
        Network plain = Network.build(java, kind.spec(SPARSE), 4)) {
      for (RewiredSynapses synapses : searched.rewired()) {
        try (Rewirer rewirer = rewirer(synapses)) {
          rewirer.markSmallest(synapses.arrays().value(synapses.weights()), 2);
          want(synapses, rewirer, 2);
          assertThat(Twins.losses(searched)).isEqualTo(Twins.losses(plain));
        }
      }
      for (Parameter p : searched.parameters()) {
        assertThat(p.gradient().toDoubles()).isEqualTo(Twins.gradient(plain, p.name()));
      }
    }
  }

  private static double loss(
      Network dense, DeviceArray array, double[] matrix, int place, double step) {
    double[] moved = matrix.clone();
    moved[place] += step;
    array.copyFrom(moved);
    return Arrays.stream(Twins.losses(dense)).average().orElseThrow();
  }
}
