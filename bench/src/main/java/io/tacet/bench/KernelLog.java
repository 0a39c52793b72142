package io.tacet.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Logs which shapes the processes of a run have started and finished, one line each in a file: a
 * shape that was started but not finished has crashed or hung, and is not retried.
 */
final class KernelLog {
  static final String FILE = "kernels.log";

  private static final String BEGUN = "begin ";
  private static final String ENDED = "end ";

  private final Path file;
  private final Set<String> lines;

  private KernelLog(Path file, Set<String> lines) {
    this.file = file;
    this.lines = lines;
  }

  /**
   * The log of a folder.
   *
   * @param keep whether to resume after its entries, or to start over
   */
  static KernelLog in(Path folder, boolean keep) throws IOException {
    Path file = folder.resolve(FILE);
    if (!keep) {
      Files.deleteIfExists(file);
    }
    return new KernelLog(
        file, Files.exists(file) ? new HashSet<>(Files.readAllLines(file)) : new HashSet<>());
  }

  /**
   * Notes that a shape starts.
   *
   * @param sink is informed of a shape in which an earlier process ended
   * @return false if it has been tried
   */
  boolean begin(String shape, DeviceCeilings.Sink sink) {
    if (lines.contains(ENDED + shape)) {
      return false;
    }
    if (!lines.add(BEGUN + shape)) {
      sink.failed(shape + ": the process that measured it ended; it is not tried again");
      return false;
    }
    write(BEGUN + shape);
    return true;
  }

  /** Notes that a shape is finished. */
  void end(String shape) {
    lines.add(ENDED + shape);
    write(ENDED + shape);
  }

  private void write(String line) {
    try {
      Files.write(file, List.of(line), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
