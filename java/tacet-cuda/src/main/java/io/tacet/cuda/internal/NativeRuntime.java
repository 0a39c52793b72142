package io.tacet.cuda.internal;

import io.tacet.cuda.ArrayTransfer;
import io.tacet.cuda.DeviceInfo;
import io.tacet.cuda.DeviceRuntime;
import io.tacet.cuda.HostExecution;
import io.tacet.cuda.OutOfDeviceMemoryException;
import java.util.List;

/** A context of libtacet: the device runtime of the C ABI, and the handle that operations take. */
public final class NativeRuntime implements DeviceRuntime {
  private final int kind;
  private final long context;
  private final Staging staging;

  private NativeRuntime(int kind, int ordinal) {
    this.kind = kind;
    long[] out = new long[1];
    Calls.check(Tacet.tacet_context_create(kind, ordinal, out));
    context = out[0];
    staging = new Staging(context);
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
  public long allocate(long bytes, long stream) {
    long[] out = new long[1];
    int status = Tacet.tacet_allocate(context, bytes, out, stream);
    if (status == Tacet.TACET_OUT_OF_MEMORY) {
      DeviceInfo info = info();
      throw new OutOfDeviceMemoryException(
          info.name(), bytes, info.memoryFree(), info.memoryTotal());
    }
    Calls.check(status);
    return out[0];
  }

  @Override
  public void free(long address, long stream) {
    Calls.check(Tacet.tacet_free(context, address, stream));
  }

  @Override
  public void poison(long address, long bytes) {
    Calls.check(Tacet.tacet_poison(context, address, bytes));
  }

  @Override
  public void checkAddress(long address) {
    Calls.check(Tacet.tacet_check_address(context, address));
  }

  @Override
  public boolean isAddressable() {
    return kind == Tacet.TACET_HOST;
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
  public void write(long target, Object source, long offset, long bytes, long stream) {
    staging.write(target, source, offset, bytes, stream);
  }

  @Override
  public void read(Object target, long offset, long source, long bytes, long stream) {
    staging.read(target, offset, source, bytes, stream);
  }

  @Override
  public void writeAll(List<ArrayTransfer> transfers, long stream) {
    staging.writeAll(transfers, stream);
  }

  @Override
  public void readAll(List<ArrayTransfer> transfers, long stream) {
    staging.readAll(transfers, stream);
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
  public boolean capturing(long stream) {
    long[] capturing = new long[1];
    Calls.check(Tacet.tacet_stream_capturing(context, capturing, stream));
    return capturing[0] != 0;
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

  /** Makes the device current for calls of the CUDA API by others, until the scope is closed. */
  Scope enter() {
    return new Scope();
  }

  /** Restores what was current before; closed by the thread that entered. */
  final class Scope {
    private final long[] before = new long[Tacet.TACET_BEFORE_WORDS];

    private Scope() {
      Calls.check(Tacet.tacet_enter(context, before));
    }

    void close() {
      Calls.check(Tacet.tacet_leave(context, before));
    }
  }

  @Override
  public void close() {
    staging.close();
    Calls.check(Tacet.tacet_context_destroy(context));
  }
}
