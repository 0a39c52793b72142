package io.tacet.files;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * Replaces a file by a complete new one, or not at all.
 *
 * <p>The content goes to a temporary file in the same directory, is forced to the disk, and is then
 * renamed over the target. A reader sees the old file or the new one, never a part. When anything
 * fails (a full disk, an exception from the writer, a missing directory) the temporary file is
 * removed and the old file stays as it was; only a killed process can leave a file named {@code
 * .NAME.*.tmp} behind, which {@link #removeTemporaries} deletes.
 *
 * <p>An interrupt of the thread does not end a write that has begun: the file becomes complete, and
 * the thread stays interrupted.
 *
 * <p>A target that is a symbolic link keeps being one: the file it points to is replaced.
 */
public final class AtomicFile {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int RADIX = 36;
  private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.[0-9a-z]{1,13}\\.tmp");

  private AtomicFile() {}

  /** Writes the content of a file to a stream, which it need neither flush nor close. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes all of the content.
     *
     * @param out buffered; owned by the caller
     * @throws IOException if the content cannot be produced or written
     */
    void writeTo(OutputStream out) throws IOException;
  }

  /**
   * Writes {@code content} to {@code target}, replacing a file of that name.
   *
   * @throws IOException if the file cannot be written; the message names the target, the cause and
   *     what became of the old file
   */
  public static void write(Path target, Content content) throws IOException {
    Path file = Files.isSymbolicLink(target) ? target.toRealPath() : target.toAbsolutePath();
    Path directory = file.getParent();
    if (directory == null || file.getFileName() == null) {
      throw new IOException("Cannot write " + target + ": it names no file.");
    }
    if (Files.isDirectory(file)) {
      throw new IOException(
          "Cannot write " + target + ": it is a directory; name a file, for example inside it.");
    }
    if (!Files.isDirectory(directory)) {
      throw new IOException(
          "Cannot write " + target + ": there is no directory " + directory + "; create it first.");
    }
    try {
      writeAndRename(file, directory, content);
    } catch (FileSystemException e) {
      throw failure(target, e.getReason() == null ? e.toString() : e.getReason(), e);
    } catch (IOException e) {
      throw failure(target, e.getMessage(), e);
    }
  }

  /** Writes {@code text} as UTF-8 to {@code target}, replacing a file of that name. */
  public static void writeText(Path target, String text) throws IOException {
    write(target, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Deletes the temporary files that killed processes have left in a directory, in which nobody
   * else may be writing meanwhile. Other files stay.
   *
   * @throws IOException if the directory cannot be listed or a file not be deleted
   */
  public static void removeTemporaries(Path directory) throws IOException {
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(
            directory, file -> TEMPORARY.matcher(file.getFileName().toString()).matches())) {
      for (Path file : files) {
        Files.deleteIfExists(file);
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static IOException failure(Path target, String reason, IOException cause) {
    String kept = Files.exists(target) ? "; the file of that name is unchanged." : ".";
    return new IOException("Cannot write " + target + ": " + reason + kept, cause);
  }

  private static void writeAndRename(Path file, Path directory, Content content)
      throws IOException {
    Path temporary = directory.resolve(temporaryName(file));
    OutputStream opened =
        Files.newOutputStream(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    boolean done = false;
    try {
      try (OutputStream out = new BufferedOutputStream(opened, BUFFER_BYTES)) {
        content.writeTo(out);
      }
      force(temporary, StandardOpenOption.WRITE);
      rename(temporary, file);
      done = true;
    } finally {
      if (!done) {
        Files.deleteIfExists(temporary);
      }
    }
    forceDirectory(directory);
  }

  private static String temporaryName(Path file) {
    String unique = Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), RADIX);
    return "." + file.getFileName() + "." + unique + ".tmp";
  }

  private static void rename(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  /** Makes the rename itself durable where the file system can do so (not on Windows). */
  private static void forceDirectory(Path directory) {
    try {
      force(directory, StandardOpenOption.READ);
    } catch (IOException e) {
      // The file is complete and in place; only the moment at which the rename reaches the disk is
      // then up to the operating system.
      return;
    }
  }

  /**
   * Forces a file or directory to the disk. An interrupt closes a channel, so it is put off until
   * that is done.
   */
  private static void force(Path file, OpenOption mode) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try (FileChannel channel = FileChannel.open(file, mode)) {
          channel.force(true);
          return;
        } catch (ClosedByInterruptException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
