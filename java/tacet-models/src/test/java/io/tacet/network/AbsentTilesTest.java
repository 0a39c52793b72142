package io.tacet.network;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.rewire.Companion;
import io.tacet.rewire.Rewirer;
import io.tacet.rewire.Wiring;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.WeightLaw;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Searches of absent synapses of spiking neurons, tile by tile. */
class AbsentTilesTest {
  private static final Rewiring RIGL = Rewiring.rigl(0.3);

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = Twins.Kind.class,
      names = {
        "LIF_EXACT",
        "LIF_GRID",
        "LIF_RECURRENT",
        "LIF_GRID_RECURRENT",
        "LIF_ALIF_RECURRENT"
      })
  void whatIsFoundDoesNotDependOnTheSizeOfTiles(Twins.Kind kind) {
    Connection sparse = Connection.sparse(0.3, Weights.normal(2, 1)).rewire(RIGL);
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, kind.spec(sparse), 4)) {
      RewiredSynapses synapses = network.rewired().get(0);
      AbsentTiles tiles = synapses.tiles();
      long[] found = null;
      double[] magnitudes = null;
      for (int tile : new int[] {1, 7, 10_000}) {
        tiles.tile(tile);
        boolean[] leaving = new boolean[present(synapses)];
        Arrays.fill(leaving, 0, 5, true);
        tiles.want(12, leaving, pair -> 1);
        Twins.losses(network);
        if (found == null) {
          found = tiles.found();
          magnitudes = tiles.magnitudes();
        }
        assertThat(tiles.found()).isEqualTo(found);
        assertClose(tiles.magnitudes(), magnitudes, 1e-12);
      }
      assertThat(magnitudes).hasSize(12);
      assertThat(Arrays.stream(magnitudes).filter(magnitude -> magnitude > 1e-6).count())
          .isGreaterThanOrEqualTo(5);
    }
  }

  private static int present(RewiredSynapses synapses) {
    int[] offsets = synapses.wiring().pattern().rowOffsets().toInts();
    return offsets[offsets.length - 1];
  }

  /** New ones have the delays with which they were tried, those that come back theirs. */
  @ParameterizedTest
  @ValueSource(strings = {"LIF_DELAYED", "LIF_GRID_DELAYED"})
  void gradientsAreThoseOfTheDelaysThatSynapsesThenHave(String kind) {
    Connection sparse = Connection.sparse(0.4, Weights.normal(2, 1));
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, delayed(kind, sparse.rewire(RIGL)), 4);
        Network dense = Network.build(java, delayed(kind, Twins.DENSE), 4)) {
      RewiredSynapses synapses = network.rewired().get(0);
      Wiring wiring = synapses.wiring();
      DeviceArray weights = synapses.arrays().value(synapses.weights());
      DeviceArray delays = synapses.arrays().value(synapses.delays());
      List<Companion> companions =
          List.of(Companion.zeroed(weights), new Companion(delays, WeightLaw.uniform(0, 5)));
      int count = present(synapses) * 2 / 3;
      try (Rewirer rewirer = new Rewirer(wiring, companions)) {
        boolean[] there = there(wiring);
        double[] all = Twins.spread(delays.toDoubles(), wiring);
        for (int pair = 0; pair < all.length; pair++) {
          all[pair] = there[pair] ? all[pair] : rewirer.initial(delays, pair, 9, 2);
        }
        Twins.spread(network, dense);
        dense.arrays().get(synapses.delays()).copyFrom(all);
        rewirer.markSmallest(weights, count);
        boolean[] leaving = rewirer.marked();
        synapses.tiles().want(count, leaving, pair -> rewirer.initial(delays, pair, 9, 2));
        assertClose(Twins.losses(dense), Twins.losses(network), 1e-12);
        double[] gradient = Twins.gradient(dense, synapses.weights());
        long[] found = synapses.tiles().found();
        for (int k = 0; k < count; k++) {
          assertThat(synapses.tiles().magnitudes()[k])
              .isCloseTo(Math.abs(gradient[(int) found[k]]), within(1e-12));
        }
        long back = LongStream.of(found).filter(pair -> there[(int) pair]).count();
        assertThat(back).isBetween(1L, count - 1L);
        rewirer.replaceBy(found, 9, 2);
        synapses.tiles().putDelaysBack();
        boolean[] then = there(wiring);
        double[] now = Twins.spread(delays.toDoubles(), wiring);
        for (int pair = 0; pair < all.length; pair++) {
          assertThat(now[pair]).isEqualTo(then[pair] ? all[pair] : 0);
        }
        assertThat(LongStream.of(found).allMatch(pair -> then[(int) pair])).isTrue();
      }
    }
  }

  private static NetworkSpec delayed(String kind, Connection connection) {
    return NetworkSpec.builder()
        .precision(DType.FLOAT64)
        .simulator(
            kind.equals("LIF_DELAYED")
                ? io.tacet.eventprop.Simulator.exact()
                : io.tacet.eventprop.Simulator.grid(0.5))
        .spikes(io.tacet.data.YinYang.SOURCES)
        .lif(12, Lif.tau(20, 5), connection.delays(0, 5), null)
        .lif(io.tacet.data.YinYang.CLASSES, Lif.tau(20, 5), Weights.normal(2.5, 0.5))
        .spec();
  }

  /** Which pairs have a synapse. */
  private static boolean[] there(Wiring wiring) {
    boolean[] there = new boolean[(int) wiring.pairs()];
    int[] offsets = wiring.pattern().validate().rowOffsets().toInts();
    int[] indices = wiring.pattern().indices().toInts();
    for (int i = 0; i < wiring.sources(); i++) {
      for (int s = offsets[i]; s < offsets[i + 1]; s++) {
        there[i * wiring.targets() + indices[s]] = true;
      }
    }
    return there;
  }

  /** Every pair has a gradient of its own, so that what is found is known. */
  @Test
  void ofManyPairsTheLargestAreFoundInMemoryOfTheSynapses() {
    int units = 3000;
    try (Backend java = Backends.open("java");
        CsrSynapses synapses =
            CsrSynapses.random(java, DType.FLOAT32, units, units, 0.01, WeightLaw.constant(1), 5);
        Spikes sent = Spikes.inputs(java, DType.FLOAT32, 1, units)) {
      // The last source is silent.
      double[] times = new double[units - 1];
      int[] active = new int[units - 1];
      Arrays.setAll(times, e -> e);
      Arrays.setAll(active, e -> e);
      sent.set(new double[][] {times}, new int[][] {active});
      AbsentTiles tiles = new AbsentTiles(synapses);
      int present = (int) synapses.count();
      boolean[] leaving = new boolean[present];
      leaving[present / 2] = true;
      tiles.want(200, leaving, pair -> Double.NaN);
      long before = java.arrayBytes().open();
      List<Long> held = new ArrayList<>();
      boolean[] seen = new boolean[units * units];
      tiles.search(
          sent,
          (tile, gradient) -> {
            held.add(java.arrayBytes().open() - before);
            tile.validate();
            gradient.copyFrom(magnitudes(tile, seen));
          });
      assertThat(held).hasSizeGreaterThan(50).containsOnly(tiles.deviceBytes(present));
      assertThat(java.arrayBytes().open()).isEqualTo(before);
      assertThat(tiles.bytes(present, 200)).isLessThan(50L * 2 * present);
      Wiring wiring = Wiring.of(io.tacet.sparse.SparsePattern.of(synapses));
      boolean[] there = there(wiring);
      assertThat(IntStream.range(0, units * (units - 1)).filter(pair -> !seen[pair])).isEmpty();
      long left = pairOf(wiring, present / 2);
      PriorityQueue<Long> largest =
          new PriorityQueue<>(Comparator.comparingDouble(AbsentTilesTest::magnitude));
      for (long pair = 0; pair < (long) units * (units - 1); pair++) {
        boolean absent = !there[(int) pair] || pair == left;
        if (absent && (largest.size() < 200 || magnitude(pair) > magnitude(largest.element()))) {
          largest.add(pair);
          if (largest.size() > 200) {
            largest.remove();
          }
        }
      }
      long[] expected = largest.stream().mapToLong(Long::longValue).sorted().toArray();
      assertThat(tiles.found()).isEqualTo(expected);
    }
  }

  /** Different for all pairs: a permutation of the numbers below a prime larger than they are. */
  private static float magnitude(long pair) {
    return (pair + 1) * 4_000_037L % 9_000_011L;
  }

  private static double[] magnitudes(CsrSynapses tile, boolean[] seen) {
    int[] offsets = tile.rowOffsets().toInts();
    int[] indices = tile.indices().toInts();
    double[] weights = tile.weights().toDoubles();
    double[] magnitudes = new double[weights.length];
    boolean twice = false;
    for (int i = 0; i < tile.sources(); i++) {
      for (int s = offsets[i]; s < offsets[i + 1]; s++) {
        int pair = i * tile.targets() + indices[s];
        twice |= weights[s] == 0 && seen[pair];
        seen[pair] = true;
        magnitudes[s] = -magnitude(pair);
      }
    }
    assertThat(twice).as("twice").isFalse();
    return magnitudes;
  }

  private static long pairOf(Wiring wiring, int synapse) {
    int[] offsets = wiring.pattern().rowOffsets().toInts();
    int source = 0;
    while (offsets[source + 1] <= synapse) {
      source++;
    }
    return (long) source * wiring.targets() + wiring.pattern().indices().toInts()[synapse];
  }

  @Test
  void withoutAnEventTheFirstPairsAreFound() {
    try (Backend java = Backends.open("java");
        CsrSynapses synapses =
            CsrSynapses.ofDense(java, DType.FLOAT64, 2, 3, new double[] {0, 1, 0, 2, 0, 3});
        Spikes none = Spikes.inputs(java, DType.FLOAT64, 1, 1)) {
      AbsentTiles tiles = new AbsentTiles(synapses);
      assertThatThrownBy(tiles::found).isInstanceOf(IllegalStateException.class);
      tiles.want(3, new boolean[] {false, true, false}, pair -> 0);
      tiles.search(none, (tile, gradient) -> {});
      assertThat(tiles.found()).containsExactly(0, 2, 3);
      assertThat(tiles.magnitudes()).containsExactly(0, 0, 0);
    }
  }
}
