package io.tacet.checkpoint;

import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.List;

/**
 * An array of a file: elements in row-major order with their type and the sizes of the dimensions.
 * Holds the Java array without a copy.
 *
 * @param type element type
 * @param shape sizes of the dimensions, whose product is the length of the array; empty: a scalar.
 *     Unmodifiable
 * @param array the Java array that {@code type} stands for
 */
public record TypedArray(EntryType type, List<Integer> shape, Object array) {
  private static final int HALF_FRACTION_BITS = 10;

  /**
   * Checks that the parts fit.
   *
   * @throws IllegalArgumentException if the array is not the one of the type, or its length not the
   *     product of the sizes
   */
  public TypedArray {
    shape = List.copyOf(shape);
    if (!type.holds(array)) {
      throw new IllegalArgumentException(
          "array: expected the Java array of "
              + type
              + ", got "
              + array.getClass().getSimpleName());
    }
    int expected = Format.product(shape.stream().mapToInt(Integer::intValue).toArray());
    int length = Array.getLength(array);
    if (expected != length) {
      throw new IllegalArgumentException(
          "shape: expected sizes whose product is the length " + length + ", got " + shape + ".");
    }
  }

  /** Single precision, of one dimension if no sizes are given; not copied. */
  public static TypedArray of(float[] array, int... shape) {
    return new TypedArray(EntryType.FLOAT32, sizes(shape, array.length), array);
  }

  /** Double precision; as {@link #of(float[], int...)}. */
  public static TypedArray of(double[] array, int... shape) {
    return new TypedArray(EntryType.FLOAT64, sizes(shape, array.length), array);
  }

  /** Integers of 32 bits; as {@link #of(float[], int...)}. */
  public static TypedArray of(int[] array, int... shape) {
    return new TypedArray(EntryType.INT32, sizes(shape, array.length), array);
  }

  /** Integers of 64 bits; as {@link #of(float[], int...)}. */
  public static TypedArray of(long[] array, int... shape) {
    return new TypedArray(EntryType.INT64, sizes(shape, array.length), array);
  }

  /** Number of elements. */
  public int length() {
    return Array.getLength(array);
  }

  /** Bytes of the elements in a file. */
  public long byteLength() {
    return (long) length() * type.bytes();
  }

  /** Element {@code i}; integers beyond 53 bits are rounded. */
  public double real(int i) {
    return switch (type) {
      case FLOAT64 -> ((double[]) array)[i];
      case FLOAT32 -> ((float[]) array)[i];
      case FLOAT16 -> half(((char[]) array)[i]);
      case BFLOAT16 -> Float.intBitsToFloat(((char[]) array)[i] << 16);
      case UINT64 -> unsigned(((long[]) array)[i]);
      default -> integer(i);
    };
  }

  /**
   * Element {@code i} of an array of integers.
   *
   * @throws IllegalStateException if the elements are not integers
   * @throws ArithmeticException if it is 2^63 or more
   */
  public long integer(int i) {
    return switch (type) {
      case INT64 -> ((long[]) array)[i];
      case UINT64 -> signed(((long[]) array)[i]);
      case INT32 -> ((int[]) array)[i];
      case UINT32 -> Integer.toUnsignedLong(((int[]) array)[i]);
      case INT16 -> ((short[]) array)[i];
      case UINT16 -> ((char[]) array)[i];
      case INT8, BOOL -> ((byte[]) array)[i];
      case BYTES -> Byte.toUnsignedInt(((byte[]) array)[i]);
      default -> throw new IllegalStateException("type: expected integers, got " + type + ".");
    };
  }

  /** All elements rounded to single precision; the array itself if it is {@code float[]}. */
  public float[] floats() {
    if (array instanceof float[] floats) {
      return floats;
    }
    float[] floats = new float[length()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) real(i);
    }
    return floats;
  }

  /** All elements in double precision; the array itself if it is {@code double[]}. */
  public double[] doubles() {
    if (array instanceof double[] doubles) {
      return doubles;
    }
    double[] doubles = new double[length()];
    Arrays.setAll(doubles, this::real);
    return doubles;
  }

  private static List<Integer> sizes(int[] shape, int length) {
    return shape.length == 0 ? List.of(length) : Arrays.stream(shape).boxed().toList();
  }

  private static long signed(long bits) {
    if (bits < 0) {
      throw new ArithmeticException(Long.toUnsignedString(bits) + " is beyond 63 bits.");
    }
    return bits;
  }

  private static double unsigned(long bits) {
    // Halved with the lost bit kept, so that rounding stays that of the whole number.
    return bits >= 0 ? bits : 2.0 * ((bits >>> 1) | (bits & 1));
  }

  private static float half(char bits) {
    int exponent = (bits >> HALF_FRACTION_BITS) & 0x1f;
    int fraction = bits & ((1 << HALF_FRACTION_BITS) - 1);
    float magnitude;
    if (exponent == 0) {
      magnitude = fraction * 0x1p-24f;
    } else if (exponent == 0x1f) {
      magnitude = fraction == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
    } else {
      magnitude = Math.scalb(1 + fraction * 0x1p-10f, exponent - 15);
    }
    return (bits & 0x8000) == 0 ? magnitude : -magnitude;
  }
}
