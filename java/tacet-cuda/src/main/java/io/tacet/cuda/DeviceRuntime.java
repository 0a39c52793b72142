package io.tacet.cuda;

import java.util.List;

/**
 * The runtime of a device: memory, streams and events. Implemented over the C ABI of libtacet, and
 * with streams and events of JCuda; addresses and handles are interchangeable between them, since
 * both use the primary context of the device.
 *
 * <p>Addresses are bytes in device memory; a stream of 0 is the default stream. Everything that
 * takes a stream is ordered on that stream, and neither waits for nor blocks other streams: work on
 * another stream that uses the memory has to {@linkplain #await wait for an event} first. The
 * current CUDA context of the calling thread is preserved. Methods throw {@link CudaException}.
 * Thread-safe, provided that callers do not free what others use.
 */
public interface DeviceRuntime extends AutoCloseable {

  /** Properties of the device, with the memory that is free now. */
  DeviceInfo info();

  /**
   * Uninitialised memory, aligned to 256 bytes; the caller frees it before closing the runtime. On
   * a GPU it comes from a pool of the runtime, which retains freed memory until it is closed.
   *
   * @throws OutOfDeviceMemoryException if there is not enough
   */
  long allocate(long bytes, long stream);

  /**
   * Frees memory in stream order; the stream must have waited for all others that use the memory.
   */
  void free(long address, long stream);

  /** Under host execution, fills memory with NaN like new memory; elsewhere does nothing. */
  void poison(long address, long bytes);

  /**
   * Checks whether kernels of the device can use an external address. Under host execution every
   * address is accepted.
   *
   * @throws IllegalArgumentException if it lies neither in memory of this device nor in managed
   *     memory
   */
  void checkAddress(long address);

  /** Whether the CPU reads and writes the memory by its address: under host execution. */
  default boolean isAddressable() {
    return false;
  }

  /** Sets bytes in stream order. */
  void fill(long target, int value, long bytes, long stream);

  /** Copies within device memory in stream order. */
  void copy(long target, long source, long bytes, long stream);

  /**
   * Copies from a {@code float[]}, {@code double[]}, {@code int[]} or {@code short[]}; returns when
   * the array may be modified again. The stream must not be {@linkplain #capturing captured}.
   *
   * @param offset of the first byte in the array
   */
  void write(long target, Object source, long offset, long bytes, long stream);

  /**
   * Copies to an array in stream order and waits for the copy. The stream must not be {@linkplain
   * #capturing captured}.
   *
   * @param offset of the first byte in the array
   */
  void read(Object target, long offset, long source, long bytes, long stream);

  /** {@link #write} of several whole arrays; neighbours are copied at once. */
  default void writeAll(List<ArrayTransfer> transfers, long stream) {
    transfers.forEach(each -> write(each.address(), each.array(), 0, each.bytes(), stream));
  }

  /**
   * {@link #read} of several whole arrays, which waits once for all that are small; neighbours are
   * copied at once.
   */
  default void readAll(List<ArrayTransfer> transfers, long stream) {
    transfers.forEach(each -> read(each.array(), 0, each.address(), each.bytes(), stream));
  }

  /** A stream that does not wait for the default stream; destroyed by the caller. */
  long createStream();

  void destroyStream(long stream);

  /**
   * Whether the application is capturing the stream into a graph. Allocations, copies to and from
   * arrays, and waits would invalidate the capture.
   */
  boolean capturing(long stream);

  /** Returns when all work issued on the stream so far is complete. */
  void synchronize(long stream);

  /** Returns when all work issued on the device so far is complete. */
  void synchronize();

  /** An event with timing; destroyed by the caller. */
  long createEvent();

  void destroyEvent(long event);

  void record(long event, long stream);

  /** Makes later work of the stream wait for the event. */
  void await(long event, long stream);

  /** Nanoseconds of device time from the first event to the second, once both have completed. */
  long nanosBetween(long first, long second);

  /** Releases the device; all memory, streams and events must have been released before. */
  @Override
  void close();
}
