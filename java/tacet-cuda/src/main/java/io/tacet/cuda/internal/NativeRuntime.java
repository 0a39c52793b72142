package io.tacet.cuda.internal;

import io.tacet.cuda.DeviceInfo;
import io.tacet.cuda.DeviceRuntime;
import io.tacet.cuda.HostExecution;
import io.tacet.cuda.OutOfDeviceMemoryException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A context of libtacet: the device runtime of the C ABI, and the handle that operations take. It
 * outlives {@link #close} until the memory allocated from it is freed, so that arrays found by the
 * cleaner later are freed safely.
 */
public final class NativeRuntime implements DeviceRuntime {
  private final long context;
  // 1 for being open, and 1 for every allocation
  private final AtomicLong holders = new AtomicLong(1);

  private NativeRuntime(int kind, int ordinal) {
    long[] out = new long[1];
    Calls.check(Tacet.tacet_context_create(kind, ordinal, out));
    context = out[0];
  }

  /** Kernels on the CPU. The library must be loaded. */
  public static NativeRuntime host(HostExecution execution) {
    NativeRuntime runtime = new NativeRuntime(Tacet.TACET_HOST, 0);
    try {
      Calls.check(
          Tacet.tacet_host_configure(
              runtime.context,
              execution.schedule().code(),
              execution.seed(),
              execution.threads(),
              execution.architecture()));
      return runtime;
    } catch (RuntimeException e) {
      runtime.close();
      throw e;
    }
  }

  /** Kernels on a GPU. The library must be loaded. */
  public static NativeRuntime cuda(int ordinal) {
    return new NativeRuntime(Tacet.TACET_CUDA, ordinal);
  }

  /** The {@code tacet_context*} that operations of the C ABI take. */
  public long context() {
    return context;
  }

  @Override
  public DeviceInfo info() {
    long[] values = new long[Tacet.TACET_INFO_COUNT];
    Calls.check(Tacet.tacet_device_info(context, values));
    return new DeviceInfo(
        Tacet.tacet_device_name(context),
        (int) values[Tacet.TACET_INFO_COMPUTE_CAPABILITY],
        (int) values[Tacet.TACET_INFO_MULTIPROCESSORS],
        values[Tacet.TACET_INFO_SHARED_PER_BLOCK],
        values[Tacet.TACET_INFO_L2_BYTES],
        values[Tacet.TACET_INFO_MEMORY_TOTAL],
        values[Tacet.TACET_INFO_MEMORY_FREE],
        (int) values[Tacet.TACET_INFO_DRIVER_VERSION],
        (int) values[Tacet.TACET_INFO_RUNTIME_VERSION]);
  }

  @Override
  public long allocate(long bytes) {
    long[] out = new long[1];
    int status = Tacet.tacet_allocate(context, bytes, out);
    if (status == Tacet.TACET_OUT_OF_MEMORY) {
      DeviceInfo info = info();
      throw new OutOfDeviceMemoryException(
          info.name(), bytes, info.memoryFree(), info.memoryTotal());
    }
    Calls.check(status);
    holders.incrementAndGet();
    return out[0];
  }

  @Override
  public void free(long address) {
    try {
      Calls.check(Tacet.tacet_free(context, address));
    } finally {
      release();
    }
  }

  @Override
  public void fill(long target, int value, long bytes, long stream) {
    Calls.check(Tacet.tacet_fill(context, target, value, bytes, stream));
  }

  @Override
  public void copy(long target, long source, long bytes, long stream) {
    Calls.check(Tacet.tacet_copy(context, target, source, bytes, stream));
  }

  @Override
  public void write(long target, Object source, long offset, long bytes) {
    synchronize();
    int status;
    if (source instanceof float[] values) {
      status = Tacet.tacet_write(context, target, values, offset, bytes);
    } else if (source instanceof int[] values) {
      status = Tacet.tacet_write(context, target, values, offset, bytes);
    } else if (source instanceof short[] values) {
      status = Tacet.tacet_write(context, target, values, offset, bytes);
    } else {
      status = Tacet.tacet_write(context, target, (double[]) source, offset, bytes);
    }
    Calls.check(status);
  }

  @Override
  public void read(Object target, long offset, long source, long bytes) {
    synchronize();
    int status;
    if (target instanceof float[] values) {
      status = Tacet.tacet_read(context, values, offset, source, bytes);
    } else if (target instanceof int[] values) {
      status = Tacet.tacet_read(context, values, offset, source, bytes);
    } else if (target instanceof short[] values) {
      status = Tacet.tacet_read(context, values, offset, source, bytes);
    } else {
      status = Tacet.tacet_read(context, (double[]) target, offset, source, bytes);
    }
    Calls.check(status);
  }

  @Override
  public long createStream() {
    long[] out = new long[1];
    Calls.check(Tacet.tacet_stream_create(context, out));
    return out[0];
  }

  @Override
  public void destroyStream(long stream) {
    Calls.check(Tacet.tacet_stream_destroy(context, stream));
  }

  @Override
  public void synchronize(long stream) {
    Calls.check(Tacet.tacet_stream_synchronize(context, stream));
  }

  @Override
  public void synchronize() {
    Calls.check(Tacet.tacet_synchronize(context));
  }

  @Override
  public long createEvent() {
    long[] out = new long[1];
    Calls.check(Tacet.tacet_event_create(context, out));
    return out[0];
  }

  @Override
  public void destroyEvent(long event) {
    Calls.check(Tacet.tacet_event_destroy(context, event));
  }

  @Override
  public void record(long event, long stream) {
    Calls.check(Tacet.tacet_event_record(context, event, stream));
  }

  @Override
  public void await(long event, long stream) {
    Calls.check(Tacet.tacet_event_wait(context, event, stream));
  }

  @Override
  public long nanosBetween(long first, long second) {
    long[] out = new long[1];
    Calls.check(Tacet.tacet_event_elapsed(context, first, second, out));
    return out[0];
  }

  @Override
  public void close() {
    release();
  }

  private void release() {
    if (holders.decrementAndGet() == 0) {
      Calls.check(Tacet.tacet_context_destroy(context));
    }
  }
}
