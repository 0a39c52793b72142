package io.tacet.rnn;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.dense.Activation;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.sparse.RandomPattern;
import io.tacet.sparse.SparsePattern;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The plain recurrent layer of the java backend: the equation itself, and finite differences. */
class RnnTest {
  private static final int STEPS = 4;
  private static final int BATCH = 3;
  private static final int UNITS = 5;

  private Backend java;
  private Resources own;
  private SplittableRandom random;

  @BeforeEach
  void open() {
    java = new JavaBackend(2);
    own = new Resources();
    random = new SplittableRandom(11);
  }

  @AfterEach
  void nothingLeaks() {
    own.close();
    java.close();
    assertThat(Leaks.open()).isZero();
  }

  private DeviceArray random(DType type, long... shape) {
    DeviceArray array = own.own(java.allocate(type, shape));
    return array.copyFrom(random.doubles(array.length(), -1, 1).toArray());
  }

  private DeviceArray random(long... shape) {
    return random(DType.FLOAT64, shape);
  }

  private RnnLayer layer(Activation activation) {
    return new RnnLayer(random(UNITS, UNITS), random(UNITS), activation);
  }

  private static double value(Activation activation, double x) {
    return switch (activation) {
      case IDENTITY -> x;
      case TANH -> Math.tanh(x);
      case RELU -> Math.max(0, x);
      case SIGMOID -> 1 / (1 + Math.exp(-x));
    };
  }

  /** The equation in loops. */
  private static double[] naive(RnnLayer layer, double[] currents, double[] first) {
    double[] r = layer.recurrent().toDoubles();
    double[] b = layer.bias().toDoubles();
    double[] h = new double[currents.length];
    int state = BATCH * UNITS;
    for (int k = 0; k < h.length; k++) {
      int i = k % UNITS;
      int row = k - i;
      double sum = currents[k] + b[i];
      for (int j = 0; j < UNITS; j++) {
        double before = row < state ? first[row + j] : h[row - state + j];
        sum += before * r[j * UNITS + i];
      }
      h[k] = value(layer.activation(), sum);
    }
    return h;
  }

  @ParameterizedTest
  @EnumSource
  void valuesFollowTheEquation(Activation activation) {
    RnnLayer layer = layer(activation);
    DeviceArray currents = random(STEPS, BATCH, UNITS);
    DeviceArray first = random(BATCH, UNITS);
    DeviceArray values = random(STEPS, BATCH, UNITS);
    DeviceArray last = random(BATCH, UNITS);
    double[] expected = naive(layer, currents.toDoubles(), first.toDoubles());
    Rnn.forward(layer, currents, first, values, last);
    assertClose(values.toDoubles(), expected, 1e-12);
    double[] end = Arrays.copyOfRange(expected, (STEPS - 1) * BATCH * UNITS, expected.length);
    assertClose(last.toDoubles(), end, 1e-12);

    double[] zeros = naive(layer, currents.toDoubles(), new double[BATCH * UNITS]);
    Rnn.forward(layer, currents, null, currents, null);
    assertClose(currents.toDoubles(), zeros, 1e-12);
  }

  @ParameterizedTest
  @EnumSource
  void gradientsAreDifferencesOfTheLoss(Activation activation) {
    RnnLayer layer = layer(activation);
    DeviceArray currents = random(STEPS, BATCH, UNITS);
    DeviceArray first = random(BATCH, UNITS);
    DeviceArray values = random(STEPS, BATCH, UNITS);
    double[] factors = random.doubles(values.length(), -1, 1).toArray();
    DeviceArray errors = random(STEPS, BATCH, UNITS).copyFrom(factors);
    DeviceArray copy = random(STEPS, BATCH, UNITS).copyFrom(currents.toDoubles());
    RnnGradients gradients =
        new RnnGradients(
            copy, random(UNITS, UNITS).zero(), random(UNITS).zero(), random(BATCH, UNITS));
    Rnn.forward(layer, currents, first, values, null);
    Rnn.backward(layer, values, first, errors, gradients);
    Runnable again = () -> Rnn.forward(layer, currents, first, values, null);
    isDifference(again, values, factors, currents, gradients.currents());
    isDifference(again, values, factors, first, gradients.first());
    isDifference(again, values, factors, layer.recurrent(), gradients.recurrent());
    isDifference(again, values, factors, layer.bias(), gradients.bias());
  }

  private static void isDifference(
      Runnable forward,
      DeviceArray values,
      double[] factors,
      DeviceArray of,
      DeviceArray gradient) {
    double[] point = of.toDoubles();
    double[] found = gradient.toDoubles();
    double step = 1e-6;
    for (int k = 0; k < point.length; k++) {
      double[] loss = new double[2];
      for (int side = 0; side < 2; side++) {
        double[] moved = point.clone();
        moved[k] += side == 0 ? -step : step;
        of.copyFrom(moved);
        forward.run();
        double[] h = values.toDoubles();
        for (int i = 0; i < h.length; i++) {
          loss[side] += factors[i] * h[i];
        }
      }
      assertThat(found[k]).isCloseTo((loss[1] - loss[0]) / (2 * step), within(1e-7));
    }
    of.copyFrom(point);
    forward.run();
  }

