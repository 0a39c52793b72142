package io.tacet.reference;

import io.tacet.memory.DType;
import io.tacet.spi.Storage;
import java.util.Arrays;

/** Memory of the java backend: one Java array. */
final class HeapStorage implements Storage {
  private Object heap;

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

  @Override
  public long address() {
    return 0;
  }

  @Override
  public Object heap() {
    return heap;
  }

  @Override
  @SuppressWarnings("SuspiciousSystemArraycopy")
  public void write(long at, Object source, int sourceOffset, int length) {
    System.arraycopy(source, sourceOffset, heap, (int) at, length);
  }

  @Override
  @SuppressWarnings("SuspiciousSystemArraycopy")
  public void read(long at, Object target, int targetOffset, int length) {
    System.arraycopy(heap, (int) at, target, targetOffset, length);
  }

  @Override
  public void zero() {
    if (heap instanceof float[] a) {
      Arrays.fill(a, 0);
    } else if (heap instanceof double[] a) {
      Arrays.fill(a, 0);
    } else if (heap instanceof int[] a) {
      Arrays.fill(a, 0);
    } else if (heap instanceof short[] a) {
      Arrays.fill(a, (short) 0);
    }
  }

  @Override
  public void free() {
    heap = null;
  }
}
