package io.tacet.dense;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Gain control on every backend, against plain loops and their differences. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class GainControlConformance {

  /** A gain and rows of as many values. */
  record Shape(int rows, int units, double gain) {}

  private static final List<Shape> SHAPES =
      List.of(
          new Shape(1, 1, 0.5),
          new Shape(3, 31, 0.75),
          new Shape(300, 7, 0.5),
          new Shape(4, 700, -0.25));

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

  /** Exact in float32, so that all precisions start from the same numbers. */
  private static double[] random(Shape shape, long seed) {
    return new SplittableRandom(seed)
        .doubles((long) shape.rows * shape.units, -1, 1)
        .map(x -> (float) x)
        .toArray();
  }

  private static double[] controlled(double[] x, int units, double gain) {
    double[] y = new double[x.length];
    for (int from = 0; from < x.length; from += units) {
      double mean = 0;
      for (int i = from; i < from + units; i++) {
        mean += Math.max(0, x[i]) / units;
      }
      for (int i = from; i < from + units; i++) {
        y[i] = Math.max(0, x[i] - gain * mean);
      }
    }
    return y;
  }

  private static double weighted(double[] y, double[] errors) {
    double sum = 0;
    for (int k = 0; k < y.length; k++) {
      sum += errors[k] * y[k];
    }
    return sum;
  }

  /** Differences of the sum of all values times their errors, by every value. */
  private static double[] differences(double[] x, double[] errors, Shape shape) {
    double step = 1e-6;
    double[] slopes = new double[x.length];
    for (int k = 0; k < x.length; k++) {
      int from = k / shape.units * shape.units;
      double[] row = Arrays.copyOfRange(x, from, from + shape.units);
      double[] e = Arrays.copyOfRange(errors, from, from + shape.units);
      row[k - from] = x[k] + step;
      double above = weighted(controlled(row, shape.units, shape.gain), e);
      row[k - from] = x[k] - step;
      slopes[k] = (above - weighted(controlled(row, shape.units, shape.gain), e)) / (2 * step);
    }
    return slopes;
  }

  private static double byGain(double[] x, double[] errors, Shape shape) {
    double step = 1e-7;
    double above = weighted(controlled(x, shape.units, shape.gain + step), errors);
    return (above - weighted(controlled(x, shape.units, shape.gain - step), errors)) / (2 * step);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void valuesAndSlopesAreThoseOfTheFormula(BackendCase open, Shape shape) {
    boolean exact = open.type() == DType.FLOAT64;
    double[] x = random(shape, 1);
    double[] e = random(shape, 2);
    try (Backend backend = open.backend().get();
        Resources own = new Resources()) {
      DeviceArray values = own.own(backend.allocate(open.type(), shape.rows, shape.units));
      DeviceArray gain = own.own(backend.allocate(open.type(), 1));
      values.copyFrom(x);
      gain.copyFrom(new double[] {shape.gain});
      DeviceArray y = own.own(backend.allocate(open.type(), shape.rows, shape.units));
      GainControl.apply(values, gain, y);
      double tolerance = exact ? 1e-14 : 1e-6;
      assertClose(y.toDoubles(), controlled(x, shape.units, shape.gain), tolerance);

      DeviceArray errors = own.own(backend.allocate(open.type(), shape.rows, shape.units));
      DeviceArray gradient = own.own(backend.allocate(open.type(), 1));
      gradient.copyFrom(new double[] {3});
      errors.copyFrom(e);
      GainControl.backward(values, gain, errors, gradient);
      assertClose(errors.toDoubles(), differences(x, e, shape), exact ? 1e-8 : 1e-5);
      assertThat(gradient.toDoubles()[0])
          .isCloseTo(3 + byGain(x, e, shape), within(exact ? 1e-6 : 1e-4));

      // Without a gradient of the gain, and in place.
      double[] before = errors.toDoubles();
      errors.copyFrom(e);
      GainControl.backward(values, gain, errors, null);
      assertThat(errors.toDoubles()).isEqualTo(before);
      GainControl.apply(values, gain, values);
      assertThat(values.toDoubles()).isEqualTo(y.toDoubles());
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aNanShowsInItsRowOnly(BackendCase open) {
    try (Backend backend = open.backend().get();
        Resources own = new Resources()) {
      DeviceArray values = own.own(backend.allocate(open.type(), 2, 3));
      DeviceArray gain = own.own(backend.allocate(open.type(), 1));
      gain.copyFrom(new double[] {0.5});
      values.copyFrom(new double[] {1, Double.NaN, 2, 3, 0, 3});
      GainControl.apply(values, gain, values);
      assertThat(values.toDoubles()).containsExactly(Double.NaN, Double.NaN, Double.NaN, 2, 0, 2);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void whatDoesNotFitIsNamed(BackendCase open) {
    try (Backend backend = open.backend().get();
        Resources own = new Resources()) {
      DeviceArray values = own.own(backend.allocate(open.type(), 2, 3));
      DeviceArray gain = own.own(backend.allocate(open.type(), 1));
      assertThatThrownBy(() -> GainControl.apply(values, values, values))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("gain: expected 1 elements");
      assertThatThrownBy(() -> GainControl.apply(values, gain, gain))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("controlled: expected 6 elements");
      assertThatThrownBy(() -> GainControl.backward(values, gain, values, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("errors: expected another array than values");
      assertThatThrownBy(() -> GainControl.backward(values, gain, gain, null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("errors: expected 6 elements");
    }
  }
}
