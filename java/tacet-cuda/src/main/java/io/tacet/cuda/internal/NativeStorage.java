package io.tacet.cuda.internal;

import io.tacet.memory.DType;
import io.tacet.spi.Storage;

/** Memory of a stream behind an array. Holds no reference to the backend. */
public final class NativeStorage implements Storage {
  private final StreamMemory memory;
  private final long address;
  private final long bytes;
  private final int elementBytes;
  private final boolean owned;

  private NativeStorage(StreamMemory memory, long address, DType type, long length, boolean owned) {
    this.memory = memory;
    this.address = address;
    this.elementBytes = type.bytes();
    this.bytes = Math.multiplyExact(length, type.bytes());
    this.owned = owned;
  }

  /** New memory, zeroed in the order of the stream. */
  public static NativeStorage allocate(StreamMemory memory, DType type, long length) {
    long bytes = Math.multiplyExact(length, type.bytes());
    NativeStorage storage = new NativeStorage(memory, memory.allocate(bytes), type, length, true);
    try {
      storage.zero();
      return storage;
    } catch (RuntimeException e) {
      storage.free();
      throw e;
    }
  }

  /** Somebody else's memory, which must stay as long as the storage is used. */
  public static NativeStorage view(StreamMemory memory, long address, DType type, long length) {
    return new NativeStorage(memory, address, type, length, false);
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
    memory.write(
        address + at * elementBytes,
        source,
        (long) sourceOffset * elementBytes,
        (long) length * elementBytes);
  }

  @Override
  public void read(long at, Object target, int targetOffset, int length) {
    memory.read(
        target,
        (long) targetOffset * elementBytes,
        address + at * elementBytes,
        (long) length * elementBytes);
  }

  @Override
  public void zero() {
    memory.zero(address, bytes);
  }

  @Override
  public void free() {
    if (owned) {
      memory.free(address);
    }
  }
}
