package io.tacet.checkpoint;

import io.tacet.files.FileFormatException;
import java.nio.file.Path;

/**
 * A file is not a model or checkpoint that can be read, is damaged, or lacks what was asked of it.
 * The message names the file, the problem and what to do.
 */
public final class ModelFormatException extends FileFormatException {
  private static final long serialVersionUID = 1L;

  /**
   * Reports a bad file.
   *
   * @param file the file at fault
   * @param problem what was expected and what was found, without a full stop
   * @param remedy what to do, as a sentence
   */
  public ModelFormatException(Path file, String problem, String remedy) {
    super(file, problem, remedy);
  }
}
