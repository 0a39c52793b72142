package io.tacet.checkpoint;

import io.tacet.files.AtomicFile;
import io.tacet.files.FileFormatException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One array in a {@code .npy} file, as NumPy's {@code save} writes and {@code load} reads it:
 * versions 1 to 3 of the format, either order of bytes, C and Fortran order, numbers and booleans.
 */
public final class Npy {
  private Npy() {}

  /**
   * Reads a file.
   *
   * <p>Memory: the array, never more than the file's length (twice that in Fortran order), plus one
   * buffer.
   *
   * @return the array in row-major order, in whichever order the file has it
   * @throws FileFormatException if it is not such a file, is cut short or has bytes left over, or
   *     holds Python objects, text, dates, complex numbers or structures
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read
   */
  public static TypedArray read(Path file) throws IOException {
    long size = Files.size(file);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      return new NpyReader(file, "", in, size).read();
    }
  }

  /**
   * Writes a file, replacing one of that name only once the new one is complete. bfloat16, which
   * NumPy does not have, is written as single precision.
   *
   * @throws IOException if it cannot be written; a file of that name is then unchanged
   */
  public static void write(Path file, TypedArray array) throws IOException {
    AtomicFile.write(file, out -> NpyWriter.write(array, out));
  }
}
