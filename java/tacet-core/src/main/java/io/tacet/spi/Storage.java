package io.tacet.spi;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * Raw memory behind a device array. Implementations hold handles only, no reference to the array,
 * and are freed exactly once. Copies are synchronous and take a Java array of the element type:
 * {@code float[]}, {@code double[]}, {@code int[]} or {@code short[]}.
 */
public interface Storage {

  /** Native address, or 0 for memory on the Java heap. */
  long address();

  /** The Java array itself for the java backend; null elsewhere. */
  Object heap();

  /**
   * A new direct buffer over all of the memory, in native order; null where the CPU does not see
   * it.
   */
  default ByteBuffer buffer() {
    return null;
  }

  /** Copies {@code length} elements from {@code source[sourceOffset...]} to element {@code at}. */
  void write(long at, Object source, int sourceOffset, int length);

  /** Copies {@code length} elements from element {@code at} to {@code target[targetOffset...]}. */
  void read(long at, Object target, int targetOffset, int length);

  /**
   * {@link #write} of some storages of one backend, of which this is the first.
   *
   * @param sources a Java array for each, as long as what is written
   */
  default void writeAll(List<Storage> storages, List<Object> sources) {
    for (int k = 0; k < storages.size(); k++) {
      storages.get(k).write(0, sources.get(k), 0, Array.getLength(sources.get(k)));
    }
  }

  /**
   * {@link #read} of some storages of one backend, of which this is the first; waits once.
   *
   * @param targets a Java array for each, as long as what is read
   */
  default void readAll(List<Storage> storages, List<Object> targets) {
    for (int k = 0; k < storages.size(); k++) {
      storages.get(k).read(0, targets.get(k), 0, Array.getLength(targets.get(k)));
    }
  }

  /** Sets every byte to 0. */
  void zero();

  /** Gives the memory back; called once. */
  void free();
}
