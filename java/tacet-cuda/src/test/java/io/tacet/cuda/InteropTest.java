package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.function.Supplier;
import jcuda.Pointer;
import jcuda.runtime.JCuda;
import jcuda.runtime.cudaStream_t;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("native")
class InteropTest {

  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void anArrayCanLieOverMemoryOfTheCaller(Supplier<NativeBackend> open) {
    long openBefore = Leaks.open();
    try (NativeBackend backend = open.get();
        DeviceArray owner = backend.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3)) {
      try (DeviceArray row = Interop.wrap(backend, owner.address() + 12, DType.FLOAT32, 3)) {
        assertThat(row.toFloats()).containsExactly(4, 5, 6);
        row.zero();
      }
      assertThat(owner.toFloats()).containsExactly(1, 2, 3, 0, 0, 0);
    }
    assertThat(Leaks.open()).isEqualTo(openBefore);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aViewTellsEverythingAnotherLibraryNeeds(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get();
        DeviceArray array = backend.allocate(DType.INT32, 2, 3)) {
      Interop.DeviceView view = Interop.view(array);
      assertThat(view.address()).isEqualTo(array.address());
      assertThat(view.stream()).isEqualTo(backend.stream());
      assertThat(view.type()).isEqualTo(DType.INT32);
      assertThat(view.shape()).containsExactly(2L, 3L);
      assertThat(Interop.address(Interop.pointer(array))).isEqualTo(array.address());
      assertThat(Interop.address(Interop.pointer(array).withByteOffset(8)))
          .isEqualTo(array.address() + 8);
    }
  }

  @Test
  void arraysOfTheJavaBackendHaveNoView() {
    try (Backend java = Backends.open("java");
        DeviceArray array = java.allocate(DType.FLOAT32, 1)) {
      assertThatThrownBy(() -> Interop.view(array))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("FLOAT32[1] on java");
    }
  }

  @Test
  void addressesThatCannotBeAreRefused() {
    try (NativeBackend host = TestBackends.host(HostExecution.DEFAULT)) {
      assertThatThrownBy(() -> Interop.wrap(host, 0, DType.FLOAT32, 1))
          .hasMessageContaining("got null");
      assertThatThrownBy(() -> Interop.wrap(host, 1026, DType.FLOAT32, 1))
          .hasMessageContaining("multiple of 4");
    }
  }

  @Test
  void onlyMemoryOfTheGpuIsTakenOnAGpu() {
    try (NativeBackend backend = TestBackends.cuda();
        DeviceArray own = backend.allocate(DType.FLOAT32, 4)) {
      ByteBuffer direct = ByteBuffer.allocateDirect(64).order(ByteOrder.nativeOrder());
      assertThatThrownBy(() -> Interop.wrap(backend, Pointer.to(direct), DType.FLOAT32, 4))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("address: expected memory of GPU 0 or managed memory, got 0x")
          .hasMessageContaining("memory of the host");
      Pointer locked = new Pointer();
      JCuda.cudaMallocHost(locked, 64);
      assertThatThrownBy(() -> Interop.wrap(backend, locked, DType.FLOAT32, 4))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("page-locked memory of the host");
      JCuda.cudaFreeHost(locked);
      Pointer managed = new Pointer();
      JCuda.cudaMallocManaged(managed, 64, JCuda.cudaMemAttachGlobal);
      Interop.wrap(backend, managed, DType.FLOAT32, 4).close();
      JCuda.cudaFree(managed);
      Interop.wrap(backend, own.address(), DType.FLOAT32, 4).close();
    }
  }

  @Test
  void anArrayMayBeClosedAfterTheCallersStreamIsGone() {
    TestBackends.cuda().close();
    cudaStream_t stream = new cudaStream_t();
    JCuda.cudaStreamCreate(stream);
    DeviceArray array;
    try (NativeBackend backend = NativeBackend.cuda(0, stream)) {
      array = backend.of(new float[] {1, 2, 3});
    }
    JCuda.cudaStreamDestroy(stream);
    assertThat(array.toFloats()).containsExactly(1, 2, 3);
    array.close();
  }

  @Test
  void aStreamThatIsAnotherInEveryThreadIsRefused() {
    TestBackends.cuda().close();
    assertThatThrownBy(() -> NativeBackend.cuda(0, JCuda.cudaStreamPerThread))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("stream: expected one made by cudaStreamCreate");
  }

  @Test
  void memoryAndStreamMadeWithJCudaAreUsedAsTheyAre() {
    TestBackends.cuda().close();
    cudaStream_t stream = new cudaStream_t();
    Pointer memory = new Pointer();
    JCuda.cudaStreamCreate(stream);
    JCuda.cudaMalloc(memory, 16);
    try (NativeBackend backend = NativeBackend.cuda(0, stream);
        DeviceArray array = Interop.wrap(backend, memory, DType.INT32, 4)) {
      assertThat(backend.stream()).isEqualTo(Interop.handle(stream)).isNotZero();
      assertThat(array.copyFrom(new int[] {1, 2, 3, 4}).toInts()).containsExactly(1, 2, 3, 4);
      int[] direct = new int[4];
      JCuda.cudaMemcpy(Pointer.to(direct), memory, 16, 2);
      assertThat(direct).containsExactly(1, 2, 3, 4);
    }
    JCuda.cudaFree(memory);
    JCuda.cudaStreamDestroy(stream);
  }
}
