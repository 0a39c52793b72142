package io.tacet.files;

import java.io.IOException;
import java.nio.file.Path;

/** A file is not what its format says it must be. The message names the file. */
public class FileFormatException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Path file;

  /**
   * Reports a bad file.
   *
   * @param file the file at fault
   * @param problem what was expected and what was found, and where, without a full stop
   * @param remedy what to do, as a sentence
   */
  public FileFormatException(Path file, String problem, String remedy) {
    super(file + ": " + problem + ". " + remedy);
    this.file = file;
  }

  /**
   * A file ends too early.
   *
   * @param expected what was expected, with its length, as in "a packet of 28"
   */
  public static FileFormatException cutShort(Path file, String expected, long found, long offset) {
    return new FileFormatException(
        file,
        "the file is cut short: expected "
            + expected
            + " bytes at offset "
            + offset
            + ", found "
            + found,
        "Fetch the file again.");
  }

  /** The file at fault. */
  public final Path file() {
    return file;
  }
}
