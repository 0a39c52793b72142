package io.tacet.cuda.internal;

import io.tacet.cuda.ArrayTransfer;
import io.tacet.memory.DType;
import io.tacet.memory.ForeignMemory;
import io.tacet.spi.Storage;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Memory of a stream behind an array. Holds no reference to the backend. */
public final class NativeStorage implements Storage {
  private final StreamMemory memory;

  /** What is freed; null for memory of others. */
  private final Block block;

  private final long address;
  private final long bytes;
  private final int elementBytes;

  /** Whose memory it is; null for memory of the stream. */
  private final ForeignMemory foreign;

  /** An allocation for one storage or several. */
  private static final class Block {
    final long address;
    private final AtomicInteger users;

    Block(long address, int users) {
      this.address = address;
      this.users = new AtomicInteger(users);
    }

    boolean isLast() {
      return users.decrementAndGet() == 0;
    }
  }

  private NativeStorage(
      StreamMemory memory,
      Block block,
      long address,
      DType type,
      long length,
      ForeignMemory foreign) {
    this.memory = memory;
    this.block = block;
    this.address = address;
    this.elementBytes = type.bytes();
    this.bytes = Math.multiplyExact(length, type.bytes());
    this.foreign = foreign;
  }

  /** New memory, zeroed in the order of the stream. */
  public static NativeStorage allocate(StreamMemory memory, DType type, long length) {
    return allocate(memory, List.of(type), length).get(0);
  }

  /**
   * New memory side by side, zeroed in the order of the stream, so that neighbours are copied at
   * once; it is freed with the last of them.
   *
   * @param types a type for each length
   */
  public static List<NativeStorage> allocate(
      StreamMemory memory, List<DType> types, long... lengths) {
    long[] offsets = new long[lengths.length];
    long bytes = 0;
    for (int k = 0; k < lengths.length; k++) {
      offsets[k] = Math.addExact(bytes, Span.ALIGNMENT - 1) / Span.ALIGNMENT * Span.ALIGNMENT;
      bytes = Math.addExact(offsets[k], Math.multiplyExact(lengths[k], types.get(k).bytes()));
    }
    Block block = new Block(memory.allocate(bytes), lengths.length);
    try {
      memory.zero(block.address, bytes);
    } catch (RuntimeException e) {
      memory.free(block.address);
      throw e;
    }
    return IntStream.range(0, lengths.length)
        .mapToObj(
            k ->
                new NativeStorage(
                    memory, block, block.address + offsets[k], types.get(k), lengths[k], null))
        .toList();
  }

  /**
   * Memory of another library, which stays as long as the storage is used.
   *
   * @param address of its first element
   */
  public static NativeStorage over(StreamMemory memory, long address, ForeignMemory foreign) {
    NativeStorage storage =
        new NativeStorage(memory, null, address, foreign.type(), foreign.length(), foreign);
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
  public void writeAll(List<Storage> storages, List<Object> sources) {
    memory.writeAll(transfers(storages, sources));
  }

  @Override
  public void readAll(List<Storage> storages, List<Object> targets) {
    memory.readAll(transfers(storages, targets));
  }

  private static List<ArrayTransfer> transfers(List<Storage> storages, List<Object> arrays) {
    return IntStream.range(0, arrays.size())
        .mapToObj(k -> ((NativeStorage) storages.get(k)).transfer(arrays.get(k)))
        .toList();
  }

  private ArrayTransfer transfer(Object array) {
    long start = address();
    long all = (long) Array.getLength(array) * elementBytes;
    return new ArrayTransfer(array, start, all, block == null ? start : block.address);
  }

  @Override
  public void zero() {
    memory.zero(address(), bytes);
  }

  @Override
  public void free() {
    if (foreign == null) {
      if (block.isLast()) {
        memory.free(block.address);
      }
    } else {
      try {
        memory.release();
      } finally {
        foreign.end();
      }
    }
  }
}
