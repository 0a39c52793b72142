package io.tacet.cuda.internal;

import java.util.function.LongUnaryOperator;

/**
 * Scratch memory of operations, kept between calls and grown on demand. Operations on one stream
 * may share it, since they run in order. Its contents are not preserved: under host execution it is
 * filled with NaN, so that an operation that reads stale data gives no plausible result. Not
 * thread-safe.
 */
final class Workspace implements AutoCloseable {
  /** Most bytes to take where a pass can also run in rounds; property {@code tacet.workspace}. */
  private final long limit = Long.getLong("tacet.workspace", 1L << 29);

  private final StreamMemory memory;
  private long address;
  private long capacity;
  private long bytes;
  private long word;

  Workspace(StreamMemory memory) {
    this.memory = memory;
  }

  /**
   * Reserves memory for a pass over a batch: for all samples at once if that is within the limit,
   * and at least for one.
   *
   * @param bytesOf bytes that a pass over so many samples at a time needs
   */
  void reserve(int batch, LongUnaryOperator bytesOf) {
    reserve(Math.min(bytesOf.applyAsLong(batch), Math.max(bytesOf.applyAsLong(1), limit)));
  }

  /**
   * Reserves memory for a pass over the batches of replicas: for all of as many as are within the
   * limit. Where not even the batch of one is, for what a pass over that alone gets, so that it
   * runs in the same rounds.
   */
  void reserve(int replicas, int batch, LongUnaryOperator bytesOf) {
    long ofOne = bytesOf.applyAsLong(batch);
    if (replicas == 1 || ofOne > limit) {
      reserve(batch, bytesOf);
    } else {
      reserve(Math.min(bytesOf.applyAsLong((long) replicas * batch), limit));
    }
  }

  private void reserve(long needed) {
    if (needed > capacity) {
      release();
      address = memory.allocate(needed);
      capacity = needed;
    }
    bytes = needed;
    memory.poison(address, bytes);
  }

  /** Address of a 4-byte word for a result of an operation. */
  long word() {
    if (word == 0) {
      word = memory.allocate(Integer.BYTES);
    }
    memory.poison(word, Integer.BYTES);
    return word;
  }

  /** What an operation wrote to the word; waits for it. */
  int readWord() {
    int[] value = new int[1];
    memory.read(value, 0, word, Integer.BYTES);
    return value[0];
  }

  /** The doubles at the start; waits for what was issued before and writes them. */
  double[] readDoubles(int count) {
    double[] values = new double[count];
    memory.read(values, 0, address, (long) Double.BYTES * count);
    return values;
  }

  long address() {
    return address;
  }

  /** As many as were reserved, so that a pass does not depend on earlier ones. */
  long bytes() {
    return bytes;
  }

  /** Releases all memory, in stream order. */
  @Override
  public void close() {
    release();
    if (word != 0) {
      memory.free(word);
      word = 0;
    }
  }

  private void release() {
    if (address != 0) {
      long old = address;
      address = 0;
      capacity = 0;
      bytes = 0;
      memory.free(old);
    }
  }
}
