package io.tacet.cuda.internal;

import io.tacet.cuda.DeviceRuntime;
import java.util.function.LongUnaryOperator;

/**
 * Scratch memory of operations, kept between calls and grown when one needs more. Operations on one
 * stream may share it, since they run in order. Not thread-safe.
 */
final class Workspace implements AutoCloseable {
  /** Most bytes to take where a pass can also run in rounds; property {@code tacet.workspace}. */
  private final long limit = Long.getLong("tacet.workspace", 1L << 29);

  private final DeviceRuntime runtime;
  private long address;
  private long bytes;
  private long word;

  Workspace(DeviceRuntime runtime) {
    this.runtime = runtime;
  }

  /**
   * Makes room for a pass over a batch: for all samples at once if that stays within the limit, but
   * at least for one.
   *
   * @param bytesOf bytes that a pass over so many samples at a time needs
   */
  void reserve(int batch, LongUnaryOperator bytesOf) {
    reserve(Math.min(bytesOf.applyAsLong(batch), Math.max(bytesOf.applyAsLong(1), limit)));
  }

  private void reserve(long needed) {
    if (needed <= bytes) {
      return;
    }
    release();
    address = runtime.allocate(needed);
    bytes = needed;
  }

  /** Address of 4 bytes by which an operation tells the caller something. */
  long word() {
    if (word == 0) {
      word = runtime.allocate(Integer.BYTES);
    }
    return word;
  }

  /** What an operation wrote to the word; waits for it. */
  int readWord() {
    int[] value = new int[1];
    runtime.read(value, 0, word, Integer.BYTES);
    return value[0];
  }

  /** The double at the start, once what was issued before has written it. */
  double readDouble() {
    double[] value = new double[1];
    runtime.read(value, 0, address, Double.BYTES);
    return value[0];
  }

  long address() {
    return address;
  }

  long bytes() {
    return bytes;
  }

  /** Gives all memory back; the device finishes what uses it first. */
  @Override
  public void close() {
    release();
    if (word != 0) {
      runtime.free(word);
      word = 0;
    }
  }

  private void release() {
    if (address != 0) {
      long old = address;
      address = 0;
      bytes = 0;
      runtime.free(old);
    }
  }
}
