package io.tacet.dense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.sparse.Events;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What k-winners-take-all must do on every backend, against a stable sort. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class WinnersConformance {

  /** Rows of as many values, and how many win. */
  record Shape(int rows, int units, int winners) {}

  private static final List<Shape> SHAPES =
      List.of(
          new Shape(1, 1, 1),
          new Shape(3, 31, 4),
          new Shape(2, 64, 64),
          new Shape(5, 257, 16),
          new Shape(2, 1000, 999),
          new Shape(2, 5003, 150));

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

  /** Units of a row from the largest value, of equal ones the first. */
  private static int[] winners(double[] values, int row, Shape shape) {
    return IntStream.range(0, shape.units)
        .boxed()
        .sorted(
            Comparator.comparing(
                // -0 + 0 is 0; Double.compare has NaN above everything.
                i -> values[row * shape.units + i] + 0.0,
                Comparator.reverseOrder()))
        .limit(shape.winners)
        .mapToInt(i -> i)
        .sorted()
        .toArray();
  }

  private static double[] random(Shape shape, long seed) {
    return new SplittableRandom(seed).doubles((long) shape.rows * shape.units, -1, 1).toArray();
  }

  /** Few different values, and most of them 0, as after a rectifier. */
  private static double[] tied(Shape shape) {
    return Arrays.stream(random(shape, 2)).map(x -> Math.max(0, Math.rint(8 * x - 4))).toArray();
  }

  /** What only its exact bits can tell apart or must not. */
  private static double[] special(Shape shape) {
    double[] some = {
      0.0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -1, 1, 0x1p-149
    };
    double[] values = random(shape, 3);
    for (int k = 0; k < values.length; k += 2) {
      values[k] = some[k / 2 % some.length];
    }
    return values;
  }

  private static void assertWins(BackendCase open, Shape shape, double[] given) {
    try (Backend backend = open.backend().get();
        Resources own = new Resources()) {
      DeviceArray values = own.own(backend.allocate(open.type(), shape.rows, shape.units));
      values.copyFrom(given);
      double[] x = values.toDoubles();
      DeviceArray kept = own.own(backend.allocate(open.type(), shape.rows, shape.units));
      Events events = own.own(Events.binary(backend, shape.rows, shape.units, shape.winners));
      Winners.keep(values, shape.winners, kept, events);
      double[] expected = new double[x.length];
      int[] lists = events.units().toInts();
      assertThat(events.counts().toInts()).containsOnly(shape.winners);
      for (int row = 0; row < shape.rows; row++) {
        int[] won = winners(x, row, shape);
        int from = row * shape.winners;
        assertThat(Arrays.copyOfRange(lists, from, from + shape.winners)).isEqualTo(won);
        for (int i : won) {
          expected[row * shape.units + i] = x[row * shape.units + i];
        }
      }
      assertThat(kept.toDoubles()).isEqualTo(expected);

      DeviceArray errors = own.own(backend.allocate(open.type(), shape.rows, shape.units));
      errors.copyFrom(random(shape, 4));
      double[] through = errors.toDoubles();
      int[] marks = events.bitmap().toInts();
      int words = Events.words(shape.units);
      for (int k = 0; k < through.length; k++) {
        int i = k % shape.units;
        boolean won = (marks[k / shape.units * words + i / 32] >>> i & 1) == 1;
        through[k] = won ? through[k] : 0;
      }
      Winners.backward(events.bitmap(), errors);
      assertThat(errors.toDoubles()).isEqualTo(through);

      // In place and without marks.
      Winners.keep(values, shape.winners, values, (DeviceArray) null);
      assertThat(values.toDoubles()).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void theLargestOfEveryRowStay(BackendCase open, Shape shape) {
    assertWins(open, shape, random(shape, 1));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void ofEqualValuesTheFirstWin(BackendCase open, Shape shape) {
    assertWins(open, shape, tied(shape));
    assertWins(open, shape, new double[shape.rows * shape.units]);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyFloatHasItsPlace(BackendCase open, Shape shape) {
    assertWins(open, shape, special(shape));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void whatDoesNotFitIsNamed(BackendCase open) {
    try (Backend backend = open.backend().get();
        Resources own = new Resources()) {
      DeviceArray values = own.own(backend.allocate(open.type(), 3, 40));
      DeviceArray ints = own.own(backend.allocate(DType.INT32, 3));
      for (int wrong : new int[] {0, 41}) {
        assertThatThrownBy(() -> Winners.keep(values, wrong, values, (DeviceArray) null))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContainingAll("winners: expected 1 to the 40 units", "got " + wrong);
      }
      assertThatThrownBy(() -> Winners.keep(values, 2, values, ints))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("marks: expected 6 elements of INT32");
      assertThatThrownBy(() -> Winners.keep(ints, 1, ints, (DeviceArray) null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("values: expected FLOAT32 or FLOAT64");
      Events events = own.own(Events.binary(backend, 3, 39));
      assertThatThrownBy(() -> Winners.keep(values, 2, values, events))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("events: expected 40 sources, got 39");
      assertThatThrownBy(() -> Winners.backward(ints, values))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("marks: expected 6 elements of INT32");
    }
  }
}
