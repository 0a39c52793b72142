package io.tacet.files;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Opens HDF5 files, and turns what the library throws at a damaged one into one sentence. */
public final class Hdf5 {
  /** The filters of HDF5 cannot pack more bytes than this into one. */
  private static final long MOST_PACKED = 1032;

  private Hdf5() {}

  /** Reads what is wanted of an open file. */
  @FunctionalInterface
  public interface Content<T> {
    /** The content. */
    T of(HdfFile hdf) throws IOException;
  }

  /**
   * Reads a file.
   *
   * @param remedy what to do if it is damaged, as a sentence
   * @throws FileFormatException if it is no HDF5 file, or damaged
   * @throws NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read
   */
  public static <T> T read(Path file, String remedy, Content<T> content) throws IOException {
    if (!Files.exists(file)) {
      throw new NoSuchFileException(file.toString());
    }
    long bytes = Files.size(file);
    try (HdfFile hdf = new HdfFile(file)) {
      long expected = hdf.getHdfBackingStorage().getSuperblock().getEndOfFileAddress();
      if (expected > bytes) {
        throw new FileFormatException(
            file, "the file is cut short: expected " + expected + " bytes, found " + bytes, remedy);
      }
      return content.of(hdf);
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
      // The library reports damage by exceptions of many kinds, or believes a length or a link.
      FileFormatException damage =
          new FileFormatException(
              file,
              "expected an HDF5 file, found a damaged one or another: " + e.getMessage(),
              remedy);
      damage.initCause(e);
      throw damage;
    }
  }

  /** Whether a file of so many bytes can hold the elements of a data set. */
  public static boolean fits(Dataset dataset, long bytes) {
    return dataset.getSize() <= MOST_PACKED * bytes;
  }
}
