package io.tacet.memory;

import io.tacet.spi.Storage;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * Copies of several whole arrays of one backend on the Java heap, made together: where the arrays
 * are on a device, it is waited for once and not for each of them. And the other way round.
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
    return of(arrays, new HostCopies());
  }

  /**
   * Copies arrays, many of them again.
   *
   * @param arrays different ones, of any types
   * @param used copies that are not needed any more: where they have the same array, its Java array
   *     is written again, and none is allocated
   * @throws IllegalArgumentException if the arrays are on several backends
   */
  public static HostCopies of(List<DeviceArray> arrays, HostCopies used) {
    checkBackend(arrays);
    HostCopies all = new HostCopies();
    List<Storage> storages = new ArrayList<>();
    List<Object> targets = new ArrayList<>();
    for (DeviceArray array : arrays) {
      Object before = used.copies.get(array);
      Object target = before == null ? array.newHeapArray() : before;
      all.copies.put(array, target);
      storages.add(array.storage());
      targets.add(target);
    }
    if (!storages.isEmpty()) {
      storages.get(0).readAll(storages, targets);
    }
    return all;
  }

  /**
   * Copies all elements of Java arrays to arrays, at once where these lie side by side.
   *
   * @param arrays different ones, of any types
   * @param values a Java array for each, as {@link DeviceArray#copyFrom} takes it
   * @throws IllegalArgumentException if an array does not fit, or they are on several backends
   */
  public static void write(List<DeviceArray> arrays, List<Object> values) {
    if (arrays.size() != values.size()) {
      throw new IllegalArgumentException(
          "values: expected one for each of "
              + arrays.size()
              + " arrays, got "
              + values.size()
              + ".");
    }
    checkBackend(arrays);
    List<Storage> storages = new ArrayList<>();
    List<Object> sources = new ArrayList<>();
    for (int k = 0; k < arrays.size(); k++) {
      storages.add(arrays.get(k).storage());
      sources.add(arrays.get(k).elements(values.get(k)));
    }
    if (!storages.isEmpty()) {
      storages.get(0).writeAll(storages, sources);
    }
  }

  private static void checkBackend(List<DeviceArray> arrays) {
    for (DeviceArray array : arrays) {
      if (array.backend() != arrays.get(0).backend()) {
        throw new IllegalArgumentException(
            "arrays: expected arrays of one backend, got "
                + array
                + " beside "
                + arrays.get(0)
                + ".");
      }
    }
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

  /**
   * Place of the smallest element of a floating-point array from one place to before another; -1
   * for none. NaN is not smaller than anything.
   */
  public int least(DeviceArray array, int from, int to) {
    int least = -1;
    double smallest = Double.POSITIVE_INFINITY;
    if (of(array) instanceof float[] single) {
      for (int k = from; k < to; k++) {
        if (single[k] < smallest) {
          smallest = single[k];
          least = k;
        }
      }
      return least;
    }
    double[] values = (double[]) of(array);
    for (int k = from; k < to; k++) {
      if (values[k] < smallest) {
        smallest = values[k];
        least = k;
      }
    }
    return least;
  }

  /** An element of a floating-point array. */
  public double real(DeviceArray array, int place) {
    return of(array) instanceof float[] single ? single[place] : ((double[]) of(array))[place];
  }

  /** The elements of a FLOAT64 array, or of a FLOAT32 array, widened. */
  public double[] doubles(DeviceArray array) {
    return of(array) instanceof float[] single ? DeviceArray.widened(single) : (double[]) of(array);
  }
}
