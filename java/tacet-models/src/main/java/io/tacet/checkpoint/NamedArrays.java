package io.tacet.checkpoint;

import io.tacet.files.FileFormatException;
import io.tacet.files.Suggestion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Arrays by name, from a file or in memory: what {@link Safetensors} and {@link Npz} read and
 * write. Immutable; arrays are held and handed out without a copy.
 */
public final class NamedArrays {
  private static final Path IN_MEMORY = Path.of("arrays in memory");

  private final Path origin;
  private final Map<String, String> metadata;
  private final Map<String, TypedArray> arrays;

  NamedArrays(Path origin, Map<String, String> metadata, Map<String, TypedArray> arrays) {
    this.origin = origin;
    this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    this.arrays = Collections.unmodifiableMap(new LinkedHashMap<>(arrays));
  }

  /**
   * Reads a {@code .safetensors}, {@code .tacet} or {@code .npz} file, told apart by content; as
   * {@link Safetensors#read} and {@link Npz#read}.
   *
   * @throws FileFormatException if it is none of these, is damaged or contradicts itself
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read
   */
  public static NamedArrays read(Path file) throws IOException {
    byte[] start;
    try (InputStream in = Files.newInputStream(file)) {
      start = in.readNBytes(Format.LENGTH_BYTES + 1);
    }
    if (start.length > 1 && start[0] == 'P' && start[1] == 'K') {
      return Npz.read(file);
    }
    if (start.length <= Format.LENGTH_BYTES || start[Format.LENGTH_BYTES] != '{') {
      throw new FileFormatException(
          file,
          "expected named arrays in a .safetensors, .tacet or .npz file, found another",
          "Save the arrays in one of these formats, for example with numpy.savez.");
    }
    return Safetensors.read(file);
  }

  /** Arrays in memory, in the order of the map. */
  public static NamedArrays of(Map<String, TypedArray> arrays) {
    return new NamedArrays(IN_MEMORY, Map.of(), arrays);
  }

  /** The same arrays with other metadata, which safetensors keeps and NumPy does not. */
  public NamedArrays withMetadata(Map<String, String> newMetadata) {
    return new NamedArrays(origin, newMetadata, arrays);
  }

  /** The file they come from. */
  public Path origin() {
    return origin;
  }

  /** Text by key. Unmodifiable. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Names in the order of the file's data. Unmodifiable. */
  public Set<String> names() {
    return arrays.keySet();
  }

  /** All arrays by name. Unmodifiable. */
  public Map<String, TypedArray> all() {
    return arrays;
  }

  /** Whether there is an array of that name. */
  public boolean has(String name) {
    return arrays.containsKey(name);
  }

  /**
   * The array of a name.
   *
   * @param shape sizes the dimensions must have; none given: any
   * @throws FileFormatException if there is none of that name and shape; suggests the nearest name
   */
  public TypedArray get(String name, int... shape) throws FileFormatException {
    TypedArray array = arrays.get(name);
    if (array == null) {
      throw new FileFormatException(
          origin,
          "no array \"" + name + "\"; there is " + names(),
          "Check the name." + Suggestion.sentence(name, names()));
    }
    List<Integer> expected = Arrays.stream(shape).boxed().toList();
    if (shape.length > 0 && !array.shape().equals(expected)) {
      throw problem(name, "the shape " + expected, array.shape().toString());
    }
    return array;
  }

  /** Values of any type in single precision; as {@link #get}. A copy unless they are so already. */
  public float[] floats(String name, int... shape) throws FileFormatException {
    return get(name, shape).floats();
  }

  /**
   * The same where every number has to be finite.
   *
   * @throws FileFormatException if one is not; or as {@link #get}
   */
  public float[] finiteFloats(String name, int... shape) throws FileFormatException {
    float[] values = floats(name, shape);
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw problem(name, "finite numbers", values[i] + " at index " + i);
      }
    }
    return values;
  }

  /** Values of any type in double precision; as {@link #floats}. */
  public double[] doubles(String name, int... shape) throws FileFormatException {
    return get(name, shape).doubles();
  }

  /**
   * Integers of any width; a fresh copy.
   *
   * @param least smallest value that is allowed
   * @param most greatest value that is allowed
   * @throws FileFormatException if there is no array of that name, it is not of integers, or one is
   *     out of range
   */
  public int[] integers(String name, int least, int most) throws FileFormatException {
    TypedArray array = get(name);
    if (!array.type().isInteger()) {
      throw problem(name, "integers", array.type().toString());
    }
    int[] integers = new int[array.length()];
    for (int i = 0; i < integers.length; i++) {
      double value = array.real(i);
      if (value < least || value > most) {
        throw problem(
            name,
            "integers from " + least + " to " + most,
            String.format("%.0f at index %d", value, i));
      }
      integers[i] = (int) array.integer(i);
    }
    return integers;
  }

  /** What to throw if an array will not do. */
  public FileFormatException problem(String name, String expected, String found) {
    return new FileFormatException(
        origin,
        "expected \"" + name + "\" to have " + expected + ", found " + found,
        "Check how the file was written.");
  }
}
