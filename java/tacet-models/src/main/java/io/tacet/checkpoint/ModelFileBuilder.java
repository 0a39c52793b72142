package io.tacet.checkpoint;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects the content of a {@link ModelFile}.
 *
 * <p>Arrays are kept without a copy. A shape is the sizes of the dimensions, whose product must be
 * the array's length; without one the array has one dimension. Names and keys are any text, each
 * used once; keys that begin with {@code tacet.} belong to the format.
 */
public final class ModelFileBuilder {
  private static final Path IN_MEMORY = Path.of("model in memory");

  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, TypedArray> entries = new LinkedHashMap<>();

  ModelFileBuilder() {}

  /**
   * Adds metadata.
   *
   * @throws IllegalArgumentException if the key is taken, empty or begins with {@code tacet.}
   */
  public ModelFileBuilder metadata(String key, String value) {
    checkText("key", key);
    if (key.startsWith(Format.RESERVED)) {
      throw new IllegalArgumentException(
          "key: expected one that does not begin with " + Format.RESERVED + ", got " + key + ".");
    }
    if (!encodable(value)) {
      throw new IllegalArgumentException(
          "value: expected valid text for \"" + key + "\", got unpaired surrogates.");
    }
    if (metadata.putIfAbsent(key, value) != null) {
      throw new IllegalArgumentException("key: \"" + key + "\" is there already; use another.");
    }
    return this;
  }

  /** Adds a float32 array. */
  public ModelFileBuilder floats(String name, float[] array, int... shape) {
    return put(name, EntryType.FLOAT32, array, array.length, shape);
  }

  /** Adds a float64 array. */
  public ModelFileBuilder doubles(String name, double[] array, int... shape) {
    return put(name, EntryType.FLOAT64, array, array.length, shape);
  }

  /** Adds an int32 array. */
  public ModelFileBuilder ints(String name, int[] array, int... shape) {
    return put(name, EntryType.INT32, array, array.length, shape);
  }

  /** Adds an int64 array. */
  public ModelFileBuilder longs(String name, long[] array, int... shape) {
    return put(name, EntryType.INT64, array, array.length, shape);
  }

  /** Adds a uint16 array. */
  public ModelFileBuilder unsignedShorts(String name, char[] array, int... shape) {
    return put(name, EntryType.UINT16, array, array.length, shape);
  }

  /** Adds a byte array. */
  public ModelFileBuilder bytes(String name, byte[] array, int... shape) {
    return put(name, EntryType.BYTES, array, array.length, shape);
  }

  /** The content collected so far. */
  public ModelFile build() {
    return new ModelFile(IN_MEMORY, metadata, entries);
  }

  private ModelFileBuilder put(
      String name, EntryType type, Object array, int length, int... shape) {
    checkText("name", name);
    if (name.equals(Format.METADATA)) {
      throw new IllegalArgumentException(
          "name: expected one other than " + Format.METADATA + ", which the format uses.");
    }
    int[] sizes = shape.length == 0 ? new int[] {length} : shape;
    if (Format.product(sizes) != length) {
      throw new IllegalArgumentException(
          String.format(
              "shape: expected sizes whose product is the length %d of \"%s\", got %s.",
              length, name, Arrays.toString(sizes)));
    }
    if (entries.putIfAbsent(name, new TypedArray(type, list(sizes), array)) != null) {
      throw new IllegalArgumentException("name: \"" + name + "\" is there already; use another.");
    }
    return this;
  }

  static List<Integer> list(int... sizes) {
    List<Integer> list = new ArrayList<>(sizes.length);
    for (int size : sizes) {
      list.add(size);
    }
    return Collections.unmodifiableList(list);
  }

  private static void checkText(String argument, String text) {
    if (text.isEmpty() || !encodable(text)) {
      throw new IllegalArgumentException(
          argument + ": expected valid text of at least one character, got \"" + text + "\".");
    }
  }

  private static boolean encodable(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }
}
