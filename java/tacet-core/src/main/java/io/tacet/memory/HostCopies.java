package io.tacet.memory;

import io.tacet.spi.Storage;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Copies of several whole arrays of one backend on the Java heap, made together: where the arrays
 * are on a device, it is waited for once and not for each of them.
 */
public final class HostCopies {
  private final IdentityHashMap<DeviceArray, Object> copies = new IdentityHashMap<>();

  private HostCopies() {}

  /**
   * Copies arrays.
   *
   * @param arrays different ones, of any types
   * @throws IllegalArgumentException if they are on several backends
   */
  public static HostCopies of(List<DeviceArray> arrays) {
    HostCopies all = new HostCopies();
    List<Storage> storages = new ArrayList<>();
    List<Object> targets = new ArrayList<>();
    for (DeviceArray array : arrays) {
      if (array.backend() != arrays.get(0).backend()) {
        throw new IllegalArgumentException(
            "arrays: expected arrays of one backend, got "
                + array
                + " beside "
                + arrays.get(0)
                + ".");
      }
      Object target = array.newHeapArray();
      all.copies.put(array, target);
      storages.add(array.storage());
      targets.add(target);
    }
    if (!storages.isEmpty()) {
      storages.get(0).readAll(storages, targets);
    }
    return all;
  }

  private Object of(DeviceArray array) {
    Object copy = copies.get(array);
    if (copy == null) {
      throw new IllegalArgumentException(
          "array: expected one of those that were copied, got " + array + ".");
    }
    return copy;
  }

  /** The elements of an INT32 array. */
  public int[] ints(DeviceArray array) {
    return (int[]) of(array);
  }

  /** The elements of a FLOAT64 array, or of a FLOAT32 array, widened. */
  public double[] doubles(DeviceArray array) {
    return of(array) instanceof float[] single ? DeviceArray.widened(single) : (double[]) of(array);
  }
}
