package io.tacet.cuda.internal;

import io.tacet.cuda.ArrayTransfer;
import io.tacet.cuda.DeviceRuntime;
import io.tacet.cuda.StreamCaptureException;
import io.tacet.spi.SoleThread;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * The memory of a backend, in the order of the backend's stream; shared by its arrays and its
 * scratch memory, and holding no reference to it. Owns the runtime, and the stream if it was made
 * for it, and keeps both until the backend is closed and the last array is freed, so that arrays
 * which a cleaner finds later are freed safely.
 *
 * <p>While the application captures the stream into a graph, operations that would invalidate the
 * capture are refused; memory freed meanwhile is kept until the next call after the capture.
 * Thread-safe.
 */
public final class StreamMemory implements AutoCloseable {
  private final DeviceRuntime runtime;
  private final SoleThread callers = new SoleThread();
  private final Deque<Long> freed = new ArrayDeque<>();
  private long stream;
  private boolean ownsStream;
  private boolean closed;
  private int allocations;

  /**
   * @param ownsStream whether to destroy the stream in the end
   */
  public StreamMemory(DeviceRuntime runtime, long stream, boolean ownsStream) {
    this.runtime = runtime;
    this.stream = stream;
    this.ownsStream = ownsStream;
  }

  /** Who issues operations, copies and waits; memory is freed by others too. */
  public SoleThread callers() {
    return callers;
  }

  /** The stream in whose order memory is allocated, used and freed. */
  public synchronized long stream() {
    return stream;
  }

  /** See {@link DeviceRuntime#isAddressable}. */
  boolean isAddressable() {
    return runtime.isAddressable();
  }

  /** See {@link DeviceRuntime#checkAddress}. */
  public void checkAddress(long address) {
    runtime.checkAddress(address);
  }

  /** See {@link DeviceRuntime#allocate}. */
  public synchronized long allocate(long bytes) {
    refuseCapture("an allocation");
    freeAll();
    long address = runtime.allocate(bytes, stream);
    allocations++;
    return address;
  }

  /** Frees memory in stream order; allowed after {@link #close}. */
  public synchronized void free(long address) {
    freed.add(address);
    if (!runtime.capturing(stream)) {
      freeAll();
    }
  }

  /** Keeps the runtime for an array over memory of others, until {@link #release}. */
  synchronized void retain() {
    allocations++;
  }

  /** Undoes {@link #retain}; allowed after {@link #close}. */
  synchronized void release() {
    allocations--;
    releaseIfUnused();
  }

  /** See {@link DeviceRuntime#poison}. */
  public void poison(long address, long bytes) {
    runtime.poison(address, bytes);
  }

  /** Sets all bytes to 0 in stream order. */
  public void zero(long address, long bytes) {
    runtime.fill(address, 0, bytes, stream());
  }

  /** See {@link DeviceRuntime#write}. */
  public void write(long target, Object source, long offset, long bytes) {
    callers.run(
        () -> {
          refuseCapture("a copy from the host");
          runtime.write(target, source, offset, bytes, stream());
        });
  }

  /** See {@link DeviceRuntime#read}. */
  public void read(Object target, long offset, long source, long bytes) {
    callers.run(
        () -> {
          refuseCapture("a copy to the host");
          runtime.read(target, offset, source, bytes, stream());
        });
  }

  /** See {@link DeviceRuntime#writeAll}. */
  void writeAll(List<ArrayTransfer> transfers) {
    callers.run(
        () -> {
          refuseCapture("a copy from the host");
          runtime.writeAll(transfers, stream());
        });
  }

  /** See {@link DeviceRuntime#readAll}. */
  void readAll(List<ArrayTransfer> transfers) {
    callers.run(
        () -> {
          refuseCapture("a copy to the host");
          runtime.readAll(transfers, stream());
        });
  }

  /** Returns when all work issued on the stream so far is complete. */
  public void synchronize() {
    callers.run(
        () -> {
          refuseCapture("a wait");
          runtime.synchronize(stream());
        });
  }

  /** Refuses to close a backend while its stream is captured. */
  public synchronized void checkClosable() {
    if (!closed) {
      refuseCapture("closing the backend");
    }
  }

  /** Releases the stream, which an application that created it may now destroy. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    checkClosable();
    freeAll();
    if (allocations > 0 && !ownsStream) {
      // What is freed later needs an order too; after this wait any stream has it.
      runtime.synchronize(stream);
      stream = runtime.createStream();
      ownsStream = true;
    }
    closed = true;
    releaseIfUnused();
  }

  private void freeAll() {
    while (!freed.isEmpty()) {
      long address = freed.remove();
      try {
        runtime.free(address, stream);
      } finally {
        allocations--;
        releaseIfUnused();
      }
    }
  }

  private void releaseIfUnused() {
    if (!closed || allocations > 0) {
      return;
    }
    if (ownsStream) {
      runtime.destroyStream(stream);
    }
    runtime.close();
  }

  private synchronized void refuseCapture(String what) {
    if (runtime.capturing(stream)) {
      throw new StreamCaptureException(what);
    }
  }
}
