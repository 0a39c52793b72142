package io.tacet.report;

import io.tacet.files.AtomicFile;
import io.tacet.files.Json;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The directory into which a run writes. Each file is replaced only by a complete new one (see
 * {@link AtomicFile}).
 */
public final class OutputFolder {
  private final Path path;

  private OutputFolder(Path path) {
    this.path = path;
  }

  /**
   * Creates the directory and those above it where they are missing.
   *
   * @throws IOException if something else has that name, or the directory cannot be created or
   *     written to; so that a run fails before it has computed anything
   */
  public static OutputFolder create(Path path) throws IOException {
    try {
      Files.createDirectories(path);
    } catch (FileAlreadyExistsException e) {
      throw new IOException(
          "Cannot use " + path + " for output: " + e.getFile() + " is a file; name a directory.",
          e);
    } catch (IOException e) {
      throw new IOException(
          "Cannot create the output directory " + path + " (" + e + "); name another one.", e);
    }
    if (!Files.isWritable(path)) {
      throw new IOException(
          "Cannot write into the output directory "
              + path
              + "; change its permissions or name"
              + " another one.");
    }
    return new OutputFolder(path);
  }

  /** What to throw when a file that is written piece by piece could not be written. */
  static IOException failure(Path file, IOException cause) {
    String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new IOException("Cannot write " + file + ": " + reason + ".", cause);
  }

  /**
   * Deletes what runs that were killed while they wrote a file have left; see {@link
   * AtomicFile#removeTemporaries}.
   */
  public void removeTemporaries() throws IOException {
    AtomicFile.removeTemporaries(path);
  }

  /** The directory. */
  public Path path() {
    return path;
  }

  /** The path of a file in this directory, there or not. */
  public Path file(String name) {
    return path.resolve(name);
  }

  /**
   * Writes a file; charts of this package are such content.
   *
   * @throws IOException if it cannot be written; a file of that name is then unchanged
   */
  public void write(String name, AtomicFile.Content content) throws IOException {
    AtomicFile.write(file(name), content);
  }

  /** Writes text as UTF-8. Throws as {@link #write}. */
  public void writeText(String name, String text) throws IOException {
    AtomicFile.writeText(file(name), text);
  }

  /** Writes a value as indented JSON, of the types that {@link Json} takes. As {@link #write}. */
  public void writeJson(String name, Object value) throws IOException {
    writeText(name, Json.pretty(value));
  }
}
