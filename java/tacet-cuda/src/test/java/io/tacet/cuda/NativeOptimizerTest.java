package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.spi.OptimizerKernels;
import io.tacet.spi.OptimizerKernels.AdamStep;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Parameter updates against the java backend in float32. */
@Tag("native")
class NativeOptimizerTest {
  private static final int COUNT = 1000;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  /** A few updates of one parameter. */
  private interface Updates {
    void run(OptimizerKernels kernels, DeviceArray w, DeviceArray g, DeviceArray m, DeviceArray v);
  }

  private static void same(Supplier<NativeBackend> open, Updates updates) {
    try (JavaBackend java = new JavaBackend(1);
        NativeBackend backend = open.get()) {
      assertThat(after(backend, updates)).containsExactly(after(java, updates), within(1e-6f));
    }
  }

  private static float[] after(Backend backend, Updates updates) {
    SplittableRandom random = new SplittableRandom(9);
    try (Resources own = new Resources()) {
      DeviceArray[] a = new DeviceArray[4];
      for (int k = 0; k < a.length; k++) {
        a[k] = own.own(backend.allocate(DType.FLOAT32, COUNT));
      }
      a[0].copyFrom(random.doubles(COUNT, -1, 1).toArray());
      for (int step = 0; step < 3; step++) {
        a[1].copyFrom(random.doubles(COUNT, -1, 1).toArray());
        updates.run(backend.kernels().optimizer(), a[0], a[1], a[2], a[3]);
      }
      return a[0].toFloats();
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void adamWithAndWithoutDecayIsThatOfTheReference(Supplier<NativeBackend> open) {
    for (double decay : new double[] {0, 0.1}) {
      int[] step = {0};
      same(
          open,
          (kernels, w, g, m, v) ->
              kernels.adam(
                  w,
                  g,
                  m,
                  v,
                  new AdamStep(0.01, 0.9, 0.999, 1e-8, decay, decay > 0 ? 0.2 : 1e30),
                  step[0]++ % 3 + 1));
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void gradientDescentWithAndWithoutMomentumIsThatOfTheReference(Supplier<NativeBackend> open) {
    same(open, (kernels, w, g, m, v) -> kernels.sgd(w, g, m, 0.1, 0.9, 0.01));
    same(open, (kernels, w, g, m, v) -> kernels.sgd(w, g, null, 0.1, 0, 0.01));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void clampingIsThatOfTheReference(Supplier<NativeBackend> open) {
    same(open, (kernels, w, g, m, v) -> kernels.clamp(w, -0.25, 0.5));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void scalingAndTheSumOfSquaresAreThoseOfTheReference(Supplier<NativeBackend> open) {
    same(open, (kernels, w, g, m, v) -> kernels.scale(w, 0.3));
    try (JavaBackend java = new JavaBackend(1);
        NativeBackend backend = open.get()) {
      for (int count : new int[] {1, 1000, 5000}) {
        assertThat(squares(backend, count)).isCloseTo(squares(java, count), within(1e-7 * count));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void theSquaresOfSeveralArraysAreAddedWithOneWait(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get();
        Resources own = new Resources()) {
      List<DeviceArray> arrays = new ArrayList<>();
      double sum = 0;
      for (int count : new int[] {1, 300_000, 7, 2000}) {
        DeviceArray array = own.own(backend.allocate(DType.FLOAT32, count));
        arrays.add(array.copyFrom(new SplittableRandom(count).doubles(count, -1, 1).toArray()));
        sum += backend.kernels().optimizer().sumOfSquares(List.of(array));
      }
      RuntimeCounts before = RuntimeCounts.now();
      assertThat(backend.kernels().optimizer().sumOfSquares(arrays)).isEqualTo(sum);
      assertThat(RuntimeCounts.now().minus(before).waits()).isEqualTo(1);
    }
  }

  private static double squares(Backend backend, int count) {
    try (DeviceArray array = backend.allocate(DType.FLOAT32, count)) {
      array.copyFrom(new SplittableRandom(2).doubles(count, -1, 1).toArray());
      return backend.kernels().optimizer().sumOfSquares(List.of(array));
    }
  }
}
