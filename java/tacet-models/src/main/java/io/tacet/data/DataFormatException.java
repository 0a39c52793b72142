package io.tacet.data;

import java.io.IOException;
import java.nio.file.Path;

/** A data file is not what its format says it must be. The message names the file. */
public final class DataFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Path file;

  /**
   * Reports a bad file.
   *
   * @param file the file at fault
   * @param problem what was expected and what was found, without a full stop
   * @param remedy what to do, as a sentence
   */
  public DataFormatException(Path file, String problem, String remedy) {
    super(file + ": " + problem + ". " + remedy);
    this.file = file;
  }

  /**
   * A file ends too early.
   *
   * @param expected what was expected, with its length, as in "a packet of 28"
   */
  static DataFormatException cutShort(Path file, String expected, long found, long offset) {
    return new DataFormatException(
        file,
        String.format(
            "the file is cut short: expected %s bytes at offset %d, found %d",
            expected, offset, found),
        "Fetch the file again.");
  }

  /** The file at fault. */
  public Path file() {
    return file;
  }
}
