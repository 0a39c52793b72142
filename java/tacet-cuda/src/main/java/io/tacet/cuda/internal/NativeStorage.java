package io.tacet.cuda.internal;

import io.tacet.cuda.DeviceRuntime;
import io.tacet.memory.DType;
import io.tacet.spi.Storage;

/** Memory of a device runtime behind an array. Holds no reference to the backend. */
public final class NativeStorage implements Storage {
  private final DeviceRuntime runtime;
  private final long stream;
  private final long address;
  private final long bytes;
  private final int elementBytes;
  private final boolean owned;

  private NativeStorage(
      DeviceRuntime runtime, long stream, long address, DType type, long length, boolean owned) {
    this.runtime = runtime;
    this.stream = stream;
    this.address = address;
    this.elementBytes = type.bytes();
    this.bytes = Math.multiplyExact(length, type.bytes());
    this.owned = owned;
  }

  /** New memory, zeroed in the order of the stream. */
  public static NativeStorage allocate(
      DeviceRuntime runtime, long stream, DType type, long length) {
    long bytes = Math.multiplyExact(length, type.bytes());
    NativeStorage storage =
        new NativeStorage(runtime, stream, runtime.allocate(bytes), type, length, true);
    try {
      storage.zero();
      return storage;
    } catch (RuntimeException e) {
      storage.free();
      throw e;
    }
  }

  /** Somebody else's memory, which must stay as long as the storage is used. */
  public static NativeStorage view(
      DeviceRuntime runtime, long stream, long address, DType type, long length) {
    return new NativeStorage(runtime, stream, address, type, length, false);
  }

  @Override
  public long address() {
    return address;
  }

  @Override
  public Object heap() {
    return null;
  }

  @Override
  public void write(long at, Object source, int sourceOffset, int length) {
    runtime.write(
        address + at * elementBytes,
        source,
        (long) sourceOffset * elementBytes,
        (long) length * elementBytes);
  }

  @Override
  public void read(long at, Object target, int targetOffset, int length) {
    runtime.read(
        target,
        (long) targetOffset * elementBytes,
        address + at * elementBytes,
        (long) length * elementBytes);
  }

  @Override
  public void zero() {
    runtime.fill(address, 0, bytes, stream);
  }

  @Override
  public void free() {
    if (owned) {
      runtime.free(address);
    }
  }
}
