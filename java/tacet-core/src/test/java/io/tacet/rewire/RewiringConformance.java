package io.tacet.rewire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.rewire.Tissue.Shape;
import io.tacet.sparse.Philox;
import io.tacet.sparse.WeightLaw;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What rewiring must do on every backend, against sorted maps. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class RewiringConformance {
  private static final long SEED = 0x1234_5678_9abcL;

  private static final List<Shape> SHAPES =
      List.of(
          new Shape(1, 1, 1, 2, 1, false, true),
          new Shape(40, 33, 0.2, 500, 1, false, false),
          new Shape(3, 700, 0.4, 300, 1, false, true),
          new Shape(300, 5, 0.1, 0, 2, false, false),
          new Shape(20, 64, 0.3, 100, 3, false, true),
          new Shape(20, 64, 0.3, 100, 3, true, false),
          new Shape(9, 130, 0.05, 400, 4, true, true));

  /** The backends to test. */
  protected Stream<BackendCase> backends() {
    return BackendCase.all();
  }

  Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (BackendCase backend : backends().toList()) {
      SHAPES.forEach(shape -> cases.add(Arguments.of(backend, shape)));
    }
    return cases.stream();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** Adds what should have grown; returns it. */
  private static Set<Long> grow(
      NavigableMap<Long, double[][]> synapses, Shape shape, int count, long seed, int step) {
    List<Long> absent = new ArrayList<>();
    for (long pair = 0; pair < (long) shape.sources() * shape.targets(); pair++) {
      if (!synapses.containsKey(pair)) {
        absent.add(pair);
      }
    }
    Set<Long> grown = new HashSet<>();
    for (int k = 0; k < count; k++) {
      grown.add(absent.get((int) new Permutation(absent.size(), seed, step).at(k)));
    }
    Tissue.grow(synapses, shape, grown, seed, step);
    return grown;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theSmallestGoAndTheDrawnComeAndEverythingElseMovesUnchanged(BackendCase open, Shape shape) {
    NavigableMap<Long, double[][]> expected = Tissue.random(shape, SEED);
    try (Backend backend = open.backend().get();
        Tissue tissue = new Tissue(backend, open.type(), shape, expected);
        Rewirer rewirer = new Rewirer(tissue.wiring, tissue.companions)) {
      for (int step = 1; step <= 3; step++) {
        int count = expected.size() / (step + 1);
        rewirer.markSmallest(tissue.array(0), count);
        expected.keySet().removeAll(Tissue.bySize(expected, 0).subList(0, count));
        int grow = (int) Math.min(rewirer.room() + count, count + 10L * (step - 1));
        rewirer.replace(grow, SEED, step);
        grow(expected, shape, grow, SEED, step);
        Tissue.assertSame(tissue.read(), expected);
        assertThat(rewirer.synapses()).isEqualTo(expected.size());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void givenPairsGrow(BackendCase open, Shape shape) {
    NavigableMap<Long, double[][]> expected = Tissue.random(shape, SEED + 2);
    try (Backend backend = open.backend().get();
        Tissue tissue = new Tissue(backend, open.type(), shape, expected);
        Rewirer rewirer = new Rewirer(tissue.wiring, tissue.companions)) {
      int drop = expected.size() / 2;
      long[] absent =
          LongStream.range(0, tissue.wiring.pairs())
              .filter(pair -> !expected.containsKey(pair))
              .toArray();
      long most = Math.min(absent.length, rewirer.room() + drop);
      long[] pairs =
          LongStream.range(0, most).map(k -> absent[(int) (k * absent.length / most)]).toArray();
      rewirer.markSmallest(tissue.array(0), drop);
      rewirer.replaceBy(pairs, SEED, 4);
      expected.keySet().removeAll(Tissue.bySize(expected, 0).subList(0, drop));
      Tissue.grow(
          expected, shape, Arrays.stream(pairs).boxed().collect(Collectors.toSet()), SEED, 4);
      Tissue.assertSame(tissue.read(), expected);
      assertThat(rewirer.synapses()).isEqualTo(expected.size());
    }
  }

  /** Synapses that are marked may come back at once, and begin like the others. */
  @ParameterizedTest
  @MethodSource("cases")
  void markedPairsCanComeBack(BackendCase open, Shape shape) {
    NavigableMap<Long, double[][]> expected = Tissue.random(shape, SEED + 3);
    try (Backend backend = open.backend().get();
        Tissue tissue = new Tissue(backend, open.type(), shape, expected);
        Rewirer rewirer = new Rewirer(tissue.wiring, tissue.companions)) {
      int drop = expected.size() / 2;
      List<Long> gone = List.copyOf(Tissue.bySize(expected, 0).subList(0, drop));
      List<Long> order = List.copyOf(expected.keySet());
      rewirer.markSmallest(tissue.array(0), drop);
      boolean[] marked = rewirer.marked();
      assertThat(marked).hasSize(order.size());
      for (int s = 0; s < marked.length; s++) {
        assertThat(marked[s]).isEqualTo(gone.contains(order.get(s)));
      }
      long[] pairs = gone.stream().mapToLong(Long::longValue).sorted().limit(drop / 2).toArray();
      double[] first =
          Arrays.stream(pairs)
              .mapToDouble(p -> rewirer.initial(tissue.array(1), p, SEED, 4))
              .toArray();
      rewirer.replaceBy(pairs, SEED, 4);
      expected.keySet().removeAll(gone);
      Tissue.grow(
          expected, shape, Arrays.stream(pairs).boxed().collect(Collectors.toSet()), SEED, 4);
      Tissue.assertSame(tissue.read(), expected);
      for (int k = 0; k < pairs.length; k++) {
        assertThat(expected.get(pairs[k])[1][0]).isEqualTo(first[k]);
      }
      assertThat(rewirer.marked()).hasSize(expected.size()).containsOnly(false);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void ofNewSynapsesThoseOfSmallestGradientGo(BackendCase open, Shape shape) {
    NavigableMap<Long, double[][]> expected = Tissue.random(shape, SEED + 1);
    try (Backend backend = open.backend().get();
        Tissue tissue = new Tissue(backend, open.type(), shape, expected);
        Rewirer rewirer = new Rewirer(tissue.wiring, tissue.companions)) {
      int drop = expected.size() / 3;
      rewirer.markSmallest(tissue.array(0), drop);
      expected.keySet().removeAll(Tissue.bySize(expected, 0).subList(0, drop));
      int grow = (int) (rewirer.room() + drop);
      rewirer.replace(grow, SEED, 5);
      Set<Long> grown = grow(expected, shape, grow, SEED, 5);
      int leave = grow - drop;
      // The second companion was drawn for new synapses: it stands for their gradients.
      List<Long> order = Tissue.bySize(expected, 1);
      order.retainAll(grown);
      rewirer.markSmallestNew(tissue.array(1), leave);
      rewirer.replace(0, SEED, 6);
      order.subList(0, leave).forEach(expected::remove);
      Tissue.assertSame(tissue.read(), expected);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void synapsesOfEqualMagnitudeGoInTheirOrder(BackendCase open, Shape shape) {
    NavigableMap<Long, double[][]> expected = Tissue.random(shape, SEED + 2);
    boolean[] negative = {false};
    expected
        .values()
        .forEach(
            values -> {
              negative[0] = !negative[0];
              Arrays.fill(values[0], negative[0] ? -0.5 : 0.5);
            });
    try (Backend backend = open.backend().get();
        Tissue tissue = new Tissue(backend, open.type(), shape, expected);
        Rewirer rewirer = new Rewirer(tissue.wiring, tissue.companions)) {
      for (int count : new int[] {0, 1, expected.size() / 2}) {
        rewirer.markSmallest(tissue.array(0), Math.min(count, expected.size()));
        rewirer.replace(0, SEED, 1);
        for (int k = Math.min(count, expected.size()); k > 0; k--) {
          expected.pollFirstEntry();
        }
        Tissue.assertSame(tissue.read(), expected);
      }
      rewirer.markSmallest(tissue.array(0), expected.size());
      rewirer.replace(0, SEED, 2);
      assertThat(tissue.read()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyAbsentPairCanGrowAtOnce(BackendCase open, Shape given) {
    int all = given.sources() * given.targets();
    NavigableMap<Long, double[][]> expected = Tissue.random(given, SEED + 3);
    Shape shape =
        new Shape(
            given.sources(),
            given.targets(),
            given.density(),
            all - expected.size(),
            given.values(),
            given.repeated(),
            given.wide());
    try (Backend backend = open.backend().get();
        Tissue tissue = new Tissue(backend, open.type(), shape, expected);
        Rewirer rewirer = new Rewirer(tissue.wiring, tissue.companions)) {
      int absent = all - expected.size();
      assertThat(rewirer.room()).isEqualTo(absent);
      rewirer.replace(absent, SEED, 1);
      grow(expected, shape, absent, SEED, 1);
      Tissue.assertSame(tissue.read(), expected);
      assertThat(rewirer.room()).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void weightsThatCrossZeroAreMarkedAndTheWalkIsThatOfTheSeed(BackendCase open, Shape shape) {
    NavigableMap<Long, double[][]> expected = Tissue.random(shape, SEED + 4);
    RandomWalk walk = new RandomWalk(0.25, 0.5);
    try (Backend backend = open.backend().get();
        Tissue tissue = new Tissue(backend, open.type(), shape, expected);
        Rewirer rewirer = new Rewirer(tissue.wiring, tissue.companions)) {
      Set<Long> dormant = walk(expected, shape, walk, open.type(), 9);
      assertThat(rewirer.markCrossed(tissue.array(0), tissue.array(1), walk, SEED, 9))
          .isEqualTo(dormant.size());
      Tissue.assertSame(tissue.read(), expected);
      rewirer.replace(dormant.size(), SEED, 9);
      expected.keySet().removeAll(dormant);
      grow(expected, shape, dormant.size(), SEED, 9);
      Tissue.assertSame(tissue.read(), expected);
    }
  }

  /** Walks with the first companion on the side of the second; returns what became dormant. */
  private static Set<Long> walk(
      NavigableMap<Long, double[][]> synapses, Shape shape, RandomWalk walk, DType type, int step) {
    Set<Long> dormant = new HashSet<>();
    int e = 0;
    int[] words = new int[4];
    for (Long pair : synapses.keySet()) {
      double[][] values = synapses.get(pair);
      boolean alive = false;
      boolean crossed = false;
      for (int g = 0; g < shape.values(); g++, e++) {
        Philox.block(e / 4, 0, step, 17, SEED, words);
        float normal = WeightLaw.normal(0, 1).weight(words[e % 4]);
        double side = values[1][g] < 0 ? -1 : 1;
        double w = values[0][g] - side * walk.drift();
        w =
            type == DType.FLOAT32
                ? Math.fma((float) walk.noise(), normal, (float) w)
                : Math.fma(walk.noise(), normal, w);
        crossed |= side * w < 0;
        alive |= side * w > 0;
        values[0][g] = side * w < 0 ? 0 : w;
      }
      if (crossed && !alive) {
        dormant.add(pair);
      }
    }
    return dormant;
  }

  Stream<BackendCase> open() {
    return backends();
  }

  @ParameterizedTest
  @MethodSource("open")
  void allAbsentPairsAreEquallyLikely(BackendCase open) {
    Shape shape = new Shape(4, 10, 0.3, 30, 1, false, true);
    NavigableMap<Long, double[][]> before = Tissue.random(shape, SEED);
    int[] counts = new int[40];
    int rounds = 400;
    try (Backend backend = open.backend().get()) {
      for (int step = 0; step < rounds; step++) {
        try (Tissue tissue = new Tissue(backend, open.type(), shape, before);
            Rewirer rewirer = new Rewirer(tissue.wiring, tissue.companions)) {
          rewirer.replace(5, SEED, step);
          tissue.read().keySet().forEach(pair -> counts[pair.intValue()]++);
        }
      }
    }
    int absent = 40 - before.size();
    double mean = 5.0 * rounds / absent;
    double deviation = Math.sqrt(mean * (1 - 5.0 / absent));
    double chi2 = 0;
    for (long pair = 0; pair < 40; pair++) {
      if (before.containsKey(pair)) {
        assertThat(counts[(int) pair]).isEqualTo(rounds);
      } else {
        chi2 += Math.pow((counts[(int) pair] - mean) / deviation, 2);
      }
    }
    // Its deviation is sqrt(2 absent).
    assertThat(chi2)
        .isBetween(absent - 4 * Math.sqrt(2.0 * absent), absent + 4 * Math.sqrt(2.0 * absent));
  }

  @ParameterizedTest
  @MethodSource("open")
  void whatDoesNotFitIsRefused(BackendCase open) {
    Shape shape = new Shape(5, 6, 0.5, 3, 1, false, true);
    NavigableMap<Long, double[][]> synapses = Tissue.random(shape, SEED);
    int count = synapses.size();
    try (Backend backend = open.backend().get();
        Tissue tissue = new Tissue(backend, open.type(), shape, synapses);
        Rewirer rewirer = new Rewirer(tissue.wiring, tissue.companions);
        DeviceArray shorter = backend.allocate(open.type(), count)) {
      assertThatThrownBy(() -> rewirer.replace(4, 0, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("grow: expected 0 to 3 new synapses beside " + count)
          .hasMessageContaining("got 4");
      long present = synapses.firstKey();
      assertThatThrownBy(() -> rewirer.initial(shorter, 0, 0, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("array: expected one of the companions");
      assertThatThrownBy(() -> rewirer.replaceBy(new long[] {present}, 0, 0))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "pairs: expected pairs without a synapse, got that from %d to %d.",
              present / 6, present % 6);
      assertThatThrownBy(() -> rewirer.replaceBy(new long[] {30}, 0, 0))
          .hasMessage("pairs: expected different numbers below 30, ascending, got 30 after -1.");
      assertThatThrownBy(() -> rewirer.replaceBy(new long[4], 0, 0))
          .hasMessageContaining("pairs: expected 0 to 3 new synapses beside " + count);
      assertThatThrownBy(() -> rewirer.markSmallest(tissue.array(0), count + 1))
          .hasMessage("count: expected 0 to %d, as there are synapses, got %d.", count, count + 1);
      assertThatThrownBy(() -> rewirer.markSmallestNew(tissue.array(0), 1))
          .hasMessage("count: expected 0 to 0, as there are new synapses, got 1.");
      assertThatThrownBy(() -> rewirer.markSmallest(shorter, 1)).hasMessageStartingWith("values:");
      assertThatThrownBy(() -> new Rewirer(tissue.wiring, List.of(Companion.zeroed(shorter))))
          .hasMessageStartingWith("companions:");
      assertThatThrownBy(() -> new Rewirer(tissue.wiring, List.of()))
          .hasMessage("companions: expected 1 to 16 arrays, got 0.");
      assertThatThrownBy(() -> new RandomWalk(-1, 0)).hasMessageStartingWith("drift, noise:");
      assertThatThrownBy(() -> new Wiring(tissue.wiring.pattern(), 5, false))
          .hasMessage("values: expected 1 to 4 of a synapse, got 5.");
      assertThatThrownBy(() -> new Wiring(tissue.wiring.pattern(), 4, true))
          .hasMessageStartingWith("pattern: expected targets and places to be multiples of 4");
      Tissue.assertSame(tissue.read(), synapses);
    }
  }
}
