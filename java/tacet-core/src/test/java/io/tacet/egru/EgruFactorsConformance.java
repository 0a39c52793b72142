package io.tacet.egru;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the gradient of recurrent weights is made of, on every backend: multiplied, it is the
 * gradient that the backward pass gives.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class EgruFactorsConformance {
  private static final int STEPS = 6;
  private static final int BATCH = 3;
  private static final int UNITS = 37;

  /** The backends to test. */
  protected Stream<BackendCase> backends() {
    return BackendCase.all();
  }

  Stream<Arguments> cases() {
    List<Arguments> cases = new ArrayList<>();
    for (BackendCase backend : backends().toList()) {
      for (EgruVariant variant : EgruVariant.values()) {
        EgruOptions options = EgruOptions.defaults().variant(variant).surrogate(2, 6);
        for (boolean reversed : new boolean[] {false, true}) {
          cases.add(Arguments.of(backend, options, reversed, reversed));
          cases.add(Arguments.of(backend, options.withoutEvents(), reversed, !reversed));
        }
      }
    }
    return cases.stream();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static DeviceArray random(
      Resources made, Backend backend, DType type, SplittableRandom random, long... shape) {
    DeviceArray array = made.own(backend.allocate(type, shape));
    return array.copyFrom(random.doubles(array.length(), -1, 1).toArray());
  }

  /**
   * @param varied whether there are lengths and a first state, and the tape has no product and, in
   *     single precision, gates in half
   */
  @ParameterizedTest
  @MethodSource("cases")
  void theirProductIsTheGradient(
      BackendCase open, EgruOptions options, boolean reversed, boolean varied) {
    DType type = open.type();
    SplittableRandom random = new SplittableRandom(4);
    try (Backend backend = open.backend().get();
        Resources made = new Resources()) {
      DeviceArray weights = random(made, backend, type, random, UNITS, 3 * UNITS);
      EgruLayer layer =
          new EgruLayer(
              weights,
              null,
              random(made, backend, type, random, 3 * UNITS),
              random(made, backend, type, random, 3 * UNITS),
              made.own(backend.allocate(type, UNITS))
                  .copyFrom(random.doubles(UNITS, 0, 0.3).toArray()),
              options);
      EgruState first =
          new EgruState(
              random(made, backend, type, random, BATCH, UNITS),
              random(made, backend, type, random, BATCH, UNITS));
      DeviceArray lengths = made.own(backend.of(new int[] {STEPS, 2, 5}));
      EgruInputs inputs =
          new EgruInputs(
              random(made, backend, type, random, STEPS, BATCH, 3 * UNITS),
              varied ? lengths : null,
              varied ? first : null,
              false,
              5);
      inputs = reversed ? inputs.backwardInTime() : inputs;
      EgruTape tape = made.own(tape(backend, type, varied));
      Egru.forward(layer, inputs, new EgruOutputs(null, null, null, null), tape);
      DeviceArray errors = random(made, backend, type, random, STEPS, BATCH, UNITS);
      DeviceArray currents = made.own(backend.allocate(type, STEPS, BATCH, 3 * UNITS));
      DeviceArray gradient = made.own(backend.allocate(type, UNITS, 3 * UNITS)).zero();
      Egru.backward(
          layer,
          inputs,
          tape,
          new EgruErrors(errors, null, null, null),
          new EgruGradients(currents, gradient, null, null, null, null));
      int parts = Egru.partsSent(layer);
      assertThat(parts).isEqualTo(options.variant() == EgruVariant.PAPER ? 3 : 1);
      DeviceArray sent = made.own(backend.allocate(type, STEPS, BATCH, (long) parts * UNITS));
      Egru.gradientFactors(layer, inputs, tape, currents, sent);
      double[] product = multiply(sent.toDoubles(), currents.toDoubles(), parts);
      double tolerance = type == DType.FLOAT64 ? 1e-11 : 2e-4;
      assertClose(product, gradient.toDoubles(), tolerance);
      assertThat(DoubleStream.of(product).map(Math::abs).sum()).isGreaterThan(1);
    }
  }

  private static EgruTape tape(Backend backend, DType type, boolean varied) {
    if (!varied) {
      return EgruTape.of(backend, type, STEPS, BATCH, UNITS);
    }
    return type == DType.FLOAT32
        ? EgruTape.compactWithoutProduct(backend, STEPS, BATCH, UNITS)
        : EgruTape.withoutProduct(backend, type, STEPS, BATCH, UNITS);
  }

  private static double[] multiply(double[] sent, double[] errors, int parts) {
    int columns = 3 * UNITS;
    double[] product = new double[UNITS * columns];
    for (int p = 0; p < STEPS * BATCH; p++) {
      for (int c = 0; c < columns; c++) {
        int part = parts == 1 ? 0 : c / UNITS;
        for (int i = 0; i < UNITS; i++) {
          product[i * columns + c] +=
              sent[(p * parts + part) * UNITS + i] * errors[p * columns + c];
        }
      }
    }
    return product;
  }

  Stream<BackendCase> open() {
    return backends();
  }

  @ParameterizedTest
  @MethodSource("open")
  void arraysThatDoNotFitAreRefused(BackendCase open) {
    DType type = open.type();
    try (Backend backend = open.backend().get();
        Resources made = new Resources()) {
      DeviceArray gates = made.own(backend.allocate(type, 3));
      EgruLayer layer =
          new EgruLayer(
              made.own(backend.allocate(type, 1, 3)),
              null,
              gates,
              gates,
              made.own(backend.allocate(type, 1)),
              EgruOptions.defaults().variant(EgruVariant.PAPER));
      EgruInputs inputs = EgruInputs.of(made.own(backend.allocate(type, 2, 1, 3)));
      EgruTape tape = made.own(EgruTape.of(backend, type, 2, 1, 1));
      DeviceArray one = made.own(backend.allocate(type, 2));
      DeviceArray three = made.own(backend.allocate(type, 6));
      assertThatThrownBy(() -> Egru.gradientFactors(layer, inputs, tape, one, three))
          .hasMessageStartingWith("currents: expected 6 elements");
      assertThatThrownBy(() -> Egru.gradientFactors(layer, inputs, tape, three, one))
          .hasMessageStartingWith("sent: expected 6 elements");
    }
  }
}
