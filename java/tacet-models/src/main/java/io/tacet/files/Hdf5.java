package io.tacet.files;

import io.jhdf.HdfFile;
import io.jhdf.api.Dataset;
import io.jhdf.filter.PipelineFilterWithData;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Opens HDF5 files, and turns what the library throws at a damaged one into one sentence. */
public final class Hdf5 {
  /** Numbers that the HDF Group has given to filters. */
  private static final int DEFLATE = 1;

  private static final int SHUFFLE = 2;
  private static final int CHECKSUM = 3;
  private static final int LZF = 32000;

  /** Where LZF has the bytes of a chunk among its numbers. */
  private static final int LZF_CHUNK = 2;

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
    try (HdfFile hdf = open(file, bytes)) {
      long expected = hdf.getHdfBackingStorage().getSuperblock().getEndOfFileAddress();
      if (expected > bytes) {
        throw new FileFormatException(
            file, "the file is cut short: expected " + expected + " bytes, found " + bytes, remedy);
      }
      return content.of(hdf);
    } catch (RuntimeException | OutOfMemoryError | StackOverflowError | InternalError e) {
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

  /**
   * Opens a file as mapped memory, where the library finds out at once that a damaged length leads
   * beyond the end; what it reads from a channel it first allocates.
   */
  private static HdfFile open(Path file, long bytes) throws IOException {
    if (bytes > Integer.MAX_VALUE) {
      return new HdfFile(file);
    }
    try (FileChannel channel = FileChannel.open(file)) {
      return HdfFile.fromByteBuffer(channel.map(FileChannel.MapMode.READ_ONLY, 0, bytes));
    }
  }

  /**
   * What is wrong with a data set before it is read, for a few bytes not to become very many: more
   * elements than the file can hold, or filters that say themselves how much they make of them.
   *
   * @param bytes of the file
   * @return what was expected and found, without the name of the data set; empty if nothing
   */
  public static String problem(Dataset dataset, long bytes) {
    if (dataset.getSize() < 0 || dataset.getSize() > Deflate.MOST * bytes) {
      return "expected what a file of "
          + bytes
          + " bytes can hold, found "
          + dataset.getSize()
          + " elements";
    }
    List<PipelineFilterWithData> filters = dataset.getFilters();
    boolean known = filters.stream().allMatch(filter -> known(filter, bytes));
    if (!known || filters.stream().filter(filter -> filter.getId() == DEFLATE).count() > 1) {
      return "expected data packed by gzip or lzf once, or not, found the filters "
          + filters.stream().map(PipelineFilterWithData::getName).toList();
    }
    return "";
  }

  private static boolean known(PipelineFilterWithData filter, long bytes) {
    int[] data = filter.getFilterData();
    return switch (filter.getId()) {
      case DEFLATE, SHUFFLE, CHECKSUM -> true;
      case LZF -> data.length > LZF_CHUNK && Math.max(data[LZF_CHUNK], 0) <= Deflate.MOST * bytes;
      default -> false;
    };
  }
}
