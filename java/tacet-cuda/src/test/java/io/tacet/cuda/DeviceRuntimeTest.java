package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.cuda.internal.JCudaRuntime;
import io.tacet.cuda.internal.NativeRuntime;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One behaviour of three runtimes: the C ABI on the host and on a GPU, and JCuda. */
@Tag("native")
class DeviceRuntimeTest {

  static List<Named<Supplier<DeviceRuntime>>> runtimes() {
    return List.of(
        Named.of(
            "host",
            () -> {
              NativeBackend.host(HostExecution.DEFAULT).close(); // loads the library
              return NativeRuntime.host(HostExecution.DEFAULT);
            }),
        Named.of(
            "cuda by libtacet",
            () -> {
              TestBackends.cuda().close();
              return NativeRuntime.cuda(0);
            }),
        Named.of(
            "cuda by JCuda",
            () -> {
              TestBackends.cuda().close();
              return new JCudaRuntime(0, NativeRuntime.cuda(0));
            }));
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void copiesAndFillsInStreamOrder(Supplier<DeviceRuntime> open) {
    try (DeviceRuntime runtime = open.get()) {
      long stream = runtime.createStream();
      long memory = runtime.allocate(64, stream);
      runtime.fill(memory, 1, 64, stream);
      runtime.fill(memory, 2, 16, stream);
      runtime.copy(memory + 32, memory, 16, stream);
      int[] values = new int[17];
      runtime.read(values, 4, memory, 64, stream);
      assertThat(values[0]).isZero();
      assertThat(values[1]).isEqualTo(0x02020202);
      assertThat(values[5]).isEqualTo(0x01010101);
      assertThat(values[9]).isEqualTo(0x02020202);
      assertThat(values[16]).isEqualTo(0x01010101);
      runtime.free(memory, stream);
      runtime.destroyStream(stream);
    }
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void arraysOfEveryTypeAreWrittenAndRead(Supplier<DeviceRuntime> open) {
    try (DeviceRuntime runtime = open.get()) {
      long memory = runtime.allocate(256, 0);
      for (Object array :
          List.of(
              new float[] {1, 2, 3},
              new double[] {4, 5, 6},
              new int[] {7, 8, 9},
              new short[] {10, 11, 12})) {
        int size = array instanceof double[] ? 8 : array instanceof short[] ? 2 : 4;
        Object back = java.lang.reflect.Array.newInstance(array.getClass().getComponentType(), 3);
        runtime.write(memory, array, size, 2L * size, 0);
        runtime.read(back, 0, memory, 2L * size, 0);
        assertThat(java.lang.reflect.Array.get(back, 0))
            .isEqualTo(java.lang.reflect.Array.get(array, 1));
        assertThat(java.lang.reflect.Array.get(back, 1))
            .isEqualTo(java.lang.reflect.Array.get(array, 2));
      }
      runtime.free(memory, 0);
    }
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void arraysLargerThanAllBuffersArriveWhole(Supplier<DeviceRuntime> open) {
    try (DeviceRuntime runtime = open.get()) {
      int count = 1_500_001; // 5.7 MiB, and no multiple of a piece
      long stream = runtime.createStream();
      long memory = runtime.allocate(4L * count, stream);
      int[] values = IntStream.range(0, count + 3).map(k -> k * 0x9E3779B9).toArray();
      int[] expected = Arrays.copyOfRange(values, 3, count + 3);
      runtime.write(memory, values, 12, 4L * count, stream);
      Arrays.fill(values, 7); // the array is the caller's again
      int[] back = new int[count + 1];
      runtime.read(back, 4, memory, 4L * count, stream);
      assertThat(Arrays.copyOfRange(back, 1, count + 1)).isEqualTo(expected);
      runtime.free(memory, stream);
      runtime.destroyStream(stream);
    }
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void writesOneAfterTheOtherArriveInOrderAndDoNotWait(Supplier<DeviceRuntime> open) {
    try (DeviceRuntime runtime = open.get()) {
      long stream = runtime.createStream();
      long memory = runtime.allocate(400, stream);
      RuntimeCounts before = RuntimeCounts.now();
      for (int k = 0; k < 10; k++) {
        runtime.write(memory + 4L * k, new int[] {k, 100 + k}, 0, 8, stream);
      }
      assertThat(RuntimeCounts.now().minus(before).waits()).isZero();
      int[] back = new int[11];
      runtime.read(back, 0, memory, 44, stream);
      assertThat(back).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 109);
      assertThat(RuntimeCounts.now().minus(before)).isEqualTo(new RuntimeCounts(0, 0, 0, 10, 1, 1));
      runtime.free(memory, stream);
      runtime.destroyStream(stream);
    }
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void memoryFreedOnAStreamServesTheNextWorkOfIt(Supplier<DeviceRuntime> open) {
    try (DeviceRuntime runtime = open.get()) {
      long stream = runtime.createStream();
      for (int k = 0; k < 100; k++) {
        long memory = runtime.allocate(1 << 20, stream);
        runtime.fill(memory, k, 1 << 20, stream);
        runtime.free(memory, stream);
      }
      assertThat(runtime.capturing(stream)).isFalse();
      runtime.synchronize(stream);
      runtime.destroyStream(stream);
    }
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void eventsOrderAndTimeStreams(Supplier<DeviceRuntime> open) {
    try (DeviceRuntime runtime = open.get()) {
      long stream = runtime.createStream();
      long other = runtime.createStream();
      long memory = runtime.allocate(1 << 20, stream);
      long first = runtime.createEvent();
      long second = runtime.createEvent();
      runtime.record(first, stream);
      runtime.fill(memory, 0, 1 << 20, stream);
      runtime.record(second, stream);
      runtime.await(second, other);
      runtime.synchronize(other);
      assertThat(runtime.nanosBetween(first, second)).isNotNegative();
      runtime.destroyEvent(first);
      runtime.destroyEvent(second);
      runtime.free(memory, stream);
      runtime.destroyStream(stream);
      runtime.destroyStream(other);
    }
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void tellsAboutItsDevice(Supplier<DeviceRuntime> open) {
    try (DeviceRuntime runtime = open.get()) {
      DeviceInfo info = runtime.info();
      assertThat(info.name()).isNotBlank();
      assertThat(info.computeCapability()).isGreaterThanOrEqualTo(75);
      assertThat(info.sharedPerBlock()).isGreaterThanOrEqualTo(48 * 1024);
      assertThat(info.memoryTotal()).isGreaterThan(info.memoryFree());
    }
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void tooMuchMemoryIsItsOwnException(Supplier<DeviceRuntime> open) {
    try (DeviceRuntime runtime = open.get()) {
      assertThatThrownBy(() -> runtime.allocate(1L << 55, 0))
          .isInstanceOf(OutOfDeviceMemoryException.class);
      long memory = runtime.allocate(16, 0);
      runtime.free(memory, 0);
    }
  }
}