  @ParameterizedTest
  @EnumSource
  void aPatternOfSynapsesIsTheDenseLayerWithoutTheOthers(Activation activation) {
    for (int[] size : new int[][] {{5, 3}, {37, 1}, {1100, 2}}) {
      int units = size[0];
      int batch = size[1];
      RandomPattern pattern = RandomPattern.of(random, units, units, 0.01 + 1.0 / units);
      double[] weights = random.doubles((long) units * units, -0.3, 0.3).toArray();
      pattern.mask(weights, 1);
      RnnLayer dense =
          new RnnLayer(random(units, units).copyFrom(weights), random(units), activation);
      double[] values = pattern.values(weights, 1, Double.NaN);
      RnnLayer sparse =
          new RnnLayer(
              random(values.length).copyFrom(values),
              pattern.upload(java, own, units == 37 ? DType.INT32 : DType.UINT16),
              dense.bias(),
              activation);
      DeviceArray currents = random(STEPS, batch, units);
      DeviceArray first = random(batch, units);
      DeviceArray errors = random(STEPS, batch, units);
      double[][] expected = passes(dense, currents, first, errors);
      double[][] found = passes(sparse, currents, first, errors);
      expected[2] = pattern.values(expected[2], 1, 0);
      for (int k = 0; k < expected.length; k++) {
        assertClose("result " + k, found[k], expected[k], 1e-12);
      }
    }
  }

  /** Values, and gradients of currents, recurrent weights, biases and the first state. */
  private double[][] passes(
      RnnLayer layer, DeviceArray currents, DeviceArray first, DeviceArray errors) {
    DeviceArray values = random(currents.shape());
    RnnGradients gradients =
        new RnnGradients(
            random(currents.shape()),
            random(layer.recurrent().shape()).zero(),
            random(layer.units()).zero(),
            random(first.shape()));
    Rnn.forward(layer, currents, first, values, null);
    Rnn.backward(layer, values, first, errors, gradients);
    return new double[][] {
      values.toDoubles(),
      gradients.currents().toDoubles(),
      gradients.recurrent().toDoubles(),
      gradients.bias().toDoubles(),
      gradients.first().toDoubles()
    };
  }

  @ParameterizedTest
  @EnumSource
  void gradientsOnAPatternAreDifferencesOfTheLoss(Activation activation) {
    int[] offsets = {0, 2, 2, 7, 8, 10};
    int[] targets = {0, 3, 0, 1, 2, 3, 4, 2, 1, 4};
    SparsePattern pattern =
        new SparsePattern(UNITS, UNITS, own.own(java.of(offsets)), own.own(java.of(targets)));
    RnnLayer layer = new RnnLayer(random(targets.length), pattern, random(UNITS), activation);
    DeviceArray currents = random(STEPS, BATCH, UNITS);
    DeviceArray first = random(BATCH, UNITS);
    DeviceArray values = random(STEPS, BATCH, UNITS);
    double[] factors = random.doubles(values.length(), -1, 1).toArray();
    DeviceArray errors = random(STEPS, BATCH, UNITS).copyFrom(factors);
    RnnGradients gradients =
        new RnnGradients(
            errors, random(targets.length).zero(), random(UNITS).zero(), random(BATCH, UNITS));
    Rnn.forward(layer, currents, first, values, null);
    Rnn.backward(layer, values, first, errors, gradients);
    Runnable again = () -> Rnn.forward(layer, currents, first, values, null);
    isDifference(again, values, factors, currents, gradients.currents());
    isDifference(again, values, factors, first, gradients.first());
    isDifference(again, values, factors, layer.recurrent(), gradients.recurrent());
    isDifference(again, values, factors, layer.bias(), gradients.bias());
  }

  @Test
  void patternsThatDoNotFitAreRefusedByName() {
    DeviceArray offsets = own.own(java.of(new int[] {0, 1, 2}));
    DeviceArray targets = own.own(java.of(new int[] {1, 0}));
    SparsePattern square = new SparsePattern(2, 2, offsets, targets);
    SparsePattern wide = new SparsePattern(2, 3, offsets, targets);
    refused(
        () -> new RnnLayer(random(2), wide, random(2), Activation.TANH), "pattern", "got 3 and 2");
    refused(
        () -> new RnnLayer(random(3), square, random(2), Activation.TANH), "recurrent", "2 float");
    refused(() -> new RnnLayer(targets, square, random(2), Activation.TANH), "recurrent", "INT32");
    refused(() -> new RnnLayer(random(2), square, random(3), Activation.TANH), "bias");
  }

