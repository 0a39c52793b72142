package io.tacet.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A data file was not found. The message gives the names looked for, the directories searched and
 * where to get the file.
 */
public final class MissingDataException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Reports a missing file.
   *
   * @param what description of the missing data, for example "MNIST training images"
   * @param names file names any of which would do
   * @param directories directories that were searched
   * @param remedy where to get the file, as a sentence
   */
  public MissingDataException(
      String what, List<String> names, List<Path> directories, String remedy) {
    super(
        what
            + " not found: looked for "
            + String.join(" or ", names)
            + " in "
            + directories.stream().map(Path::toString).collect(Collectors.joining(", "))
            + ". "
            + remedy);
  }
}
