package io.tacet.checkpoint;

import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Element types of arrays in files, each with the Java array that holds it. Types that Java does
 * not have are held as their bits: {@link TypedArray} gives their values.
 */
public enum EntryType {
  /** IEEE 754 double, {@code double[]}. */
  FLOAT64("F64", "f8", double.class),
  /** Signed 64-bit integer, {@code long[]}. */
  INT64("I64", "i8", long.class),
  /** Unsigned 64-bit integer, bits in {@code long[]}. */
  UINT64("U64", "u8", long.class),
  /** IEEE 754 single, {@code float[]}. */
  FLOAT32("F32", "f4", float.class),
  /** Signed 32-bit integer, {@code int[]}. */
  INT32("I32", "i4", int.class),
  /** Unsigned 32-bit integer, bits in {@code int[]}. */
  UINT32("U32", "u4", int.class),
  /** IEEE 754 half, bits in {@code char[]}. */
  FLOAT16("F16", "f2", char.class),
  /** The upper half of a single (bfloat16), bits in {@code char[]}; NumPy has none. */
  BFLOAT16("BF16", null, char.class),
  /** Signed 16-bit integer, {@code short[]}. */
  INT16("I16", "i2", short.class),
  /** Unsigned 16-bit integer, {@code char[]}, the unsigned 16-bit type of Java. */
  UINT16("U16", "u2", char.class),
  /** Signed 8-bit integer, {@code byte[]}. */
  INT8("I8", "i1", byte.class),
  /** Unsigned 8-bit integers or raw bytes, bits in {@code byte[]}. */
  BYTES("U8", "u1", byte.class),
  /** True (1) and false (0), {@code byte[]}. */
  BOOL("BOOL", "b1", byte.class);

  private static final Map<String, EntryType> BY_CODE =
      Stream.of(values()).collect(Collectors.toUnmodifiableMap(t -> t.code, Function.identity()));

  private static final Map<String, EntryType> BY_NUMPY_CODE =
      Stream.of(values())
          .filter(t -> t.numpyCode != null)
          .collect(Collectors.toUnmodifiableMap(t -> t.numpyCode, Function.identity()));

  private final String code;
  private final String numpyCode;
  private final Class<?> element;
  private final int bytes;

  EntryType(String code, String numpyCode, Class<?> element) {
    this.code = code;
    this.numpyCode = numpyCode;
    this.element = element;
    if (element == double.class || element == long.class) {
      bytes = 8;
    } else if (element == float.class || element == int.class) {
      bytes = 4;
    } else {
      bytes = element == byte.class ? 1 : 2;
    }
  }

  /** Name of the type in the file, as safetensors writes it. */
  public String code() {
    return code;
  }

  /** Name of the type as NumPy writes it, without the order of bytes; null: there is none. */
  public String numpyCode() {
    return numpyCode;
  }

  /** Bytes per element. */
  public int bytes() {
    return bytes;
  }

  /** Whether values are integers, true and false among them. */
  public boolean isInteger() {
    return switch (this) {
      case FLOAT64, FLOAT32, FLOAT16, BFLOAT16 -> false;
      default -> true;
    };
  }

  /** The type of that code, or null. */
  static EntryType ofCode(Object code) {
    return code instanceof String text ? BY_CODE.get(text) : null;
  }

  /** The type of that code of NumPy, or null. */
  static EntryType ofNumpyCode(String code) {
    return BY_NUMPY_CODE.get(code);
  }

  boolean holds(Object array) {
    return array.getClass().getComponentType() == element;
  }

  Object allocate(int length) {
    return Array.newInstance(element, length);
  }

  /** Puts {@code count} elements of {@code array} from {@code from} on at the buffer's position. */
  void put(Object array, int from, int count, ByteBuffer buffer) {
    if (array instanceof double[] doubles) {
      buffer.asDoubleBuffer().put(doubles, from, count);
    } else if (array instanceof long[] longs) {
      buffer.asLongBuffer().put(longs, from, count);
    } else if (array instanceof float[] floats) {
      buffer.asFloatBuffer().put(floats, from, count);
    } else if (array instanceof int[] ints) {
      buffer.asIntBuffer().put(ints, from, count);
    } else if (array instanceof short[] shorts) {
      buffer.asShortBuffer().put(shorts, from, count);
    } else if (array instanceof char[] chars) {
      buffer.asCharBuffer().put(chars, from, count);
    } else {
      buffer.duplicate().put((byte[]) array, from, count);
    }
  }

  /** Gets {@code count} elements at the buffer's position into {@code array} from {@code from}. */
  void get(Object array, int from, int count, ByteBuffer buffer) {
    if (array instanceof double[] doubles) {
      buffer.asDoubleBuffer().get(doubles, from, count);
    } else if (array instanceof long[] longs) {
      buffer.asLongBuffer().get(longs, from, count);
    } else if (array instanceof float[] floats) {
      buffer.asFloatBuffer().get(floats, from, count);
    } else if (array instanceof int[] ints) {
      buffer.asIntBuffer().get(ints, from, count);
    } else if (array instanceof short[] shorts) {
      buffer.asShortBuffer().get(shorts, from, count);
    } else if (array instanceof char[] chars) {
      buffer.asCharBuffer().get(chars, from, count);
    } else {
      buffer.duplicate().get((byte[]) array, from, count);
    }
  }
}
