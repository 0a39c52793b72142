package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.YinYang;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.Positions;
import io.tacet.network.RecurrentSynapses;
import io.tacet.network.Rewiring;
import io.tacet.rewire.Wiring;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.SparsePattern;
import io.tacet.sparse.WeightLaw;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** New synapses between near units. */
class NearPairsTest {
  private static final Positions LINE = Positions.grid(6);

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** A few synapses among the units of a line. */
  private static Wiring wiring(Backend java, Resources made, int units, double density) {
    return Wiring.of(
        SparsePattern.of(
            made.own(
                CsrSynapses.random(
                    java, DType.FLOAT32, units, units, density, WeightLaw.constant(1), 5))));
  }

  @Test
  void pairsAreDrawnInProportionToTheirFactor() {
    try (Backend java = Backends.open("java");
        Resources made = new Resources()) {
      Wiring wiring = wiring(java, made, 6, 0.2);
      int[] offsets = wiring.pattern().rowOffsets().toInts();
      int[] targets = wiring.pattern().indices().toInts();
      NearPairs near = new NearPairs(LINE, 1.5);
      int draws = 40_000;
      double[] drawn = new double[36];
      for (int k = 0; k < draws; k++) {
        long[] pairs = near.draw(wiring, 1, 3, k);
        assertThat(pairs).hasSize(1);
        drawn[(int) pairs[0]]++;
      }
      double[] expected = new double[36];
      for (int pair = 0; pair < 36; pair++) {
        int source = pair / 6;
        boolean absent =
            Arrays.binarySearch(targets, offsets[source], offsets[source + 1], pair % 6) < 0;
        expected[pair] = absent ? Math.exp(-Math.abs(source - pair % 6) / 1.5) : 0;
      }
      double sum = Arrays.stream(expected).sum();
      for (int pair = 0; pair < 36; pair++) {
        double p = expected[pair] / sum;
        assertThat(drawn[pair] / draws)
            .as("pair %d", pair)
            .isCloseTo(p, within(5 * Math.sqrt(p * (1 - p) / draws)));
      }
    }
  }

  /** So near that nearly all proposals are refused: the rest is drawn from all pairs. */
  @Test
  void allThatIsAbsentCanBeDrawn() {
    try (Backend java = Backends.open("java");
        Resources made = new Resources()) {
      Wiring wiring = wiring(java, made, 6, 0.3);
      int absent = 36 - wiring.pattern().rowOffsets().toInts()[6];
      long[] all = new NearPairs(LINE, 1e-3).draw(wiring, absent, 1, 1);
      assertThat(all).hasSize(absent).isSorted().doesNotHaveDuplicates();
      long[] some = new NearPairs(LINE, 1e-3).draw(wiring, absent - 4, 1, 1);
      assertThat(some).isSorted().doesNotHaveDuplicates();
      assertThat(Arrays.stream(some).map(pair -> Math.abs(pair / 6 - pair % 6)).max().getAsLong())
          .isLessThanOrEqualTo(4);
    }
  }

  private static double meanDistance(Network network, Positions positions) {
    RecurrentSynapses synapses = network.layers().get(0).recurrent().get(0);
    int[] offsets = synapses.pattern().rowOffsets().toInts();
    int[] targets = synapses.pattern().indices().toInts();
    double sum = 0;
    for (int i = 0; i + 1 < offsets.length; i++) {
      for (int k = offsets[i]; k < offsets[i + 1]; k++) {
        sum += positions.distance(i, targets[k]);
      }
    }
    return sum / offsets[offsets.length - 1];
  }

  /** Trains and returns the mean distance that synapses bridge. */
  private static double trained(
      UnaryOperator<NetworkBuilder> layer, UnaryOperator<Training> options, Positions positions) {
    try (Backend java = Backends.open("java");
        Network network =
            layer
                .apply(Network.on(java).duration(60).spikes(YinYang.SOURCES).bin(12))
                .readout(YinYang.CLASSES)
                .build(1)) {
      options
          .apply(Training.of(network).epochs(1).batch(32).seed(2))
          .run(YinYang.train().slice(0, 640), null);
      return meanDistance(network, positions);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void networksBecomeLocal() {
    Positions sheet = Positions.grid(8, 8);
    for (Rewiring rewiring : new Rewiring[] {Rewiring.set(0.5).every(1), Rewiring.deepR(0.1, 30)}) {
      UnaryOperator<NetworkBuilder> layer =
          builder ->
              builder.egru(
                  64, Egru.defaults(), Connection.dense(), Connection.sparse(0.1).rewire(rewiring));
      double far = trained(layer, training -> training, sheet);
      double near = trained(layer, training -> training.growNear(sheet, 1), sheet);
      double again = trained(layer, training -> training.growNear(sheet, 1), sheet);
      assertThat(near).isLessThan(0.8 * far).isEqualTo(again);
    }
  }

  @Test
  void whatDoesNotFitIsRefused() {
    assertThatThrownBy(() -> new NearPairs(LINE, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("scale: expected a distance above 0, got 0.0.");
    UnaryOperator<NetworkBuilder> rigl =
        builder ->
            builder.egru(
                6,
                Egru.defaults(),
                Connection.dense(),
                Connection.sparse(0.5).rewire(Rewiring.rigl(0.3)));
    assertThatThrownBy(() -> trained(rigl, training -> training.growNear(LINE, 1), LINE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("growNear: expected recurrent synapses of 6 units");
  }
}
