package io.tacet.cuda;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.spi.OptimizerKernels;
import io.tacet.spi.OptimizerKernels.AdamSettings;
import io.tacet.spi.OptimizerKernels.Update;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Parameter updates against the java backend in float32. */
@Tag("native")
class NativeOptimizerTest {
  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  /** Updates of some parameters, step 0, 1 and 2. */
  private interface Updates {
    void run(OptimizerKernels kernels, List<Update> parameters, int step);
  }

  /** Of the parameters: some smaller than a block, one of several, and more than a launch takes. */
  private static final int[] LENGTHS =
      IntStream.concat(IntStream.of(1000, 1, 5000, 1024), IntStream.range(2, 40)).toArray();

  private static void same(Supplier<NativeBackend> open, Updates updates) {
    try (JavaBackend java = new JavaBackend(1);
        NativeBackend backend = open.get()) {
      List<float[]> expected = after(java, updates);
      List<float[]> found = after(backend, updates);
      assertThat(found).hasSize(3 * LENGTHS.length);
      for (int k = 0; k < found.size(); k++) {
        assertClose(found.get(k), expected.get(k), 1e-6f);
      }
    }
  }

  /** Parameters, gradients and moments after three steps. */
  private static List<float[]> after(Backend backend, Updates updates) {
    SplittableRandom random = new SplittableRandom(9);
    try (Resources own = new Resources()) {
      List<Update> parameters = new ArrayList<>();
      for (int k = 0; k < LENGTHS.length; k++) {
        DeviceArray[] a = new DeviceArray[4];
        for (int i = 0; i < a.length; i++) {
          a[i] = own.own(backend.allocate(DType.FLOAT32, LENGTHS[k]));
        }
        a[0].copyFrom(random.doubles(LENGTHS[k], -1, 1).toArray());
        parameters.add(
            new Update(
                a[0],
                a[1],
                a[2],
                a[3],
                0.01 * (1 + k % 3),
                k % 2 == 0 ? 0.1 : 0,
                k % 5 == 0 ? -0.25 : Double.NEGATIVE_INFINITY,
                k % 5 == 0 ? 0.5 : Double.POSITIVE_INFINITY));
      }
      for (int step = 0; step < 3; step++) {
        for (int k = 0; k < LENGTHS.length; k++) {
          DeviceArray gradient = parameters.get(k).gradient();
          gradient.copyFrom(random.doubles(LENGTHS[k], -1, 1).toArray());
        }
        updates.run(backend.kernels().optimizer(), parameters, step);
      }
      return parameters.stream()
          .flatMap(p -> Stream.of(p.parameter(), p.gradient(), p.first()))
          .map(DeviceArray::toFloats)
          .toList();
    }
  }

