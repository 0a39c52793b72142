package io.tacet.checkpoint;

import java.util.List;

/**
 * One named array.
 *
 * @param type element type
 * @param shape sizes of the dimensions, whose product is the length of the array; empty: a scalar
 * @param array the Java array that {@code type} stands for, flat and row-major
 */
record Entry(EntryType type, List<Integer> shape, Object array) {
  int length() {
    int length = 1;
    for (int size : shape) {
      length *= size;
    }
    return length;
  }

  long byteLength() {
    return (long) length() * type.bytes();
  }
}
