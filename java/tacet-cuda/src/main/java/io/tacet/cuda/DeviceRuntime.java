package io.tacet.cuda;

/**
 * What a device offers besides kernels: memory, streams and events. Implemented over the C ABI of
 * libtacet, and with streams and events of JCuda; addresses and handles are interchangeable between
 * them, since both use the primary context of the device.
 *
 * <p>Addresses are bytes in device memory; a stream of 0 is the default stream. Everything that
 * takes a stream happens in its order, and other streams are neither waited for nor held up: work
 * on another stream that uses the memory has to {@linkplain #await wait for an event} first. The
 * current CUDA context of the calling thread is left as it is. Methods throw {@link CudaException}.
 * Thread-safe, as far as callers do not free what others use.
 */
public interface DeviceRuntime extends AutoCloseable {

  /** Properties of the device, with the memory that is free now. */
  DeviceInfo info();

  /**
   * Uninitialised memory, aligned to 256 bytes; the caller frees it before closing the runtime. On
   * a GPU it comes from a pool of the runtime, which keeps what is freed until it is closed.
   *
   * @throws OutOfDeviceMemoryException if there is not enough
   */
  long allocate(long bytes, long stream);

  /** Frees memory in the order of a stream, which has waited for all others that use it. */
  void free(long address, long stream);

  /** Under host execution, fills memory with what new memory holds, NaN; elsewhere does nothing. */
  void poison(long address, long bytes);

  /**
   * Finds out whether kernels of the device may be given an address of somebody else. Under host
   * execution every address is memory.
   *
   * @throws IllegalArgumentException if it lies neither in memory of this device nor in managed
   *     memory
   */
  void checkAddress(long address);

  /** Sets bytes in stream order. */
  void fill(long target, int value, long bytes, long stream);

  /** Copies within device memory in stream order. */
  void copy(long target, long source, long bytes, long stream);

  /**
   * Copies from a {@code float[]}, {@code double[]}, {@code int[]} or {@code short[]}; returns when
   * the array may be changed again. The stream must not be {@linkplain #capturing captured}.
   *
   * @param offset of the first byte in the array
   */
  void write(long target, Object source, long offset, long bytes, long stream);

  /**
   * Copies to an array what the work issued on the stream before leaves; waits for that. The stream
   * must not be {@linkplain #capturing captured}.
   *
   * @param offset of the first byte in the array
   */
  void read(Object target, long offset, long source, long bytes, long stream);

  /** A stream that does not wait for the default stream; destroyed by the caller. */
  long createStream();

  void destroyStream(long stream);

  /**
   * Whether what is issued on the stream becomes part of a graph of the application instead of
   * being done. Allocations, copies from and to arrays, and waits would end such a capture.
   */
  boolean capturing(long stream);

  /** Returns when the stream has done everything issued so far. */
  void synchronize(long stream);

  /** Returns when the device has done everything issued so far. */
  void synchronize();

  /** An event with timing; destroyed by the caller. */
  long createEvent();

  void destroyEvent(long event);

  void record(long event, long stream);

  /** Makes later work of the stream wait for the event. */
  void await(long event, long stream);

  /** Nanoseconds of device time from the first event to the second, once both have happened. */
  long nanosBetween(long first, long second);

  /** Gives the device back; what was allocated, and all streams and events, are gone before. */
  @Override
  void close();
}
