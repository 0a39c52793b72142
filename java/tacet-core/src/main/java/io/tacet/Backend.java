package io.tacet;

import io.tacet.memory.ArrayBytes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.ForeignMemory;
import io.tacet.spi.Kernels;
import io.tacet.spi.Storage;
import java.util.List;
import java.util.function.IntConsumer;

/**
 * A place where operations run: {@code java} (plain arrays on the heap), {@code host} (the CUDA
 * kernels executed on the CPU) or {@code cuda} (a GPU).
 *
 * <p>A backend owns threads, streams and native contexts; whoever opens it closes it, after the
 * arrays it allocated.
 *
 * <p>One thread drives a backend at a time: operations, copies, {@link #synchronize} and {@link
 * #close} are called by one thread, or by several that hand it over with a happens-before edge,
 * such as by {@code Thread.join} or a lock. Where an operation or the closing meets the operation
 * of another thread, an {@link IllegalStateException} says so and names both, on every backend; on
 * {@code host} and {@code cuda} so do {@link #synchronize} and copies to and from Java arrays,
 * which on {@code java} are copies within the heap that nobody sees. On {@code cuda} an operation
 * is over for its thread when it has been issued. Any thread may close an array that no operation
 * is using, and read {@link #name}, {@link #supports} and {@link #arrayBytes}. Different backends
 * are independent, of one device too: for several threads open a backend for each. Virtual threads
 * are threads like others.
 */
public interface Backend extends AutoCloseable {

  /** Short name: {@code java}, {@code host} or {@code cuda}. */
  String name();

  /** A one-line description: processor or GPU, threads, memory. */
  String description();

  /** Whether this backend supports arrays of the element type. */
  boolean supports(DType type);

  /** Raw zeroed storage; applications call {@link #allocate} instead. */
  Storage allocateStorage(DType type, long length);

  /**
   * Storage over memory of another library; applications call {@link #wrap} instead.
   *
   * @throws IllegalArgumentException if this backend does not compute in such memory
   */
  Storage wrapStorage(ForeignMemory memory);

  /** The operations this backend offers. */
  Kernels kernels();

  /**
   * Bytes available to all arrays in total, as far as is known; by default the maximum Java heap.
   */
  default long memory() {
    return Runtime.getRuntime().maxMemory();
  }

  /** Bytes of the arrays that {@link #allocate} made and that are open. */
  ArrayBytes arrayBytes();

  /** Returns when all work issued so far is complete; a no-op where calls are synchronous. */
  void synchronize();

  /**
   * Runs tasks 0 to {@code tasks - 1} on the threads that this backend has for work on the host,
   * and returns when all are done: for loops beside its kernels, one call at a time. By default one
   * task after the other. Of several failures one is thrown.
   */
  default void forEach(int tasks, IntConsumer task) {
    for (int t = 0; t < tasks; t++) {
      task.accept(t);
    }
  }

  @Override
  void close();

  /**
   * A zeroed array; the caller closes it.
   *
   * @param shape extents, row-major, all positive
   * @throws IllegalArgumentException if the element type is not supported or an extent is not
   *     positive
   */
  default DeviceArray allocate(DType type, long... shape) {
    return DeviceArray.allocate(this, type, shape);
  }

  /**
   * Zeroed arrays, each as {@link #allocate} makes it; the caller closes them, in any order. Where
   * arrays are on a device they lie side by side, and those that are neighbours here are copied to
   * and from Java arrays at once by {@link io.tacet.memory.HostCopies}.
   *
   * @param types element type of each
   * @param shapes extents of each
   * @throws IllegalArgumentException if there are more types than shapes or fewer, or as {@link
   *     #allocate} throws
   */
  default List<DeviceArray> allocateTogether(List<DType> types, long[]... shapes) {
    return DeviceArray.allocateEach(this, types, shapes);
  }

  /**
   * An array over memory of another library, without a copy: what one writes the other reads. The
   * caller closes it, which frees nothing.
   *
   * <p>On {@code host} the memory is a direct buffer or at an address of this process; on {@code
   * cuda} it is at an address of its GPU; on {@code java} it is a whole Java array, such as {@code
   * FloatBuffer.wrap(array)}, since the java backend computes on the heap.
   *
   * @param shape extents, row-major, of as many elements as the memory has
   * @throws IllegalArgumentException if the memory is of another kind, or the element type or the
   *     shape does not fit; {@link io.tacet.memory.Buffers} copies what cannot be shared
   */
  default DeviceArray wrap(ForeignMemory memory, long... shape) {
    return DeviceArray.wrap(this, memory, shape);
  }

  /** A FLOAT32 array holding {@code values}; the caller closes it. */
  default DeviceArray of(float[] values, long... shape) {
    return filled(allocate(DType.FLOAT32, shapeOr(values.length, shape)), a -> a.copyFrom(values));
  }

  /** A FLOAT64 array holding {@code values}; the caller closes it. */
  default DeviceArray of(double[] values, long... shape) {
    return filled(allocate(DType.FLOAT64, shapeOr(values.length, shape)), a -> a.copyFrom(values));
  }

  /** An INT32 array holding {@code values}; the caller closes it. */
  default DeviceArray of(int[] values, long... shape) {
    return filled(allocate(DType.INT32, shapeOr(values.length, shape)), a -> a.copyFrom(values));
  }

  /** A UINT16 array holding {@code values} as unsigned 16-bit; the caller closes it. */
  default DeviceArray of(short[] values, long... shape) {
    return filled(allocate(DType.UINT16, shapeOr(values.length, shape)), a -> a.copyFrom(values));
  }

  private static long[] shapeOr(long length, long[] shape) {
    return shape.length == 0 ? new long[] {length} : shape;
  }

  private static DeviceArray filled(
      DeviceArray array, java.util.function.Consumer<DeviceArray> fill) {
    try {
      fill.accept(array);
      return array;
    } catch (RuntimeException | Error e) {
      array.close();
      throw e;
    }
  }
}
