package io.tacet.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.dense.Activation;
import io.tacet.dense.Dense;
import io.tacet.reference.JavaBackend;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Arrays over memory of others on the java backend, and what is refused on every backend. */
class ForeignMemoryTest {
  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @Test
  void theJavaBackendComputesInAJavaArrayOfTheCaller() {
    float[] values = {-1, 2, -3, 4};
    try (JavaBackend java = new JavaBackend(1)) {
      long before = java.arrayBytes().open();
      try (DeviceArray array = java.wrap(ForeignMemory.of(FloatBuffer.wrap(values)), 2, 2)) {
        assertThat(array.storage().heap()).isSameAs(values);
        assertThat(java.arrayBytes().open()).isEqualTo(before);
        Dense.activate(array, Activation.RELU);
        assertThat(values).containsExactly(0, 2, 0, 4);
        values[0] = 7;
        assertThat(array.toFloats()).containsExactly(7, 2, 0, 4);
      }
      assertThat(values).containsExactly(7, 2, 0, 4);
    }
  }

  @Test
  void theOwnerIsAskedBeforeEachUseAndToldOfTheEnd() {
    boolean[] open = {true};
    int[] ends = {0};
    ForeignMemory memory =
        ForeignMemory.of(FloatBuffer.wrap(new float[] {1, 2}))
            .whileAlive(() -> open[0])
            .whenClosed(() -> ends[0]++);
    try (JavaBackend java = new JavaBackend(1);
        DeviceArray array = java.wrap(memory, 2)) {
      assertThat(array.toFloats()).containsExactly(1, 2);
      open[0] = false;
      assertThatThrownBy(array::toFloats)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("has been closed by its owner");
      assertThatThrownBy(() -> Dense.activate(array, Activation.RELU))
          .isInstanceOf(IllegalStateException.class);
      assertThat(ends[0]).isZero();
    }
    assertThat(ends[0]).isOne();
  }

  @Test
  void theTypeIsThatOfTheBuffer() {
    assertThat(ForeignMemory.of(DoubleBuffer.allocate(2)).type()).isEqualTo(DType.FLOAT64);
    assertThat(ForeignMemory.of(IntBuffer.allocate(2)).type()).isEqualTo(DType.INT32);
    assertThat(ForeignMemory.of(ShortBuffer.allocate(2)).type()).isEqualTo(DType.UINT16);
    ForeignMemory bytes = ForeignMemory.of(direct(8), DType.FLOAT32);
    assertThat(bytes.type()).isEqualTo(DType.FLOAT32);
    assertThat(bytes.length()).isEqualTo(2);
    assertThat(bytes).hasToString("2 elements of FLOAT32 at a direct buffer");
  }

  @Test
  void memoryThatIsNoWholeJavaArrayIsRefusedByTheJavaBackend() {
    try (JavaBackend java = new JavaBackend(1)) {
      for (ForeignMemory memory :
          new ForeignMemory[] {
            ForeignMemory.of(direct(16), DType.FLOAT32),
            ForeignMemory.of(FloatBuffer.allocate(5).position(1)),
            ForeignMemory.of(FloatBuffer.allocate(5).limit(4)),
            ForeignMemory.at(1024, DType.FLOAT32, 4, null)
          }) {
        assertThatThrownBy(() -> java.wrap(memory, 4))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("memory: expected all of a Java array")
            .hasMessageContaining("got 4 elements of FLOAT32 at")
            .hasMessageContaining("Buffers.copy");
      }
    }
  }

  @Test
  void buffersThatCannotBeSharedAreRefused() {
    assertThatThrownBy(() -> ForeignMemory.of(FloatBuffer.allocate(2).asReadOnlyBuffer()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("buffer: expected one that can be written, got a read-only one");
    ByteBuffer other = ByteBuffer.allocateDirect(8).order(notNative());
    assertThatThrownBy(() -> ForeignMemory.of(other, DType.FLOAT32))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the byte order of this machine, got " + notNative())
        .hasMessageContaining(".order(ByteOrder.nativeOrder())");
    assertThatThrownBy(() -> ForeignMemory.of(direct(6), DType.FLOAT32))
        .hasMessageContaining("bytes: expected a multiple of 4 for FLOAT32, got 6");
    assertThatThrownBy(() -> ForeignMemory.of(FloatBuffer.allocate(0)))
        .hasMessageContaining("got none remaining");
    assertThatThrownBy(() -> ForeignMemory.of(LongBuffer.allocate(1)))
        .hasMessageContaining("got a LongBuffer");
    assertThatThrownBy(() -> ForeignMemory.of(direct(8)))
        .hasMessageContaining("or a ByteBuffer with a type, got a ByteBuffer");
  }

  @Test
  void addressesThatCannotBeAreRefused() {
    assertThatThrownBy(() -> ForeignMemory.at(0, DType.INT32, 1, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("address: expected that of memory, got null");
    assertThatThrownBy(() -> ForeignMemory.at(1026, DType.INT32, 1, null))
        .hasMessageContaining("address: expected a multiple of 4 for INT32, got 1026");
    assertThatThrownBy(() -> ForeignMemory.at(1024, DType.INT32, 0, null))
        .hasMessageContaining("length: expected at least 1, got 0");
  }

  @Test
  void theShapeHasAsManyElementsAsTheMemory() {
    try (JavaBackend java = new JavaBackend(1)) {
      ForeignMemory memory = ForeignMemory.of(FloatBuffer.allocate(4));
      assertThatThrownBy(() -> java.wrap(memory, 5))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("shape: expected extents of 4 elements")
          .hasMessageContaining("got [5]");
    }
  }

  @Test
  void anArrayOnTheHeapHasNeitherAnAddressNorADirectBuffer() {
    try (JavaBackend java = new JavaBackend(1);
        DeviceArray array = java.allocate(DType.FLOAT32, 2)) {
      assertThatThrownBy(array::buffer)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("on the java backend")
          .hasMessageContaining("Buffers.copy");
      assertThatThrownBy(array::lend)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("has no native address");
    }
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  private static ByteOrder notNative() {
    return ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN
        ? ByteOrder.LITTLE_ENDIAN
        : ByteOrder.BIG_ENDIAN;
  }
}
