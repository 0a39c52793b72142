package io.tacet.data;

import io.tacet.files.Deflate;
import io.tacet.files.FileFormatException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * An array of unsigned bytes read from an IDX file, the format of MNIST and its relatives, plain or
 * gzipped (told apart by content, not by name).
 *
 * <p>The file is: two zero bytes, the type (8: unsigned byte, the only one read here), the number
 * of dimensions, each dimension as a big-endian int, the data in row-major order, and nothing
 * after.
 */
public final class Idx {
  private static final int UNSIGNED_BYTE = 0x08;
  private static final int GZIP_MAGIC = 0x1f8b;
  private static final int BUFFER_BYTES = 1 << 16;
  private static final String REMEDY = "Fetch the file again.";

  private final Path file;
  private final int[] shape;
  private final byte[] data;

  private Idx(Path file, int[] shape, byte[] data) {
    this.file = file;
    this.shape = shape;
    this.data = data;
  }

  /**
   * Reads a file.
   *
   * <p>Memory: the data, never more than the file can hold.
   *
   * @param dimensions number of dimensions the file must have: 3 for images, 1 for labels
   * @throws FileFormatException if the file is not IDX of unsigned bytes with that many dimensions,
   *     is cut short or has bytes left over
   * @throws IOException if it cannot be read
   */
  public static Idx read(Path file, int dimensions) throws IOException {
    try (InputStream raw = new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES);
        InputStream in = gzipped(raw) ? new GZIPInputStream(raw, BUFFER_BYTES) : raw) {
      int[] shape = readHeader(file, in, dimensions);
      int length = length(file, shape);
      if (length > Deflate.MOST * Files.size(file)) {
        throw new FileFormatException(
            file,
            "the file is cut short or damaged: its header promises "
                + length
                + " bytes of data, more than "
                + Files.size(file)
                + " bytes can hold, packed or not",
            REMEDY);
      }
      byte[] data = in.readNBytes(length);
      if (data.length < length) {
        throw truncated(file, "its header promises " + length + " bytes of data", data.length);
      }
      if (in.read() >= 0) {
        throw new FileFormatException(
            file, "its header promises " + length + " bytes of data and there are more", REMEDY);
      }
      return new Idx(file, shape, data);
    } catch (EOFException e) {
      throw new FileFormatException(file, "the compressed file is cut short", REMEDY);
    } catch (ZipException e) {
      throw new FileFormatException(
          file, "the compressed file is damaged (" + e.getMessage() + ")", REMEDY);
    }
  }

  /** The file that was read. */
  public Path file() {
    return file;
  }

  /** Size of dimension {@code d}. */
  public int dimension(int d) {
    return shape[d];
  }

  /** Number of values: the product of the dimensions. */
  public int length() {
    return data.length;
  }

  /** Value {@code i} in row-major order, in [0, 255]. */
  public int value(int i) {
    return data[i] & 0xff;
  }

  private static boolean gzipped(InputStream raw) throws IOException {
    raw.mark(2);
    int first = raw.read();
    int second = raw.read();
    raw.reset();
    return (first << 8 | second) == GZIP_MAGIC;
  }

  private static int[] readHeader(Path file, InputStream in, int dimensions) throws IOException {
    byte[] magic = in.readNBytes(4);
    if (magic.length < 4) {
      throw truncated(file, "expected a magic number of 4 bytes", magic.length);
    }
    int found = ByteBuffer.wrap(magic).getInt();
    int expected = UNSIGNED_BYTE << 8 | dimensions;
    if (found != expected) {
      throw new FileFormatException(
          file,
          String.format(
              "expected magic number 0x%08x (IDX, unsigned bytes, %d dimensions), found 0x%08x",
              expected, dimensions, found),
          "Check that it is the file its name says.");
    }
    byte[] sizes = in.readNBytes(4 * dimensions);
    if (sizes.length < 4 * dimensions) {
      throw truncated(file, "expected " + 4 * dimensions + " bytes of dimensions", sizes.length);
    }
    int[] shape = new int[dimensions];
    ByteBuffer.wrap(sizes).asIntBuffer().get(shape);
    return shape;
  }

  private static int length(Path file, int[] shape) throws FileFormatException {
    long length = 1;
    for (int size : shape) {
      length = size < 0 || length < 0 ? -1 : length * size;
      if (length > Integer.MAX_VALUE - 8) {
        length = -1;
      }
    }
    if (length < 0) {
      throw new FileFormatException(
          file,
          "expected dimensions whose product is an array size, found " + Arrays.toString(shape),
          REMEDY);
    }
    return (int) length;
  }

  private static FileFormatException truncated(Path file, String expected, int found) {
    return new FileFormatException(
        file, "the file is cut short: " + expected + ", found " + found, REMEDY);
  }
}
