package io.tacet.cuda;

/**
 * What a device offers besides kernels: memory, streams and events. Implemented over the C ABI of
 * libtacet and over JCuda; addresses and handles are interchangeable between them, since both use
 * the primary context of the device.
 *
 * <p>Addresses are bytes in device memory; a stream of 0 is the default stream. Methods throw
 * {@link CudaException}. Thread-safe, as far as callers do not free what others use.
 */
public interface DeviceRuntime extends AutoCloseable {

  /** Properties of the device, with the memory that is free now. */
  DeviceInfo info();

  /**
   * Uninitialised memory, aligned to 256 bytes; the caller frees it.
   *
   * @throws OutOfDeviceMemoryException if there is not enough
   */
  long allocate(long bytes);

  /** Frees memory after the device has finished with it; allowed after {@link #close}. */
  void free(long address);

  /** Sets bytes in stream order. */
  void fill(long target, int value, long bytes, long stream);

  /** Copies within device memory in stream order. */
  void copy(long target, long source, long bytes, long stream);

  /**
   * Copies from a {@code float[]}, {@code double[]}, {@code int[]} or {@code short[]}; returns when
   * the data has arrived, after all work issued before.
   *
   * @param offset of the first byte in the array
   */
  void write(long target, Object source, long offset, long bytes);

  /** Copies to an array, after all work issued before; the counterpart of {@link #write}. */
  void read(Object target, long offset, long source, long bytes);

  /** A stream that does not wait for the default stream; destroyed by the caller. */
  long createStream();

  void destroyStream(long stream);

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

  /** Gives the device back once all memory is freed. */
  @Override
  void close();
}
