package io.tacet.plasticity;

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
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What Oja's rule must do on every backend, against plain loops. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class OjaConformance {

  /**
   * Sizes of a call.
   *
   * @param rows 0 for all
   */
  record Shape(int samples, int sources, int units, int first, int rows) {}

  private static final List<Shape> SHAPES =
      List.of(
          new Shape(1, 1, 1, 0, 0),
          new Shape(1, 27, 100, 0, 0),
          new Shape(1, 27, 100, 25, 2),
          new Shape(7, 40, 33, 0, 0),
          new Shape(5, 70, 300, 10, 41));

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

  Stream<Arguments> types() {
    return backends().map(Arguments::of);
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Oja rule(double rate, Shape shape) {
    return shape.rows == 0 ? Oja.rate(rate) : Oja.rate(rate).inputs(shape.first, shape.rows);
  }

  /** The formulas in loops: descent, responses, mean change. */
  private static void naive(
      double[] w, double[] gradient, double descent, double[] x, Oja rule, Shape shape) {
    for (int k = 0; k < w.length && gradient != null; k++) {
      w[k] -= descent * gradient[k];
    }
    double[] before = w.clone();
    int end = shape.first + rule.rowsOf(shape.sources);
    for (int b = 0; b < shape.samples; b++) {
      for (int j = 0; j < shape.units; j++) {
        double y = 0;
        for (int i = shape.first; i < end; i++) {
          y += x[b * shape.sources + i] * before[i * shape.units + j];
        }
        for (int i = shape.first; i < end; i++) {
          double hebb = x[b * shape.sources + i] * y;
          double decay = before[i * shape.units + j] * y * y;
          w[i * shape.units + j] += rule.rate() / shape.samples * (hebb - decay);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void weightsFollowTheFormulaWithAndWithoutDescent(BackendCase open, Shape shape) {
    SplittableRandom random = new SplittableRandom(3);
    Oja rule = rule(0.05, shape);
    double tolerance = open.type() == DType.FLOAT64 ? 1e-14 : 1e-6;
    try (Backend backend = open.backend().get();
        Resources own = new Resources()) {
      DeviceArray weights = own.own(backend.allocate(open.type(), shape.sources, shape.units));
      DeviceArray gradient = own.own(backend.allocate(open.type(), shape.sources, shape.units));
      DeviceArray inputs = own.own(backend.allocate(open.type(), shape.samples, shape.sources));
      for (boolean descends : new boolean[] {false, true}) {
        weights.copyFrom(random.doubles(weights.length(), -0.3, 0.3).toArray());
        gradient.copyFrom(random.doubles(weights.length(), -1, 1).toArray());
        inputs.copyFrom(random.doubles(inputs.length(), -1, 1).toArray());
        double[] expected = weights.toDoubles();
        double[] slopes = descends ? gradient.toDoubles() : null;
        naive(expected, slopes, 0.1, inputs.toDoubles(), rule, shape);
        rule.apply(weights, descends ? gradient : null, 0.1, inputs);
        assertClose(weights.toDoubles(), expected, tolerance);
      }
    }
  }

  /** The acceptance test of the rule: 1000 steps on fixed inputs, against double precision. */
  @ParameterizedTest
  @MethodSource("types")
  void aThousandStepsStayWithTheFormula(BackendCase open) {
    Shape shape = new Shape(1, 27, 100, 0, 0);
    SplittableRandom random = new SplittableRandom(8);
    double[][] inputs = new double[50][];
    for (int k = 0; k < inputs.length; k++) {
      inputs[k] = random.doubles(shape.sources, -0.5, 0.5).toArray();
    }
    Oja rule = Oja.rate(0.0026);
    try (Backend backend = open.backend().get();
        DeviceArray weights = backend.allocate(open.type(), shape.sources, shape.units);
        DeviceArray sample = backend.allocate(open.type(), 1, shape.sources)) {
      weights.copyFrom(random.doubles(weights.length(), -0.1, 0.1).toArray());
      double[] expected = weights.toDoubles();
      for (int step = 0; step < 1000; step++) {
        sample.copyFrom(inputs[step % inputs.length]);
        rule.apply(weights, sample);
        naive(expected, null, 0, sample.toDoubles(), rule, shape);
      }
      double tolerance = open.type() == DType.FLOAT64 ? 1e-12 : 1e-6;
      assertClose(weights.toDoubles(), expected, tolerance);
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void theWeightsOfAUnitComeToLengthOneAlongTheFirstComponent(BackendCase open) {
    SplittableRandom random = new SplittableRandom(4);
    try (Backend backend = open.backend().get();
        DeviceArray weights = backend.allocate(open.type(), 3, 1);
        DeviceArray sample = backend.allocate(open.type(), 1, 3)) {
      weights.copyFrom(new double[] {0.1, 0.2, -0.1});
      for (int step = 0; step < 3000; step++) {
        double main = random.nextGaussian();
        sample.copyFrom(
            new double[] {
              0.8 * main, 0.6 * main + 0.1 * random.nextGaussian(), 0.1 * random.nextGaussian()
            });
        Oja.rate(0.01).apply(weights, sample);
      }
      double[] w = weights.toDoubles();
      assertThat(Math.hypot(Math.hypot(w[0], w[1]), w[2])).isCloseTo(1, within(0.02));
      assertThat(Math.abs(0.8 * w[0] + 0.6 * w[1])).isGreaterThan(0.99);
    }
  }

  @ParameterizedTest
  @MethodSource("types")
  void whatDoesNotFitIsRefusedByNameAndNothingChanges(BackendCase open) {
    try (Backend backend = open.backend().get();
        Resources own = new Resources()) {
      DeviceArray weights = own.own(backend.allocate(open.type(), 3, 2));
      weights.copyFrom(new double[] {1, 2, 3, 4, 5, 6});
      DeviceArray sample = own.own(backend.allocate(open.type(), 1, 3));
      DeviceArray flat = own.own(backend.allocate(open.type(), 3));
      DeviceArray whole = own.own(backend.allocate(DType.INT32, 3, 2));
      Oja rule = Oja.rate(0.1);
      refused(() -> rule.apply(flat, sample), "weights", "[sources][units]");
      refused(() -> rule.apply(whole, sample), "weights", "INT32");
      refused(() -> rule.apply(weights, flat), "inputs", "[samples][3]");
      refused(() -> rule.apply(weights, whole), "inputs", "INT32");
      refused(() -> rule.apply(weights, flat, 0.1, sample), "gradient", "expected 6");
      refused(() -> rule.apply(weights, weights, Double.NaN, sample), "descent", "NaN");
      refused(() -> rule.inputs(2, 2).apply(weights, sample), "inputs", "below 3", "2 from 2 on");
      assertThat(weights.toDoubles()).containsExactly(1, 2, 3, 4, 5, 6);
    }
    refused(() -> Oja.rate(-1), "rate", "-1");
    refused(() -> Oja.rate(Double.POSITIVE_INFINITY), "rate", "Infinity");
    refused(() -> Oja.rate(1).inputs(0, 0), "count", "0");
    refused(() -> Oja.rate(1).inputs(-1, 1), "firstRow", "-1");
  }

  private static void refused(Runnable call, String... words) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }
}
