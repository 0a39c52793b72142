package io.tacet.cuda;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.dense.Activation;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.rnn.Rnn;
import io.tacet.rnn.RnnGradients;
import io.tacet.rnn.RnnLayer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Plain recurrent layers and activations of the native backends against the java backend. */
class NativeRnnTest {
  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** A pass forward and backward, and all that came out. */
  private record Passes(
      int steps, int batch, int units, Activation activation, boolean carried, boolean inPlace) {

    double[] run(Backend backend) {
      SplittableRandom random = new SplittableRandom(7);
      try (Resources own = new Resources()) {
        double range = 1 / Math.sqrt(units);
        RnnLayer layer =
            new RnnLayer(
                random(backend, own, random, range, units, units),
                random(backend, own, random, 1, units),
                activation);
        DeviceArray currents = random(backend, own, random, 1, steps, batch, units);
        DeviceArray first = carried ? random(backend, own, random, 1, batch, units) : null;
        DeviceArray last = carried ? random(backend, own, random, 1, batch, units) : null;
        DeviceArray errors = random(backend, own, random, 1, steps, batch, units);
        DeviceArray values =
            inPlace ? currents : random(backend, own, random, 1, steps, batch, units);
        Rnn.forward(layer, currents, first, values, last);
        RnnGradients gradients =
            new RnnGradients(
                inPlace ? errors : currents,
                random(backend, own, random, 1, units, units),
                random(backend, own, random, 1, units),
                carried ? random(backend, own, random, 1, batch, units) : null);
        Rnn.backward(layer, values, first, errors, gradients);
        return all(
            values,
            last,
            gradients.currents(),
            gradients.recurrent(),
            gradients.bias(),
            gradients.first());
      }
    }
  }

  private static DeviceArray random(
      Backend backend, Resources own, SplittableRandom random, double range, long... shape) {
    DeviceArray array = own.own(backend.allocate(DType.FLOAT32, shape));
    return array.copyFrom(random.doubles(array.length(), -range, range).toArray());
  }

  private static double[] all(DeviceArray... arrays) {
    return Arrays.stream(arrays)
        .filter(array -> array != null)
        .flatMapToDouble(array -> Arrays.stream(array.toDoubles()))
        .toArray();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void passesAreThoseOfTheReference(Supplier<NativeBackend> open) {
    for (Activation activation : Activation.values()) {
      same(open, new Passes(5, 3, 20, activation, true, false));
      same(open, new Passes(4, 2, 33, activation, false, true));
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void oneStepAndOneUnitAndManyOfThemAreThoseOfTheReference(Supplier<NativeBackend> open) {
    same(open, new Passes(1, 1, 1, Activation.TANH, false, false));
    same(open, new Passes(1, 4, 9, Activation.TANH, true, false));
    // The product of a step is divided into parts, and those of the gradients, too.
    same(open, new Passes(3, 2, 300, Activation.TANH, true, false));
    same(open, new Passes(90, 40, 10, Activation.SIGMOID, true, true));
  }

  private static void same(Supplier<NativeBackend> open, Passes passes) {
    try (Backend java = new JavaBackend(1);
        Backend backend = open.get()) {
      double[] expected = passes.run(java);
      double scale = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
      assertClose(passes.toString(), passes.run(backend), expected, 1e-5 * Math.max(1, scale));
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aPassIsBitwiseTheSameOnEveryRun(Supplier<NativeBackend> open) {
    Passes passes = new Passes(6, 3, 300, Activation.TANH, true, false);
    try (Backend backend = open.get()) {
      assertThat(passes.run(backend)).isEqualTo(passes.run(backend));
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void activationsAndTheirSlopesAreThoseOfTheReference(Supplier<NativeBackend> open) {
    for (Activation activation : Activation.values()) {
      for (int length : new int[] {1, 700}) {
        try (Backend java = new JavaBackend(1);
            Backend backend = open.get()) {
          assertClose(
              activation.toString(),
              activated(backend, activation, length),
              activated(java, activation, length),
              2e-6);
        }
      }
    }
  }

  private static double[] activated(Backend backend, Activation activation, int length) {
    try (Resources own = new Resources()) {
      SplittableRandom random = new SplittableRandom(3);
      DeviceArray values = random(backend, own, random, 4, length);
      DeviceArray errors = random(backend, own, random, 1, length);
      DeviceArray apart = random(backend, own, random, 1, length);
      Dense.activate(values, activation, apart);
      Dense.activate(values, activation);
      Dense.activateBackward(values, errors, activation);
      return all(values, apart, errors);
    }
  }
}
