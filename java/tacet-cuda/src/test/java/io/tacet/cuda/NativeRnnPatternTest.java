package io.tacet.cuda;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.dense.Activation;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Plain recurrent layers with recurrent weights on a sparse pattern against the java backend in
 * double precision, where the same weights are dense and 0 without a synapse.
 */
@Tag("native")
class NativeRnnPatternTest {
  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** A pass forward and backward, and all that came out. */
  private record Passes(
      int steps,
      int batch,
      int units,
      Activation activation,
      boolean carried,
      RandomPattern pattern) {

    double[] run(Backend backend) {
      boolean sparse = backend instanceof NativeBackend;
      DType type = sparse ? DType.FLOAT32 : DType.FLOAT64;
      try (Resources own = new Resources()) {
        Numbers random = new Numbers(backend, own, type);
        double[] weights = random.numbers(1 / Math.sqrt(units), (long) units * units);
        double[] before = random.numbers(1, (long) units * units);
        pattern.mask(weights);
        RnnLayer layer =
            new RnnLayer(
                sparse ? pattern.values(backend, own, weights) : random.of(weights, units, units),
                sparse ? pattern.on(backend, own) : null,
                random.next(units),
                activation);
        DeviceArray currents = random.next(steps, batch, units);
        DeviceArray first = carried ? random.next(batch, units) : null;
        DeviceArray last = carried ? random.next(batch, units) : null;
        DeviceArray errors = random.next(steps, batch, units);
        DeviceArray values = random.next(steps, batch, units);
        Rnn.forward(layer, currents, first, values, last);
        RnnGradients gradients =
            new RnnGradients(
                currents,
                sparse ? pattern.values(backend, own, before) : random.of(before, units, units),
                random.next(units),
                carried ? random.next(batch, units) : null);
        Rnn.backward(layer, values, first, errors, gradients);
        double[] gradient =
            sparse
                ? pattern.gradient(gradients.recurrent())
                : pattern.stored(gradients.recurrent().toDoubles());
        return all(
            gradient, values, last, gradients.currents(), gradients.bias(), gradients.first());
      }
    }
  }

  /** The same numbers on every backend, held exactly by all. */
  private static final class Numbers {
    private final SplittableRandom random = new SplittableRandom(7);
    private final Backend backend;
    private final Resources own;
    private final DType type;

    Numbers(Backend backend, Resources own, DType type) {
      this.backend = backend;
      this.own = own;
      this.type = type;
    }

    double[] numbers(double range, long count) {
      return random.doubles(count, -range, range).map(v -> (float) v).toArray();
    }

    DeviceArray of(double[] numbers, long... shape) {
      return own.own(backend.allocate(type, shape).copyFrom(numbers));
    }

    DeviceArray next(long... shape) {
      return of(numbers(1, Arrays.stream(shape).reduce(1, (a, b) -> a * b)), shape);
    }
  }

  private static double[] all(double[] gradient, DeviceArray... arrays) {
    return Stream.concat(
            Stream.of(gradient),
            Arrays.stream(arrays).filter(array -> array != null).map(DeviceArray::toDoubles))
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  private static RandomPattern pattern(int units, double density, boolean narrow, int slack) {
    return new RandomPattern(5, units, units, 1, density, narrow, slack);
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
  void everyActivationIsTheReference(Supplier<NativeBackend> open) {
    for (Activation activation : Activation.values()) {
      same(open, new Passes(5, 3, 20, activation, true, pattern(20, 0.3, true, 4)));
      same(open, new Passes(4, 2, 33, activation, false, pattern(33, 0.3, false, 0)));
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void everyBatchAndDensityIsTheReference(Supplier<NativeBackend> open) {
    int number = 0;
    for (int batch : new int[] {1, 4, 8, 17}) {
      for (double density : new double[] {0, 0.1, 1}) {
        boolean narrow = number++ % 2 == 0;
        RandomPattern pattern = pattern(24, density, narrow, number % 3);
        same(open, new Passes(3, batch, 24, Activation.TANH, number % 4 < 2, pattern));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void oneStepAndOneUnitAndManyOfThemAreTheReference(Supplier<NativeBackend> open) {
    same(open, new Passes(1, 1, 1, Activation.TANH, true, pattern(1, 1, false, 2)));
    same(open, new Passes(1, 4, 9, Activation.TANH, false, pattern(9, 0.5, true, 0)));
    same(open, new Passes(2, 2, 300, Activation.TANH, true, pattern(300, 0.1, true, 0)));
    // More pairs of step and sample than have their errors packed together.
    same(open, new Passes(90, 12, 10, Activation.SIGMOID, true, pattern(10, 0.4, false, 1)));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aPassIsBitwiseTheSameOnEveryRun(Supplier<NativeBackend> open) {
    Passes passes = new Passes(6, 3, 300, Activation.TANH, true, pattern(300, 0.1, true, 0));
    try (Backend backend = open.get()) {
      assertThat(passes.run(backend)).isEqualTo(passes.run(backend));
    }
  }
}
