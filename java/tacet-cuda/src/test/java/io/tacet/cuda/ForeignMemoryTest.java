package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.dense.Activation;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.ForeignMemory;
import io.tacet.memory.Leaks;
import io.tacet.memory.Loan;
import java.lang.ref.WeakReference;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.JRE;

/** Memory of others under arrays of the host backend, and memory of arrays lent to others. */
@Tag("native")
class ForeignMemoryTest {
  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @Test
  void kernelsComputeInADirectBufferOfTheCaller() {
    FloatBuffer buffer = direct(20).asFloatBuffer().put(new float[] {9, -1, 2, -3, 4});
    try (NativeBackend host = host()) {
      long copies = RuntimeCounts.now().copiesFromHost();
      try (DeviceArray array = host.wrap(ForeignMemory.of(buffer.position(1)), 2, 2)) {
        Dense.activate(array, Activation.RELU);
        assertThat(buffer.get(0)).isEqualTo(9);
        assertThat(buffer.get(1)).isEqualTo(0);
        assertThat(buffer.get(4)).isEqualTo(4);
        buffer.put(1, 5);
        assertThat(RuntimeCounts.now().copiesFromHost()).isEqualTo(copies);
        assertThat(array.toFloats()).containsExactly(5, 2, 0, 4);
      }
    }
  }

  @Test
  void anArrayShowsItsMemoryAsADirectBuffer() {
    try (NativeBackend host = host();
        DeviceArray array = host.of(new int[] {1, 2, 3})) {
      ByteBuffer bytes = array.buffer();
      assertThat(bytes.isDirect()).isTrue();
      assertThat(bytes.order()).isEqualTo(ByteOrder.nativeOrder());
      assertThat(bytes.remaining()).isEqualTo(12);
      bytes.putInt(4, 20);
      assertThat(array.toInts()).containsExactly(1, 20, 3);
    }
  }

  @Test
  void theMemoryOfABufferIsKeptWhenTheArrayHasBeenClosed() {
    FloatBuffer view;
    try (NativeBackend host = host()) {
      DeviceArray array = host.of(new float[] {1, 2, 3, 4});
      view = array.buffer().asFloatBuffer().slice(1, 2);
      array.close();
      assertThatThrownBy(array::buffer)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("is closed");
      // The allocator would give the same memory to the next array of that size.
      for (int k = 0; k < 50; k++) {
        System.gc();
        host.of(new float[] {-1, -1, -1, -1}).close();
      }
    }
    assertThat(view.get(0)).isEqualTo(2);
    assertThat(view.get(1)).isEqualTo(3);
  }

