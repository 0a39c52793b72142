package io.tacet.checkpoint;

import io.tacet.files.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Safetensors files of any program, such as weights saved from PyTorch or JAX. {@code .tacet} files
 * are such files, too; those are read without their checks here, {@link ModelFile} checks them.
 */
public final class Safetensors {
  private Safetensors() {}

  /**
   * Reads all arrays of a file.
   *
   * <p>Memory: the arrays, as the file describes them and never more than its length, plus one
   * buffer. Arrays of 8-bit floating point and those longer than a Java array can be are refused.
   *
   * @throws ModelFormatException if the file is not safetensors or contradicts itself: a name that
   *     is there twice, offsets that disagree with type and shape, arrays that overlap or leave
   *     gaps, a header that is not JSON in UTF-8 or is padded by other bytes than spaces, data cut
   *     short or left over
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read
   */
  public static NamedArrays read(Path file) throws IOException {
    try (SafetensorsReader reader = SafetensorsReader.open(file)) {
      byte[] lengthAndHeader = reader.header();
      Header header = Header.parse(file, lengthAndHeader, metadata -> {});
      return new NamedArrays(file, header.metadata(), reader.data(header, Map.of()));
    }
  }

  /**
   * Writes arrays and metadata, replacing a file of that name only once the new one is complete.
   *
   * @throws IllegalArgumentException if an array has the name that the format uses for metadata
   * @throws IOException if it cannot be written; a file of that name is then unchanged
   */
  public static void write(Path file, NamedArrays arrays) throws IOException {
    if (arrays.has(Format.METADATA)) {
      throw new IllegalArgumentException(
          "arrays: expected names other than " + Format.METADATA + ", which the format uses.");
    }
    AtomicFile.write(file, out -> SafetensorsWriter.write(arrays.metadata(), arrays.all(), out));
  }
}
