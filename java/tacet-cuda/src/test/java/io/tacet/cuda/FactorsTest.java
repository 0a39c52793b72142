package io.tacet.cuda;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Dense products with {@code tacet.products.factors} against those of the reference. */
@Tag("native")
class FactorsTest {
  private static final String PROPERTY = "tacet.products.factors";

  /** The largest error of a term in units of its size, with some for the roundings of sums. */
  private static final Map<String, Double> BOUNDS =
      Map.of("float32", 1e-5, "bf16x3", 0x1p-15 + 1e-5, "bf16", 0x1p-7 + 1e-4);

  @AfterEach
  void noPropertyOrArrayStays() {
    System.clearProperty(PROPERTY);
    assertThat(Leaks.open()).isZero();
  }

  static List<Arguments> multipliers() {
    List<Arguments> all = new ArrayList<>();
    for (Named<Supplier<NativeBackend>> backend : TestBackends.all()) {
      for (String factors : List.of("float32", "bf16x3", "bf16")) {
        all.add(Arguments.of(backend, factors));
      }
    }
    return all;
  }

  /** Op(A) op(B), or with the absolute values of both, in the given order. */
  private static double[] product(Backend backend, int[] size, int order, boolean absolute) {
    int m = size[0];
    int n = size[1];
    int k = size[2];
    SplittableRandom random = new SplittableRandom(m + 31L * n + 977L * k);
    try (Resources own = new Resources()) {
      DeviceArray a = array(backend, own, random, absolute, (long) m * k);
      DeviceArray b = array(backend, own, random, absolute, (long) k * n);
      DeviceArray c = array(backend, own, random, absolute, (long) m * n);
      boolean add = (order & 4) != 0;
      backend
          .kernels()
          .dense()
          .multiply(1, (order & 1) != 0, (order & 2) != 0, m, n, k, a, b, add ? 1 : 0, c);
      return c.toDoubles();
    }
  }

  private static DeviceArray array(
      Backend backend, Resources own, SplittableRandom random, boolean absolute, long length) {
    double[] values = random.doubles(length, -1, 1).map(x -> (float) x).toArray();
    for (int i = 0; absolute && i < values.length; i++) {
      values[i] = Math.abs(values[i]);
    }
    return own.own(backend.allocate(DType.FLOAT32, length)).copyFrom(values);
  }

  @ParameterizedTest
  @MethodSource("multipliers")
  void productsAreWithinTheBoundOfTheirFactors(Supplier<NativeBackend> open, String factors) {
    System.setProperty(PROPERTY, factors);
    int[][] sizes = {{1, 1, 1}, {3, 130, 5}, {33, 17, 29}, {40, 5, 700}, {1, 9, 1500}};
    try (Backend java = new JavaBackend(1);
        Backend backend = open.get()) {
      for (int[] size : sizes) {
        // Long sums take long on the CPU: each transposition there, with or without adding.
        int[] orders = size[2] > 100 ? new int[] {0, 3, 5, 6} : IntStream.range(0, 8).toArray();
        for (int order : orders) {
          double[] expected = product(java, size, order, false);
          double[] magnitude = product(java, size, order, true);
          double[] got = product(backend, size, order, false);
          double bound = BOUNDS.get(factors);
          assertClose("product", got, expected, i -> bound * magnitude[i]);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("multipliers")
  void productsAreBitwiseTheSameOnEveryRun(Supplier<NativeBackend> open, String factors) {
    System.setProperty(PROPERTY, factors);
    int[] size = {40, 24, 1500};
    double[] first;
    try (Backend backend = open.get()) {
      first = product(backend, size, 5, false);
      assertThat(product(backend, size, 5, false)).isEqualTo(first);
    }
    try (Backend another = open.get()) {
      assertThat(product(another, size, 5, false)).isEqualTo(first);
    }
  }

  @ParameterizedTest
  @MethodSource("multipliers")
  void productsAreByTheKernelUnlessFactorsAreFloat32(Supplier<NativeBackend> open, String factors) {
    System.setProperty(PROPERTY, factors);
    try (NativeBackend backend = open.get()) {
      if (!factors.equals("float32")) {
        assertThat(backend.denseProducts())
            .isEqualTo(
                "the kernel of libtacet (of %s factors, as tacet.products.factors says)", factors);
      } else {
        assertThat(backend.denseProducts()).doesNotContain("bf16");
      }
    }
  }

  @Test
  void factorsOfTwoNumbersDifferFromThoseOfOne() {
    double third = 1 / 3.0;
    double exact = third * third;
    assertThat(Math.abs(square("bf16x3", third) - exact)).isLessThan(exact * 0x1p-15);
    assertThat(Math.abs(square("bf16", third) - exact)).isGreaterThan(exact * 0x1p-12);
  }

  private static double square(String factors, double value) {
    System.setProperty(PROPERTY, factors);
    try (Backend backend = TestBackends.host(HostExecution.DEFAULT);
        Resources own = new Resources()) {
      DeviceArray x = own.own(backend.allocate(DType.FLOAT32, 1, 1)).copyFrom(new double[] {value});
      DeviceArray y = own.own(backend.allocate(DType.FLOAT32, 1, 1));
      Dense.multiply(x, x, false, y);
      return y.toDoubles()[0];
    }
  }

  @Test
  void unknownFactorsAreRefusedByName() {
    System.setProperty(PROPERTY, "fp16");
    try (NativeBackend backend = TestBackends.host(HostExecution.DEFAULT)) {
      assertThatThrownBy(backend::denseProducts)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("tacet.products.factors: expected one of float32, bf16x3, bf16, got fp16.");
    }
  }

  @Test
  void gpusWithoutBfloat16RefuseItAndMultiplyInFloat32() {
    System.setProperty(PROPERTY, "bf16x3");
    try (NativeBackend old =
        TestBackends.host(new HostExecution(HostExecution.Schedule.FORWARD, 0, 1, 75))) {
      assertThatThrownBy(old::denseProducts)
          .isInstanceOf(CudaException.class)
          .hasMessageStartingWith(
              "tacet.products.factors: expected float32 on this device, got bf16x3: ");
      System.clearProperty(PROPERTY);
      assertThat(old.denseProducts()).isEqualTo("the kernel of libtacet");
    }
  }
}
