package io.tacet.checkpoint;

import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Element types of the arrays in a {@link ModelFile}, each with the Java array that holds it. */
public enum EntryType {
  /** IEEE 754 double, {@code double[]}. */
  FLOAT64("F64", 8),
  /** Signed 64-bit integer, {@code long[]}. */
  INT64("I64", 8),
  /** IEEE 754 single, {@code float[]}. */
  FLOAT32("F32", 4),
  /** Signed 32-bit integer, {@code int[]}. */
  INT32("I32", 4),
  /** Unsigned 16-bit integer, {@code char[]}, the unsigned 16-bit type of Java. */
  UINT16("U16", 2),
  /** Raw bytes, {@code byte[]}. */
  BYTES("U8", 1);

  private static final Map<String, EntryType> BY_CODE =
      Stream.of(values()).collect(Collectors.toUnmodifiableMap(t -> t.code, Function.identity()));

  private final String code;
  private final int bytes;

  EntryType(String code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** Name of the type in the file, as safetensors writes it. */
  public String code() {
    return code;
  }

  /** Bytes per element. */
  public int bytes() {
    return bytes;
  }

  /** The type of that code, or null. */
  static EntryType ofCode(Object code) {
    return code instanceof String text ? BY_CODE.get(text) : null;
  }

  Object allocate(int length) {
    return switch (this) {
      case FLOAT64 -> new double[length];
      case INT64 -> new long[length];
      case FLOAT32 -> new float[length];
      case INT32 -> new int[length];
      case UINT16 -> new char[length];
      case BYTES -> new byte[length];
    };
  }

  /** Puts {@code count} elements of {@code array} from {@code from} on at the buffer's position. */
  void put(Object array, int from, int count, ByteBuffer buffer) {
    switch (this) {
      case FLOAT64 -> buffer.asDoubleBuffer().put((double[]) array, from, count);
      case INT64 -> buffer.asLongBuffer().put((long[]) array, from, count);
      case FLOAT32 -> buffer.asFloatBuffer().put((float[]) array, from, count);
      case INT32 -> buffer.asIntBuffer().put((int[]) array, from, count);
      case UINT16 -> buffer.asCharBuffer().put((char[]) array, from, count);
      case BYTES -> buffer.duplicate().put((byte[]) array, from, count);
    }
  }

  /** Gets {@code count} elements at the buffer's position into {@code array} from {@code from}. */
  void get(Object array, int from, int count, ByteBuffer buffer) {
    switch (this) {
      case FLOAT64 -> buffer.asDoubleBuffer().get((double[]) array, from, count);
      case INT64 -> buffer.asLongBuffer().get((long[]) array, from, count);
      case FLOAT32 -> buffer.asFloatBuffer().get((float[]) array, from, count);
      case INT32 -> buffer.asIntBuffer().get((int[]) array, from, count);
      case UINT16 -> buffer.asCharBuffer().get((char[]) array, from, count);
      case BYTES -> buffer.duplicate().get((byte[]) array, from, count);
    }
  }
}