  @Test
  void gradientsOfParametersAreAddedAndErrorsMayBeReplaced() {
    RnnLayer layer = layer(Activation.TANH);
    DeviceArray values = random(STEPS, BATCH, UNITS);
    DeviceArray errors = random(STEPS, BATCH, UNITS);
    DeviceArray apart = random(STEPS, BATCH, UNITS);
    DeviceArray fromZero = random(UNITS, UNITS).zero();
    DeviceArray fromOne = random(UNITS, UNITS);
    double[] ones = new double[UNITS * UNITS];
    Arrays.fill(ones, 1);
    fromOne.copyFrom(ones);
    Rnn.backward(layer, values, null, errors, new RnnGradients(apart, fromZero, null, null));
    Rnn.backward(layer, values, null, errors, new RnnGradients(errors, fromOne, null, null));
    assertThat(errors.toDoubles()).isEqualTo(apart.toDoubles());
    double[] expected = Arrays.stream(fromZero.toDoubles()).map(g -> g + 1).toArray();
    assertClose(fromOne.toDoubles(), expected, 1e-12);
  }

  @Test
  void largeProductsDoNotDependOnTheNumberOfThreads() {
    try (Backend one = new JavaBackend(1);
        Backend three = new JavaBackend(3)) {
      assertThat(large(three)).isEqualTo(large(one));
    }
  }

  private static double[] large(Backend backend) {
    SplittableRandom random = new SplittableRandom(5);
    int units = 70;
    try (DeviceArray r = backend.allocate(DType.FLOAT32, units, units);
        DeviceArray b = backend.allocate(DType.FLOAT32, units);
        DeviceArray values = backend.allocate(DType.FLOAT32, 3, 50, units)) {
      r.copyFrom(random.doubles(r.length(), -0.2, 0.2).toArray());
      values.copyFrom(random.doubles(values.length(), -1, 1).toArray());
      Rnn.forward(new RnnLayer(r, b, Activation.TANH), values, null, values, null);
      return values.toDoubles();
    }
  }

  @Test
  void wrongArraysAreRefusedByName() {
    RnnLayer layer = layer(Activation.TANH);
    DeviceArray values = random(STEPS, BATCH, UNITS);
    DeviceArray state = random(BATCH, UNITS);
    DeviceArray flat = random(STEPS * BATCH * UNITS);
    DeviceArray single = random(DType.FLOAT32, STEPS, BATCH, UNITS);
    refused(() -> new RnnLayer(state, state, Activation.TANH), "recurrent", "[units][units]");
    refused(() -> Rnn.forward(layer, flat, null, values, null), "currents", "[steps][batch][5]");
    refused(() -> Rnn.forward(layer, single, null, values, null), "currents", "FLOAT64");
    refused(() -> Rnn.forward(layer, values, flat, values, null), "first", "expected 15");
    refused(() -> Rnn.forward(layer, values, state, values, state), "last", "first", "the same");
    RnnGradients none = new RnnGradients(values, null, null, null);
    refused(() -> Rnn.backward(layer, values, null, flat, none), "gradients.currents", "the same");
    refused(() -> Rnn.backward(layer, values, null, state, none), "errors", "expected 60");
  }

  @Test
  void activationsOfWrongArraysAreRefusedByName() {
    DeviceArray whole = own.own(java.allocate(DType.INT32, 3));
    DeviceArray real = random(3);
    refused(() -> Dense.activate(whole, Activation.IDENTITY), "source", "FLOAT32", "INT32");
    refused(() -> Dense.activateBackward(real, real, Activation.TANH), "errors", "another array");
    refused(() -> Dense.activateBackward(real, random(4), Activation.TANH), "errors", "expected 3");
  }

  private static void refused(Runnable call, String... words) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }

  @ParameterizedTest
  @EnumSource
  void activationsAndTheirSlopesAreThoseOfTheFormulas(Activation activation) {
    DeviceArray values = random(200);
    double[] x = values.toDoubles();
    DeviceArray errors = random(200);
    double[] given = errors.toDoubles();
    DeviceArray apart = random(200);
    Dense.activate(values, activation, apart);
    Dense.activate(values, activation);
    assertThat(values.toDoubles()).isEqualTo(apart.toDoubles());
    Dense.activateBackward(values, errors, activation);
    double[] found = errors.toDoubles();
    double step = 1e-6;
    double[] activated = values.toDoubles();
    for (int k = 0; k < x.length; k++) {
      assertThat(activated[k]).isCloseTo(value(activation, x[k]), within(1e-12));
      double slope = (value(activation, x[k] + step) - value(activation, x[k] - step)) / (2 * step);
      assertThat(found[k]).isCloseTo(given[k] * slope, within(1e-8));
    }
  }

  @Test
  void aNanStaysOne() {
    for (Activation activation : Activation.values()) {
      DeviceArray one = random(1).copyFrom(new double[] {Double.NaN});
      Dense.activate(one, activation);
      assertThat(one.toDoubles()[0]).isNaN();
    }
  }
}
