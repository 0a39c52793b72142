package io.tacet.cuda.internal;

import io.tacet.memory.DType;
import io.tacet.memory.ForeignMemory;
import io.tacet.spi.Storage;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.util.List;

/** Memory of a stream behind an array. Holds no reference to the backend. */
public final class NativeStorage implements Storage {
  private final StreamMemory memory;
  private final long address;
  private final long bytes;
  private final int elementBytes;

  /** Whose memory it is; null for memory of the stream. */
  private final ForeignMemory foreign;

  private NativeStorage(
      StreamMemory memory, long address, DType type, long length, ForeignMemory foreign) {
    this.memory = memory;
    this.address = address;
    this.elementBytes = type.bytes();
    this.bytes = Math.multiplyExact(length, type.bytes());
    this.foreign = foreign;
  }

  /** New memory, zeroed in the order of the stream. */
  public static NativeStorage allocate(StreamMemory memory, DType type, long length) {
    long bytes = Math.multiplyExact(length, type.bytes());
    NativeStorage storage = new NativeStorage(memory, memory.allocate(bytes), type, length, null);
    try {
      storage.zero();
      return storage;
    } catch (RuntimeException e) {
      storage.free();
      throw e;
    }
  }

  /**
   * Memory of another library, which stays as long as the storage is used.
   *
   * @param address of its first element
   */
  public static NativeStorage over(StreamMemory memory, long address, ForeignMemory foreign) {
    NativeStorage storage =
        new NativeStorage(memory, address, foreign.type(), foreign.length(), foreign);
    memory.retain();
    return storage;
  }

  @Override
  public long address() {
    if (foreign != null) {
      foreign.checkAlive();
    }
    return address;
  }

  @Override
  public Object heap() {
    return null;
  }

  @Override
  public ByteBuffer buffer() {
    return memory.isAddressable() ? DirectMemory.buffer(address(), bytes) : null;
  }

  @Override
  public void write(long at, Object source, int sourceOffset, int length) {
    memory.write(
        address() + at * elementBytes,
        source,
        (long) sourceOffset * elementBytes,
        (long) length * elementBytes);
  }

  @Override
  public void read(long at, Object target, int targetOffset, int length) {
    memory.read(
        target,
        (long) targetOffset * elementBytes,
        address() + at * elementBytes,
        (long) length * elementBytes);
  }

  @Override
  public void readAll(List<Storage> storages, List<Object> targets) {
    long[] sources = new long[storages.size()];
    long[] lengths = new long[sources.length];
    for (int k = 0; k < sources.length; k++) {
      NativeStorage storage = (NativeStorage) storages.get(k);
      sources[k] = storage.address();
      lengths[k] = (long) Array.getLength(targets.get(k)) * storage.elementBytes;
    }
    memory.readAll(targets, sources, lengths);
  }

  @Override
  public void zero() {
    memory.zero(address(), bytes);
  }

  @Override
  public void free() {
    if (foreign == null) {
      memory.free(address);
    } else {
      try {
        memory.release();
      } finally {
        foreign.end();
      }
    }
  }
}