  private static List<DeviceArray> gradients(List<Update> parameters) {
    return parameters.stream().map(Update::gradient).toList();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void adamIsThatOfTheReference(Supplier<NativeBackend> open) {
    for (double clip : new double[] {0.2, Double.POSITIVE_INFINITY}) {
      AdamSettings settings = new AdamSettings(0.9, 0.999, 1e-8, clip);
      same(open, (kernels, p, step) -> kernels.adam(p, settings, 0.5, step + 1));
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void gradientDescentWithAndWithoutMomentumIsThatOfTheReference(Supplier<NativeBackend> open) {
    same(open, (kernels, p, step) -> kernels.sgd(p, 0.9, 3));
    same(
        open,
        (kernels, p, step) ->
            kernels.sgd(
                p.stream()
                    .map(
                        u ->
                            new Update(
                                u.parameter(),
                                u.gradient(),
                                null,
                                null,
                                u.rate(),
                                u.decay(),
                                u.low(),
                                u.high()))
                    .toList(),
                0,
                3));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void updatesThatClearLeaveGradientsZeroAndAllElseTheSame(Supplier<NativeBackend> open) {
    AdamSettings settings = new AdamSettings(0.9, 0.999, 1e-8, 0.5);
    List<Updates> kinds =
        List.of(
            (kernels, p, step) -> kernels.adam(p, settings, 0.5, step + 1),
            (kernels, p, step) -> kernels.sgd(p, 0.9, 3));
    try (JavaBackend java = new JavaBackend(2);
        NativeBackend backend = open.get()) {
      for (Backend each : List.of(java, backend)) {
        for (Updates kind : kinds) {
          List<float[]> kept = after(each, kind);
          List<float[]> cleared =
              after(
                  each,
                  (kernels, p, step) ->
                      kind.run(kernels, p.stream().map(Update::clearing).toList(), step));
          for (int k = 0; k < kept.size(); k++) {
            // Parameter, gradient, moment.
            if (k % 3 == 1) {
              assertThat(cleared.get(k)).containsOnly(0);
            } else {
              assertThat(cleared.get(k)).isEqualTo(kept.get(k));
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void clippingZeroingAndScalingAreThoseOfTheReference(Supplier<NativeBackend> open) {
    same(open, (kernels, p, step) -> kernels.clipNorm(gradients(p), 7));
    same(open, (kernels, p, step) -> kernels.clipNorm(gradients(p), 1e6));
    same(open, (kernels, p, step) -> kernels.zero(gradients(p).subList(step, 40)));
    same(open, (kernels, p, step) -> p.forEach(u -> kernels.scale(u.parameter(), 0.3)));
  }

  /** All of it in two launches a list of 32 arrays or less, and nothing is waited for. */
  @ParameterizedTest
  @MethodSource("backends")
  void aStepOfSomeParametersIsOneLaunch(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get();
        Resources own = new Resources()) {
      List<Update> parameters = new ArrayList<>();
      for (int k = 1; k <= 32; k++) {
        parameters.add(
            new Update(
                own.own(backend.allocate(DType.FLOAT32, 100L * k)),
                own.own(backend.allocate(DType.FLOAT32, 100L * k)),
                own.own(backend.allocate(DType.FLOAT32, 100L * k)),
                own.own(backend.allocate(DType.FLOAT32, 100L * k)),
                0.1,
                0,
                Double.NEGATIVE_INFINITY,
                Double.POSITIVE_INFINITY));
      }
      OptimizerKernels kernels = backend.kernels().optimizer();
      kernels.clipNorm(gradients(parameters), 1);
      RuntimeCounts before = RuntimeCounts.now();
      kernels.zero(gradients(parameters));
      kernels.clipNorm(gradients(parameters), 1);
      kernels.adam(parameters, new AdamSettings(0.9, 0.999, 1e-8, 1), 1, 1);
      assertThat(RuntimeCounts.now().minus(before)).isEqualTo(new RuntimeCounts(5, 0, 0, 0, 0, 0));
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aNormThatIsNotANumberChangesNothing(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get();
        DeviceArray one = backend.of(new float[] {1, Float.NaN, 3});
        DeviceArray other = backend.of(new float[] {4})) {
      backend.kernels().optimizer().clipNorm(List.of(one, other), 1);
      assertThat(one.toFloats()).containsExactly(1, Float.NaN, 3);
      assertThat(other.toFloats()).containsExactly(4);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void sumsOfSquaresAreThoseOfTheReferenceWithOneWait(Supplier<NativeBackend> open) {
    try (JavaBackend java = new JavaBackend(1);
        NativeBackend backend = open.get();
        Resources own = new Resources()) {
      for (int count : new int[] {1, 1000, 5000}) {
        assertThat(squares(backend, count)).isCloseTo(squares(java, count), within(1e-7 * count));
      }
      List<DeviceArray> arrays = new ArrayList<>();
      double sum = 0;
      for (int count : new int[] {1, 300_000, 7, 2000}) {
        DeviceArray array = own.own(backend.allocate(DType.FLOAT32, count));
        arrays.add(array.copyFrom(new SplittableRandom(count).doubles(count, -1, 1).toArray()));
        sum += backend.kernels().optimizer().sumOfSquares(List.of(array));
      }
      RuntimeCounts before = RuntimeCounts.now();
      double together = backend.kernels().optimizer().sumOfSquares(arrays);
      assertThat(RuntimeCounts.now().minus(before).waits()).isEqualTo(1);
      assertThat(together).isCloseTo(sum, within(1e-9 * sum));
      assertThat(backend.kernels().optimizer().sumOfSquares(arrays)).isEqualTo(together);
    }
  }

  private static double squares(Backend backend, int count) {
    try (DeviceArray array = backend.allocate(DType.FLOAT32, count)) {
      array.copyFrom(new SplittableRandom(2).doubles(count, -1, 1).toArray());
      return backend.kernels().optimizer().sumOfSquares(List.of(array));
    }
  }
}
