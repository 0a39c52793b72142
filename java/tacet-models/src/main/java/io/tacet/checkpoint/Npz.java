package io.tacet.checkpoint;

import io.tacet.files.AtomicFile;
import io.tacet.files.Deflate;
import io.tacet.files.FileFormatException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Named arrays in an {@code .npz} file, as NumPy's {@code savez} and {@code savez_compressed} write
 * and {@code load} reads them: a ZIP archive of {@link Npy} files. Other files in the archive do
 * not count.
 */
public final class Npz {
  private static final String SUFFIX = ".npy";

  /** The same on every day, for equal content to give equal files: the first that ZIP can say. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private Npz() {}

  /**
   * Reads all arrays of a file, and checks them against the archive's checksums.
   *
   * <p>Memory: the arrays, never more than the archive can hold, plus buffers.
   *
   * @throws FileFormatException if it is not such an archive, is damaged, has a name twice, or an
   *     array that {@link Npy#read} refuses
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read
   */
  public static NamedArrays read(Path file) throws IOException {
    long size = Files.size(file);
    Map<String, TypedArray> arrays = new LinkedHashMap<>();
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry entry : Collections.list(zip.entries())) {
        if (entry.getName().endsWith(SUFFIX)) {
          String name = entry.getName().substring(0, entry.getName().length() - SUFFIX.length());
          if (arrays.containsKey(name)) {
            throw bad(file, "there are two arrays with the name \"" + name + "\"");
          }
          arrays.put(name, array(file, size, zip, entry, name));
        }
      }
    } catch (ZipException | EOFException e) {
      throw damaged(file, e);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      // The library's answers to an archive that contradicts itself.
      throw damaged(file, e);
    }
    return new NamedArrays(file, Map.of(), arrays);
  }

  /**
   * Writes arrays, replacing a file of that name only once the new one is complete. The metadata is
   * left out, for which NumPy has no place; bfloat16 is written as single precision.
   *
   * @throws IOException if it cannot be written; a file of that name is then unchanged
   */
  public static void write(Path file, NamedArrays arrays) throws IOException {
    AtomicFile.write(
        file,
        out -> {
          ZipOutputStream zip = new ZipOutputStream(out);
          for (Map.Entry<String, TypedArray> named : arrays.all().entrySet()) {
            ZipEntry entry = new ZipEntry(named.getKey() + SUFFIX);
            entry.setTimeLocal(TIME);
            zip.putNextEntry(entry);
            NpyWriter.write(named.getValue(), zip);
            zip.closeEntry();
          }
          zip.finish();
        });
  }

  private static TypedArray array(Path file, long size, ZipFile zip, ZipEntry entry, String name)
      throws IOException {
    long packed = entry.getCompressedSize();
    if (packed < 0 || packed > size || entry.getSize() > Deflate.MOST * packed) {
      throw bad(
          file,
          String.format(
              "\"%s\" cannot have %d bytes in %d of a file of %d",
              name, entry.getSize(), packed, size));
    }
    CRC32 crc = new CRC32();
    try (CheckedInputStream in =
        new CheckedInputStream(new BufferedInputStream(zip.getInputStream(entry)), crc)) {
      TypedArray array = new NpyReader(file, name, in, entry.getSize()).read();
      if (in.read() >= 0 || crc.getValue() != entry.getCrc()) {
        throw bad(file, "\"" + name + "\" is damaged: its check does not match");
      }
      return array;
    }
  }

  private static FileFormatException damaged(Path file, Exception e) {
    FileFormatException damage =
        bad(file, "expected a ZIP archive, found a damaged one or another file: " + e.getMessage());
    damage.initCause(e);
    return damage;
  }

  private static FileFormatException bad(Path file, String problem) {
    return new FileFormatException(
        file, problem, "Copy it again or write it again with numpy.savez.");
  }
}
