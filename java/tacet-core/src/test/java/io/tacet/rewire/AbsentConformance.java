package io.tacet.rewire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.rewire.Tissue.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The search for absent synapses of large gradient on every backend, against sorted gradients of
 * all pairs. Sums are the same on all, so results are compared without a margin.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class AbsentConformance {
  private static final long SEED = 0x4321_8765_abcdL;

  /**
   * What is searched.
   *
   * @param parts of what is sent
   * @param pairs of step and sample
   * @param lag of what is sent
   */
  private record Problem(Shape shape, int parts, int pairs, int lag) {}

  private static final List<Problem> PROBLEMS =
      List.of(
          new Problem(new Shape(1, 1, 0, 2, 1, false, true), 1, 1, 0),
          new Problem(new Shape(70, 33, 0.2, 400, 1, false, false), 1, 65, 0),
          new Problem(new Shape(70, 33, 0.2, 400, 1, false, true), 3, 40, 7),
          new Problem(new Shape(3, 700, 0.4, 300, 1, false, true), 1, 5, 5),
          new Problem(new Shape(300, 5, 0.1, 60, 2, false, false), 1, 33, 2),
          new Problem(new Shape(35, 150, 0.3, 100, 3, false, true), 3, 70, 0),
          new Problem(new Shape(35, 150, 0.3, 100, 3, true, false), 1, 31, 4),
          new Problem(new Shape(9, 130, 0.05, 400, 4, true, true), 4, 20, 0));

  /** The backends to test. */
  protected Stream<BackendCase> backends() {
    return BackendCase.all();
  }

  Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (BackendCase backend : backends().toList()) {
      PROBLEMS.forEach(problem -> cases.add(Arguments.of(backend, problem)));
    }
    return cases.stream();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** The absent pairs of largest gradient. */
  private static Set<Long> largest(Factors factors, DType type, Set<Long> present, int count) {
    Shape shape = factors.shape;
    // Of present pairs NaN, which is sorted behind all numbers.
    double[] sizes = new double[shape.sources() * shape.targets()];
    for (int pair = 0; pair < sizes.length; pair++) {
      sizes[pair] =
          present.contains((long) pair)
              ? Double.NaN
              : factors.magnitude(type, pair / shape.targets(), pair % shape.targets());
    }
    int absent = sizes.length - present.size();
    double[] sorted = sizes.clone();
    Arrays.sort(sorted);
    double least = count == 0 ? Double.POSITIVE_INFINITY : sorted[absent - count];
    Set<Long> found = new HashSet<>();
    for (int pair = 0; pair < sizes.length; pair++) {
      if (sizes[pair] > least) {
        found.add((long) pair);
      }
    }
    // Of equal ones the first.
    for (int pair = 0; found.size() < count; pair++) {
      if (sizes[pair] == least) {
        found.add((long) pair);
      }
    }
    return found;
  }

  private static void check(BackendCase open, Factors factors, int marked, double share) {
    Shape shape = factors.shape;
    NavigableMap<Long, double[][]> expected = Tissue.random(shape, SEED);
    int drop = Math.min(marked, expected.size());
    try (Backend backend = open.backend().get();
        Resources made = new Resources();
        Tissue tissue = new Tissue(backend, open.type(), shape, expected);
        Rewirer rewirer = new Rewirer(tissue.wiring, tissue.companions)) {
      if (drop > 0) {
        rewirer.markSmallest(tissue.array(0), drop);
        expected.keySet().removeAll(Tissue.bySize(expected, 0).subList(0, drop));
      }
      int count = (int) Math.ceil(share * (rewirer.room() + drop));
      Set<Long> grown = largest(factors, open.type(), expected.keySet(), count);
      rewirer.findLargest(factors.upload(backend, open.type(), made), count);
      rewirer.replaceByFound(SEED, 3);
      Tissue.grow(expected, shape, grown, SEED, 3);
      Tissue.assertSame(tissue.read(), expected);
      assertThat(rewirer.synapses()).isEqualTo(expected.size());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void thoseOfLargestGradientGrowAndOfEqualOnesTheFirst(BackendCase open, Problem p) {
    SplittableRandom random = new SplittableRandom(SEED);
    Factors factors = Factors.whole(p.shape(), p.pairs(), p.parts(), p.lag(), random);
    for (double share : new double[] {0, 1e-9, 0.4, 1}) {
      check(open, factors, 0, share);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void sumsAreTheSameOnEveryBackendAndMarkedSynapsesAreAbsent(BackendCase open, Problem p) {
    SplittableRandom random = new SplittableRandom(SEED + 1);
    Factors factors = Factors.real(p.shape(), p.pairs(), p.parts(), p.lag(), random);
    for (double share : new double[] {1e-9, 0.3, 0.9}) {
      check(open, factors, 70, share);
    }
  }

  Stream<BackendCase> open() {
    return backends();
  }

  /** More pairs than any backend looks at together, most of them without a gradient. */
  @ParameterizedTest
  @MethodSource("open")
  void manyPairsAreGoneThroughInParts(BackendCase open) {
    Shape shape = new Shape(600, 2000, 1e-3, 3000, 1, false, false);
    SplittableRandom random = new SplittableRandom(SEED + 2);
    Factors factors = Factors.whole(shape, 2, 1, 0, random);
    check(open, factors, 100, 0.5);
    Arrays.fill(factors.sent, 0, 2 * 600 - 3, 0);
    check(open, factors, 100, 1);
  }

  @ParameterizedTest
  @MethodSource("open")
  void whatDoesNotFitIsRefused(BackendCase open) {
    Shape shape = new Shape(5, 6, 0.5, 3, 2, false, true);
    NavigableMap<Long, double[][]> synapses = Tissue.random(shape, SEED);
    DType type = open.type();
    try (Backend backend = open.backend().get();
        Tissue tissue = new Tissue(backend, type, shape, synapses);
        Rewirer rewirer = new Rewirer(tissue.wiring, tissue.companions);
        DeviceArray sent = backend.allocate(type, 4, 5);
        DeviceArray errors = backend.allocate(type, 4, 12);
        DeviceArray whole = backend.allocate(DType.INT32, 4, 5)) {
      GradientFactors good = GradientFactors.of(sent, errors);
      assertThatThrownBy(() -> rewirer.findLargest(good, 4))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("count: expected 0 to 3 new synapses beside " + synapses.size())
          .hasMessageContaining("got 4");
      refuses(rewirer, GradientFactors.of(sent, sent), "errors: expected [pairs][12]");
      refuses(rewirer, GradientFactors.of(errors, errors), "sent: expected [4][5]");
      refuses(rewirer, GradientFactors.of(whole, errors), "sent: expected 20 elements of " + type);
      refuses(rewirer, new GradientFactors(sent, 5, null, errors), "lag: expected 0 to 4");
      refuses(rewirer, new GradientFactors(sent, 2, sent, errors), "first: expected 10 elements");
      assertThatThrownBy(() -> rewirer.replaceByFound(1, 1))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("Nothing was looked for");
      rewirer.findLargest(good, 2);
      rewirer.markSmallest(tissue.array(0), 1);
      assertThatThrownBy(() -> rewirer.replaceByFound(1, 1))
          .isInstanceOf(IllegalStateException.class);
      rewirer.markSmallest(tissue.array(0), 0);
      Tissue.assertSame(tissue.read(), synapses);
      rewirer.replace(2, SEED, 1);
      assertThatThrownBy(() -> rewirer.replaceByFound(1, 1))
          .isInstanceOf(IllegalStateException.class);
      // What has just grown does not go again unless it is marked.
      rewirer.replace(1, SEED, 2);
      assertThat(tissue.read()).hasSize(synapses.size() + 3).containsKeys(keys(synapses));
    }
  }

  private static Long[] keys(NavigableMap<Long, double[][]> synapses) {
    return synapses.keySet().toArray(Long[]::new);
  }

  private static void refuses(Rewirer rewirer, GradientFactors factors, String message) {
    assertThatThrownBy(() -> rewirer.findLargest(factors, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }
}
