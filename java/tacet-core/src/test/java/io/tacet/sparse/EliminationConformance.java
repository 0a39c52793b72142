package io.tacet.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What elimination must do on every backend: exactly what plain loops do. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class EliminationConformance {

  /** The backends to test. */
  protected Stream<BackendCase> backends() {
    return BackendCase.all();
  }

  /** A pattern and how many of its sources are silent. */
  private record Shape(int sources, int targets, double density, int batch, double silent) {}

  private static final List<Shape> SHAPES =
      List.of(
          new Shape(1, 1, 1, 1, 1),
          new Shape(2, 31, 0.5, 2, 0.5),
          new Shape(33, 32, 0.1, 3, 0.3),
          new Shape(40, 33, 0.2, 2, 0),
          new Shape(70, 8193, 0.05, 1, 0.6),
          new Shape(300, 2100, 0.05, 3, 0.4),
          new Shape(64, 300, 0.02, 5, 0.9));

  Stream<Arguments> cases() {
    return backends().flatMap(b -> SHAPES.stream().map(shape -> Arguments.of(b, shape)));
  }

  Stream<BackendCase> backendCases() {
    return backends();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void vetoesAndCandidatesAreThoseOfPlainLoops(BackendCase backendCase, Shape shape) {
    RandomPattern pattern = pattern(shape);
    int[][] silent = silent(shape);
    int[] naive = naiveVetoes(pattern, silent);
    for (DType index : new DType[] {DType.UINT16, DType.INT32}) {
      try (Resources open = new Resources()) {
        Backend backend = open.own(backendCase.backend().get());
        Elimination elimination = open.own(made(backend, pattern, index));
        Events events = open.own(Events.binary(backend, shape.batch, shape.sources)).set(silent);
        int[] before = IntStream.range(0, naive.length).map(k -> k % 5 - 2).toArray();
        DeviceArray vetoes = open.own(backend.allocate(DType.INT32, shape.batch, shape.targets));
        elimination.vetoes(events, vetoes.copyFrom(before));
        assertThat(vetoes.toInts())
            .isEqualTo(IntStream.range(0, naive.length).map(k -> naive[k] + before[k]).toArray());
        Events found = open.own(Events.binary(backend, shape.batch, shape.targets));
        assertThat(elimination.candidates(events, found)).isSameAs(found);
        checkCandidates(found, naive);
      }
    }
  }

  /** Copies the pattern and closes it, so that what follows depends on the copy alone. */
  private static Elimination made(Backend backend, RandomPattern pattern, DType index) {
    try (Resources brief = new Resources()) {
      return Elimination.of(pattern.upload(backend, brief, index).validate());
    }
  }

  private static void checkCandidates(Events found, int[] vetoes) {
    int targets = found.sources();
    int words = Events.words(targets);
    int[] counts = found.counts().toInts();
    int[] units = found.units().toInts();
    int[] bitmap = found.bitmap().toInts();
    for (int b = 0; b < found.batch(); b++) {
      int row = b * targets;
      int[] expected = IntStream.range(0, targets).filter(m -> vetoes[row + m] == 0).toArray();
      assertThat(counts[b]).isEqualTo(expected.length);
      assertThat(Arrays.copyOfRange(units, row, row + counts[b])).isEqualTo(expected);
      int[] bits = new int[words];
      for (int m : expected) {
        bits[m / 32] |= 1 << (m % 32);
      }
      assertThat(Arrays.copyOfRange(bitmap, b * words, (b + 1) * words)).isEqualTo(bits);
    }
  }

  @ParameterizedTest
  @MethodSource("backendCases")
  void silentSourcesThatListsHaveNoRoomForVetoAllTheSame(BackendCase backendCase) {
    Shape shape = new Shape(90, 120, 0.03, 2, 0.5);
    RandomPattern pattern = pattern(shape);
    try (Resources open = new Resources()) {
      Backend backend = open.own(backendCase.backend().get());
      Elimination elimination = open.own(made(backend, pattern, DType.UINT16));
      Events silent = open.own(Events.binary(backend, 2, 90, 4)).set(silent(shape));
      Events found = open.own(Events.binary(backend, 2, 120));
      checkCandidates(elimination.candidates(silent, found), naiveVetoes(pattern, silent(shape)));
    }
  }

  @ParameterizedTest
  @MethodSource("backendCases")
  void moreCandidatesThanTheirListHoldsAreReported(BackendCase backendCase) {
    try (Resources open = new Resources()) {
      Backend backend = open.own(backendCase.backend().get());
      RandomPattern pattern = pattern(new Shape(5, 50, 0.1, 1, 0));
      Elimination elimination = open.own(made(backend, pattern, DType.UINT16));
      Events none = open.own(Events.binary(backend, 1, 5)).set(new int[][] {{}});
      Events found = open.own(Events.binary(backend, 1, 50, 7));
      elimination.candidates(none, found);
      assertThat(found.units().toInts()).containsExactly(0, 1, 2, 3, 4, 5, 6);
      assertThatThrownBy(found::requireComplete)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageStartingWith("Sample 0 has 50 events and the lists hold 7");
    }
  }

  @ParameterizedTest
  @MethodSource("backendCases")
  void unitsThatDoNotExceedTheThresholdAreSilent(BackendCase backendCase) {
    int sources = 70;
    double[] activity = new double[2 * sources];
    for (int k = 0; k < activity.length; k++) {
      activity[k] = k % 4 == 0 ? 0 : 0.1 * (k % 7);
    }
    activity[3] = Double.NaN;
    activity[8] = -0.0;
    activity[9] = -1;
    activity[10] = Double.NEGATIVE_INFINITY;
    activity[11] = Double.POSITIVE_INFINITY;
    try (Resources open = new Resources()) {
      Backend backend = open.own(backendCase.backend().get());
      DeviceArray array = open.own(backend.allocate(backendCase.type(), 2, sources));
      double[] stored = array.copyFrom(activity).toDoubles();
      Events silent = open.own(Events.binary(backend, 2, sources));
      for (double threshold :
          new double[] {0, 0.1, 0.25, -2, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY}) {
        double compared = backendCase.type() == DType.FLOAT32 ? (float) threshold : threshold;
        silent.compactSilent(array, threshold);
        int[] counts = silent.counts().toInts();
        for (int b = 0; b < 2; b++) {
          int row = b * sources;
          assertThat(Arrays.copyOfRange(silent.units().toInts(), row, row + counts[b]))
              .isEqualTo(
                  IntStream.range(0, sources).filter(i -> stored[row + i] <= compared).toArray());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backendCases")
  void thresholdsThatAreNoNumbersAndForeignOrMisshapenArraysAreRefused(BackendCase backendCase) {
    try (Resources open = new Resources()) {
      Backend backend = open.own(backendCase.backend().get());
      JavaBackend stranger = open.own(new JavaBackend(1));
      DType type = backendCase.type();
      Events silent = open.own(Events.binary(backend, 2, 6));
      DeviceArray activity = open.own(backend.allocate(type, 2, 6));
      refuses("threshold: expected a number", () -> silent.compactSilent(activity, Double.NaN));
      DeviceArray foreign = open.own(stranger.allocate(type, 2, 6));
      refuses(
          "activity: expected an array on the backend of the events",
          () -> silent.compactSilent(foreign, 0));
      DeviceArray small = open.own(backend.allocate(type, 2, 5));
      refuses("activity: expected", () -> silent.compactSilent(small, 0));
      DeviceArray whole = open.own(backend.allocate(DType.INT32, 2, 6));
      refuses("activity: expected floating point", () -> silent.compactSilent(whole, 0));
      Events graded = open.own(Events.graded(backend, type, 2, 6));
      assertThatThrownBy(() -> graded.compactSilent(activity, 0))
          .isInstanceOf(IllegalStateException.class);

      RandomPattern pattern = pattern(new Shape(6, 40, 0.2, 2, 0));
      Elimination elimination = open.own(made(backend, pattern, DType.UINT16));
      Events found = open.own(Events.binary(backend, 2, 40));
      Events otherBatch = open.own(Events.binary(backend, 1, 40));
      Events otherTargets = open.own(Events.binary(backend, 2, 41));
      Events strange = open.own(Events.binary(stranger, 2, 6));
      Events strangeFound = open.own(Events.binary(stranger, 2, 40));
      Events gradedFound = open.own(Events.graded(backend, type, 2, 40));
      refuses("candidates: expected a batch", () -> elimination.candidates(silent, otherBatch));
      refuses("candidates: expected a batch", () -> elimination.candidates(silent, otherTargets));
      refuses("candidates: expected binary", () -> elimination.candidates(silent, gradedFound));
      refuses("candidates: expected the back", () -> elimination.candidates(silent, strangeFound));
      refuses("silent: expected the backend", () -> elimination.candidates(strange, found));
      refuses("silent: expected events over 6", () -> elimination.candidates(found, found));
      DeviceArray real = open.own(backend.allocate(type, 2, 40));
      DeviceArray few = open.own(backend.allocate(DType.INT32, 2, 39));
      DeviceArray strangeVetoes = open.own(stranger.allocate(DType.INT32, 2, 40));
      refuses("vetoes: expected INT32", () -> elimination.vetoes(silent, real));
      refuses("vetoes: expected INT32", () -> elimination.vetoes(silent, few));
      refuses("vetoes: expected the backend", () -> elimination.vetoes(silent, strangeVetoes));
    }
  }

  private static void refuses(String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  private static RandomPattern pattern(Shape shape) {
    return RandomPattern.of(
        new PhiloxRandom(3, shape.targets), shape.sources, shape.targets, shape.density);
  }

  /** Silent sources of each sample; the last one, which has all synapses, of the first alone. */
  private static int[][] silent(Shape shape) {
    List<int[]> all = new ArrayList<>();
    for (int b = 0; b < shape.batch; b++) {
      PhiloxRandom random = new PhiloxRandom(4, b);
      boolean first = b == 0;
      all.add(
          IntStream.range(0, shape.sources)
              .filter(i -> random.nextDouble() < shape.silent)
              .filter(i -> first || i < shape.sources - 1)
              .toArray());
    }
    return all.toArray(int[][]::new);
  }

  /** [batch][targets] */
  private static int[] naiveVetoes(RandomPattern pattern, int[][] silent) {
    int[] vetoes = new int[silent.length * pattern.targets()];
    for (int b = 0; b < silent.length; b++) {
      for (int i : silent[b]) {
        for (int s = pattern.offsets()[i]; s < pattern.offsets()[i + 1]; s++) {
          vetoes[b * pattern.targets() + pattern.indices()[s]]++;
        }
      }
    }
    return vetoes;
  }
}
