package io.tacet.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.BackendCase;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.ShortBuffer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Copies between arrays and buffers, on every backend alike. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class BuffersConformance {
  /** More than the heap takes at a time on the way to a GPU. */
  private static final int LARGE = (1 << 20) + 3;

  /** The backends to test; only the first of each name counts, since types are chosen here. */
  protected abstract Stream<BackendCase> backends();

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void numbersGoThroughBuffersOfEveryKindAndComeBack(BackendCase on) {
    try (Backend backend = on.backend().get();
        DeviceArray floats = backend.allocate(DType.FLOAT32, 2, 2);
        DeviceArray ints = backend.allocate(DType.INT32, 2);
        DeviceArray shorts = backend.allocate(DType.UINT16, 3)) {
      Buffers.copy(FloatBuffer.wrap(new float[] {9, 1.5f, Float.NaN, -0f, 3e38f}, 1, 4), floats);
      assertThat(floats.toFloats()).containsExactly(1.5f, Float.NaN, -0f, 3e38f);
      FloatBuffer back = direct(20).asFloatBuffer().put(7).slice();
      Buffers.copy(floats, back);
      assertThat(back.position()).isZero();
      assertThat(back.get(0)).isEqualTo(1.5f);
      assertThat(back.get(3)).isEqualTo(3e38f);

      Buffers.copy(IntBuffer.wrap(new int[] {-4, 5}).asReadOnlyBuffer(), ints);
      assertThat(ints.toInts()).containsExactly(-4, 5);
      Buffers.copy(ShortBuffer.wrap(new short[] {1, -1, 3}), shorts);
      assertThat(shorts.toInts()).containsExactly(1, 65535, 3);
      ByteBuffer bytes = direct(6);
      Buffers.copy(shorts, bytes);
      assertThat(bytes.getShort(4)).isEqualTo((short) 3);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void bytesOfTheOtherOrderAreTurnedRound(BackendCase on) {
    ByteOrder other =
        ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
            ? ByteOrder.LITTLE_ENDIAN
            : ByteOrder.BIG_ENDIAN;
    ByteBuffer bytes = ByteBuffer.allocate(8).order(other).putFloat(0, 1.25f).putFloat(4, -8);
    try (Backend backend = on.backend().get();
        DeviceArray array = backend.allocate(DType.FLOAT32, 2)) {
      Buffers.copy(bytes, array);
      assertThat(array.toFloats()).containsExactly(1.25f, -8);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void manyElementsAreCopiedInTheirOrder(BackendCase on) {
    int[] values = new int[LARGE];
    for (int i = 0; i < LARGE; i++) {
      values[i] = i * 31;
    }
    try (Backend backend = on.backend().get();
        DeviceArray array = backend.allocate(DType.INT32, LARGE)) {
      Buffers.copy(IntBuffer.wrap(values), array);
      assertThat(array.toInts()).isEqualTo(values);
      ByteBuffer bytes = direct(4 * LARGE);
      Buffers.copy(array, bytes);
      assertThat(bytes.getInt(4 * (LARGE - 1))).isEqualTo(values[LARGE - 1]);
      assertThat(bytes.getInt(4 << 20)).isEqualTo(values[1 << 20]);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void whatDoesNotFitIsRefusedAndNothingChanges(BackendCase on) {
    try (Backend backend = on.backend().get();
        DeviceArray array = backend.of(new float[] {1, 2, 3})) {
      assertThatThrownBy(() -> Buffers.copy(FloatBuffer.allocate(4), array))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("source: expected a FloatBuffer of 3 elements")
          .hasMessageContaining("got a FloatBuffer of 4");
      assertThatThrownBy(() -> Buffers.copy(IntBuffer.allocate(3), array))
          .hasMessageContaining("got a IntBuffer of 3");
      assertThatThrownBy(() -> Buffers.copy(array, ByteBuffer.allocate(13)))
          .hasMessageContaining("target: expected")
          .hasMessageContaining("a ByteBuffer of 12 bytes")
          .hasMessageContaining("got a ByteBuffer of 13");
      assertThatThrownBy(() -> Buffers.copy(array, FloatBuffer.allocate(3).asReadOnlyBuffer()))
          .hasMessageContaining("target: expected one to write to");
      assertThat(array.toFloats()).containsExactly(1, 2, 3);
    }
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
