package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("native")
class NativeBackendTest {
  private long openBefore;

  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  @BeforeEach
  void countOpenArrays() {
    openBefore = Leaks.open();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isEqualTo(openBefore);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void valuesOfEveryTypeComeBackAsTheyWent(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get();
        DeviceArray floats = backend.of(new float[] {1.5f, -0.0f, Float.NaN, 3e38f});
        DeviceArray ints = backend.of(new int[] {7, -1, Integer.MIN_VALUE});
        DeviceArray shorts = backend.of(new short[] {1, -2, 3, 4, 5}, 5)) {
      assertThat(floats.toFloats()).containsExactly(1.5f, -0.0f, Float.NaN, 3e38f);
      assertThat(ints.toInts()).containsExactly(7, -1, Integer.MIN_VALUE);
      assertThat(shorts.toShorts()).containsExactly(1, -2, 3, 4, 5);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void partsAreCopiedAtTheirOffsets(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get();
        DeviceArray array = backend.allocate(DType.INT32, 6)) {
      array.storage().write(2, new int[] {9, 8, 7, 6}, 1, 3);
      assertThat(array.toInts()).containsExactly(0, 0, 8, 7, 6, 0);
      int[] target = new int[4];
      array.storage().read(3, target, 2, 2);
      assertThat(target).containsExactly(0, 0, 7, 6);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void newArraysAreZeroAndCanBeZeroedAgain(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get();
        DeviceArray array = backend.allocate(DType.FLOAT32, 3, 1000)) {
      assertThat(array.toFloats()).containsOnly(0);
      array.storage().write(0, new float[] {1, 2}, 0, 2);
      assertThat(array.zero().toFloats()).containsOnly(0);
      assertThat(array.address() % 256).isZero();
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void askingForTooMuchSaysAskedFreeAndTotal(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get()) {
      assertThatThrownBy(() -> backend.allocate(DType.FLOAT32, 1L << 50))
          .isInstanceOfSatisfying(
              OutOfDeviceMemoryException.class,
              e -> {
                assertThat(e.asked()).isEqualTo(1L << 52);
                assertThat(e.total()).isPositive().isGreaterThanOrEqualTo(e.free());
              })
          .hasMessageContaining("asked for 4503599627370496 bytes, free ");
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void doublePrecisionIsRefused(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get()) {
      assertThatThrownBy(() -> backend.allocate(DType.FLOAT64, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("does not support FLOAT64");
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void anArrayMayBeClosedAfterItsBackend(Supplier<NativeBackend> open) {
    NativeBackend backend = open.get();
    DeviceArray array = backend.allocate(DType.FLOAT32, 10);
    backend.close();
    array.close();
    assertThatThrownBy(array::address).isInstanceOf(IllegalStateException.class);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void describesItsDevice(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get()) {
      assertThat(backend.description()).contains("sm_").contains("MiB");
      backend.synchronize();
    }
  }
}