  @Test
  void aLoanKeepsTheMemoryUntilItIsClosed() {
    try (NativeBackend host = host()) {
      DeviceArray array = host.of(new float[] {1, 2});
      Loan loan = array.lend();
      assertThat(loan.address()).isEqualTo(array.address());
      assertThat(loan.bytes()).isEqualTo(8);
      array.close();
      try (DeviceArray again =
          host.wrap(ForeignMemory.at(loan.address(), DType.FLOAT32, 2, loan), 2)) {
        assertThat(again.toFloats()).containsExactly(1, 2);
      }
      loan.close();
      assertThatThrownBy(loan::close)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("A loan of 8 bytes is closed");
      assertThatThrownBy(loan::address).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void theBufferOfTheCallerIsReferencedAsLongAsTheArrayIs() throws InterruptedException {
    try (NativeBackend host = host()) {
      ByteBuffer buffer = direct(8);
      WeakReference<ByteBuffer> reference = new WeakReference<>(buffer);
      DeviceArray array = host.wrap(ForeignMemory.of(buffer, DType.INT32), 2);
      buffer = null;
      System.gc();
      assertThat(reference.get()).isNotNull();
      assertThat(array.toInts()).containsExactly(0, 0);
      array.close();
      array = null;
      for (int k = 0; k < 500 && reference.get() != null; k++) {
        System.gc();
        Thread.sleep(10);
      }
      assertThat(reference.get()).isNull();
    }
  }

  @Test
  void memoryThatItsOwnerHasClosedIsAnError() {
    AtomicBoolean open = new AtomicBoolean(true);
    try (NativeBackend host = host();
        DeviceArray memory = host.of(new float[] {1, 2});
        DeviceArray array =
            host.wrap(
                ForeignMemory.at(memory.address(), DType.FLOAT32, 2, "owner").whileAlive(open::get),
                2)) {
      assertThat(array.toFloats()).containsExactly(1, 2);
      open.set(false);
      assertThatThrownBy(array::toFloats)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("lies over String has been closed by its owner");
      assertThatThrownBy(() -> Dense.activate(array, Activation.RELU))
          .isInstanceOf(IllegalStateException.class);
      assertThatThrownBy(array::zero).isInstanceOf(IllegalStateException.class);
      assertThat(memory.toFloats()).containsExactly(1, 2);
    }
  }

  @Test
  void theOwnerIsToldOnceNobodyHasTheMemoryAnyMore() {
    int[] ends = {0};
    try (NativeBackend host = host()) {
      ByteBuffer buffer = direct(8).putInt(0, 1).putInt(4, 2);
      DeviceArray array =
          host.wrap(ForeignMemory.of(buffer, DType.INT32).whenClosed(() -> ends[0]++), 2);
      Loan loan = array.lend();
      array.close();
      assertThat(ends[0]).isZero();
      loan.close();
      assertThat(ends[0]).isOne();
    }
  }

  @Test
  void memoryOfTheJavaHeapAndOddAddressesAreRefused() {
    try (NativeBackend host = host()) {
      ForeignMemory heap = ForeignMemory.of(FloatBuffer.allocate(2));
      assertThatThrownBy(() -> host.wrap(heap, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("memory: expected a direct buffer or an address")
          .hasMessageContaining("Buffers.copy");
      ByteBuffer odd = direct(9).position(1).slice().order(ByteOrder.nativeOrder());
      ForeignMemory unaligned = ForeignMemory.of(odd, DType.FLOAT32);
      assertThatThrownBy(() -> host.wrap(unaligned, 2))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("address: expected a multiple of 4 for FLOAT32");
      ForeignMemory wide = ForeignMemory.of(direct(8), DType.FLOAT64);
      assertThatThrownBy(() -> host.wrap(wide, 1))
          .hasMessageContaining("type: the host backend does not support FLOAT64");
    }
  }

  @Test
  void anArrayOverMemoryOfOthersIsUsableAfterTheBackendHasBeenClosed() {
    NativeBackend host = host();
    ByteBuffer buffer = direct(8).putInt(0, 3).putInt(4, 4);
    DeviceArray array = host.wrap(ForeignMemory.of(buffer, DType.INT32), 2);
    host.close();
    assertThat(array.toInts()).containsExactly(3, 4);
    array.close();
  }

  /** By reflection, since the API is newer than what Tacet is compiled for. */
  @Test
  @EnabledForJreRange(min = JRE.JAVA_22)
  void aClosedArenaIsNoticed() throws ReflectiveOperationException {
    Class<?> arenaType = Class.forName("java.lang.foreign.Arena");
    Object arena = arenaType.getMethod("ofShared").invoke(null);
    Object segment = arenaType.getMethod("allocate", long.class, long.class).invoke(arena, 16, 4);
    Method asBuffer = Class.forName("java.lang.foreign.MemorySegment").getMethod("asByteBuffer");
    ByteBuffer buffer = ((ByteBuffer) asBuffer.invoke(segment)).order(ByteOrder.nativeOrder());
    try (NativeBackend host = host();
        DeviceArray array = host.wrap(ForeignMemory.of(buffer, DType.FLOAT32), 4)) {
      array.copyFrom(new float[] {1, 2, 3, 4});
      assertThat(buffer.getFloat(8)).isEqualTo(3);
      arenaType.getMethod("close").invoke(arena);
      assertThatThrownBy(array::toFloats)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("closed");
      assertThatThrownBy(() -> Dense.activate(array, Activation.RELU))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  private static NativeBackend host() {
    return TestBackends.host(HostExecution.DEFAULT);
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }
}
