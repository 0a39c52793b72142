package io.tacet.memory;

import java.util.Objects;

/** Checks of array arguments, with messages that state what was expected and what was given. */
public final class Expect {
  private Expect() {}

  /** An array of {@code length} elements with the type and backend of {@code like}. */
  public static void like(String name, DeviceArray array, DeviceArray like, long length) {
    array(name, array, like, like.type(), length);
  }

  /** As {@link #like}, but null is allowed. */
  public static void likeOrNull(String name, DeviceArray array, DeviceArray like, long length) {
    if (array != null) {
      like(name, array, like, length);
    }
  }

  /** An INT32 array of {@code length} elements on the backend of {@code like}. */
  public static void ints(String name, DeviceArray array, DeviceArray like, long length) {
    array(name, array, like, DType.INT32, length);
  }

  /**
   * An INT32 array whose elements are all from {@code low} to {@code high}; reads it, which waits
   * for a device that has memory of its own.
   *
   * @param meaning what an element stands for, for the message: "a class"
   */
  public static void range(String name, DeviceArray array, int low, int high, String meaning) {
    // Not copied where the Java array itself is at hand.
    range(
        name,
        array.storage().heap() instanceof int[] heap ? heap : array.toInts(),
        low,
        high,
        meaning);
  }

  /** As of an array on a device. */
  public static void range(String name, int[] values, int low, int high, String meaning) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] < low || values[i] > high) {
        throw new IllegalArgumentException(
            name
                + ": expected "
                + low
                + " to "
                + high
                + ", "
                + meaning
                + ", got "
                + values[i]
                + " at "
                + i
                + ".");
      }
    }
  }

  /** A UINT16 array of {@code length} elements on the backend of {@code like}. */
  public static void shorts(String name, DeviceArray array, DeviceArray like, long length) {
    array(name, array, like, DType.UINT16, length);
  }

  private static void array(
      String name, DeviceArray array, DeviceArray like, DType type, long length) {
    Objects.requireNonNull(array, name);
    if (array.length() != length || array.type() != type || array.backend() != like.backend()) {
      throw new IllegalArgumentException(
          name
              + ": expected "
              + length
              + " elements of "
              + type
              + " on "
              + like.backend().name()
              + ", got "
              + array
              + ".");
    }
  }
}
