package io.tacet.reference;

import io.tacet.memory.DType;
import io.tacet.memory.ForeignMemory;
import io.tacet.spi.Storage;
import java.util.Arrays;

/** Memory of the java backend: one Java array. */
final class HeapStorage implements Storage {
  private Object heap;

  /** Whose array it is; null for one of this storage. */
  private ForeignMemory foreign;

  HeapStorage(DType type, long length) {
    if (length > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "shape: the java backend holds at most "
              + (Integer.MAX_VALUE - 8)
              + " elements in an array, got "
              + length
              + ".");
    }
    int n = (int) length;
    heap =
        switch (type) {
          case FLOAT32 -> new float[n];
          case FLOAT64 -> new double[n];
          case INT32 -> new int[n];
          case UINT16 -> new short[n];
        };
  }

  private HeapStorage(ForeignMemory memory) {
    heap = memory.array();
    foreign = memory;
  }

  /** A Java array of the caller. */
  static HeapStorage over(ForeignMemory memory) {
    if (memory.array() == null) {
      throw new IllegalArgumentException(
          "memory: expected all of a Java array, as by FloatBuffer.wrap(array), since the java"
              + " backend computes on the heap, got "
              + memory
              + "; copy it by Buffers.copy into an array of the backend, or compute on the host"
              + " backend.");
    }
    return new HeapStorage(memory);
  }

  @Override
  public long address() {
    return 0;
  }

  @Override
  public Object heap() {
    if (foreign != null) {
      foreign.checkAlive();
    }
    return heap;
  }

  @Override
  @SuppressWarnings("SuspiciousSystemArraycopy")
  public void write(long at, Object source, int sourceOffset, int length) {
    System.arraycopy(source, sourceOffset, heap(), (int) at, length);
  }

  @Override
  @SuppressWarnings("SuspiciousSystemArraycopy")
  public void read(long at, Object target, int targetOffset, int length) {
    System.arraycopy(heap(), (int) at, target, targetOffset, length);
  }

  @Override
  public void zero() {
    Object array = heap();
    if (array instanceof float[] a) {
      Arrays.fill(a, 0);
    } else if (array instanceof double[] a) {
      Arrays.fill(a, 0);
    } else if (array instanceof int[] a) {
      Arrays.fill(a, 0);
    } else if (array instanceof short[] a) {
      Arrays.fill(a, (short) 0);
    }
  }

  @Override
  public void free() {
    heap = null;
    if (foreign != null) {
      foreign.end();
      foreign = null;
    }
  }
}
