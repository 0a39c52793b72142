package io.tacet.checkpoint;

import io.tacet.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Named typed arrays and text metadata, in memory; written to and read from one {@code .tacet} file
 * (see the package description for its format).
 *
 * <p>Arrays are held and handed out without a copy: do not change one that you put in before it is
 * written, and do not change one that you got while others use this object.
 */
public final class ModelFile {
  private static final String REMEDY = "Check that the file fits the model it is loaded into.";

  private final Path origin;
  private final Map<String, String> metadata;
  private final Map<String, TypedArray> entries;

  ModelFile(Path origin, Map<String, String> metadata, Map<String, TypedArray> entries) {
    this.origin = origin;
    this.metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    this.entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
  }

  /** Starts an empty file. */
  public static ModelFileBuilder builder() {
    return new ModelFileBuilder();
  }

  /**
   * Reads a whole file and checks every byte of it.
   *
   * <p>Memory: the arrays, as the file describes them and never more than its length, plus one
   * buffer.
   *
   * @throws ModelFormatException if it is not a {@code .tacet} file, is of a newer version, is cut
   *     short or damaged
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read
   */
  public static ModelFile read(Path file) throws IOException {
    return ModelFileReader.read(file);
  }

  /**
   * Writes the file, replacing one of that name only once the new one is complete.
   *
   * @throws IOException if it cannot be written; a file of that name is then unchanged
   */
  public void write(Path file) throws IOException {
    AtomicFile.write(file, out -> SafetensorsWriter.writeChecked(metadata, entries, out));
  }

  /** The metadata, in the order in which it was put in. Unmodifiable. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /**
   * The metadata of that key.
   *
   * @throws ModelFormatException if there is none
   */
  public String metadata(String key) throws ModelFormatException {
    String value = metadata.get(key);
    if (value == null) {
      throw problem("no metadata \"" + key + "\"; there is " + metadata.keySet());
    }
    return value;
  }

  /** Names of the arrays. Unmodifiable. */
  public Set<String> names() {
    return entries.keySet();
  }

  /**
   * Element type of an array.
   *
   * @throws ModelFormatException if there is no array of that name
   */
  public EntryType type(String name) throws ModelFormatException {
    return entry(name).type();
  }

  /**
   * Sizes of the dimensions of an array; empty for a scalar. Unmodifiable.
   *
   * @throws ModelFormatException if there is no array of that name
   */
  public List<Integer> shape(String name) throws ModelFormatException {
    return entry(name).shape();
  }

  /** All arrays with the metadata: for {@link Safetensors#write} and {@link Npz#write}. */
  public NamedArrays arrays() {
    return new NamedArrays(origin, metadata, entries);
  }

  /**
   * A float32 array, row-major, not copied.
   *
   * @param shape sizes the dimensions must have; none given: any
   * @throws ModelFormatException if there is no array of that name, type and shape
   */
  public float[] floats(String name, int... shape) throws ModelFormatException {
    return (float[]) array(name, EntryType.FLOAT32, shape);
  }

  /** A float64 array; as {@link #floats}. */
  public double[] doubles(String name, int... shape) throws ModelFormatException {
    return (double[]) array(name, EntryType.FLOAT64, shape);
  }

  /** An int32 array; as {@link #floats}. */
  public int[] ints(String name, int... shape) throws ModelFormatException {
    return (int[]) array(name, EntryType.INT32, shape);
  }

  /** An int64 array; as {@link #floats}. */
  public long[] longs(String name, int... shape) throws ModelFormatException {
    return (long[]) array(name, EntryType.INT64, shape);
  }

  /** A uint16 array; as {@link #floats}. */
  public char[] unsignedShorts(String name, int... shape) throws ModelFormatException {
    return (char[]) array(name, EntryType.UINT16, shape);
  }

  /** A byte array; as {@link #floats}. */
  public byte[] bytes(String name, int... shape) throws ModelFormatException {
    return (byte[]) array(name, EntryType.BYTES, shape);
  }

  private Object array(String name, EntryType type, int[] shape) throws ModelFormatException {
    TypedArray entry = entry(name);
    List<Integer> expected = ModelFileBuilder.list(shape);
    if (entry.type() != type || (shape.length > 0 && !entry.shape().equals(expected))) {
      throw problem(
          String.format(
              "expected \"%s\" to be %s%s, found %s %s",
              name, type, shape.length > 0 ? " " + expected : "", entry.type(), entry.shape()));
    }
    return entry.array();
  }

  private TypedArray entry(String name) throws ModelFormatException {
    TypedArray entry = entries.get(name);
    if (entry == null) {
      throw problem("no array \"" + name + "\"; there is " + entries.keySet());
    }
    return entry;
  }

  private ModelFormatException problem(String problem) {
    return new ModelFormatException(origin, problem, REMEDY);
  }
}
