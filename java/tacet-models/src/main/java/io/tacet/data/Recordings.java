package io.tacet.data;

import io.tacet.files.FileFormatException;
import io.tacet.files.TableRow;
import io.tacet.files.TextTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Folders of event-camera recordings, one sample each: {@code .aedat} ({@link Aedat3}) and {@code
 * .aedat4} ({@link Aedat4}), and {@code .bs2} or {@code .bin} in the format of N-MNIST ({@link
 * Bs2}). Each class has a subfolder, or a table has the columns {@code file,label}. A pixel of a
 * polarity is a source, {@code (polarity * rows + y) * columns + x} after pooling. Times count from
 * the first event of the file; an earlier one, as where cameras are mixed, is at 0.
 *
 * @param width columns of pixels of the camera
 * @param height rows of pixels
 * @param pool side of the squares of pixels that are pooled into one
 */
public record Recordings(int width, int height, int pool) {
  private static final String REMEDY =
      "Move other files away; recordings end in .aedat, .aedat4, .bs2 or .bin.";

  /** Checks the numbers. */
  public Recordings {
    if (width < 1 || height < 1 || pool < 1 || sources(width, height, pool) > 1 << 24) {
      throw new IllegalArgumentException(
          String.format(
              "width, height, pool: expected at least 1 each and at most 2^24 sources, got %d, %d"
                  + " and %d.",
              width, height, pool));
    }
  }

  private static long sources(int width, int height, int pool) {
    return 2L * ((width - 1L) / pool + 1) * ((height - 1L) / pool + 1);
  }

  /** Number of sources: pooled pixels of both polarities. */
  public int sources() {
    return (int) sources(width, height, pool);
  }

  /**
   * Names of the subfolders in alphabetical order.
   *
   * @throws IOException if the folder cannot be read
   */
  public static List<String> classes(Path folder) throws IOException {
    return list(folder).stream()
        .filter(Files::isDirectory)
        .map(path -> path.getFileName().toString())
        .toList();
  }

  /** What is in a folder by name; hidden files do not count. */
  private static List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new FileFormatException(
          folder,
          "expected a folder of recordings, found " + (Files.exists(folder) ? "a file" : "nothing"),
          "Name a folder with a subfolder for each class.");
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(path -> !path.getFileName().toString().startsWith(".")).sorted().toList();
    }
  }

  /**
   * Reads a folder with a subfolder for each class, in the order of classes and names of files.
   *
   * @param classes names of the subfolders by class; one of them may be missing
   * @param durationMs later events are not read
   * @throws FileFormatException if there is no recording, a file is none or damaged, an event is
   *     outside the camera, or a subfolder is none of the classes
   * @throws IOException if a file cannot be read
   */
  public SpikeDataset read(Path folder, List<String> classes, double durationMs)
      throws IOException {
    SpikeDatasetBuilder builder = builder(folder, classes.size(), durationMs);
    for (String name : classes(folder)) {
      if (!classes.contains(name)) {
        throw new FileFormatException(
            folder,
            "expected subfolders named " + String.join(", ", classes) + ", found " + name,
            "Rename the subfolder or the classes.");
      }
    }
    int count = 0;
    for (int label = 0; label < classes.size(); label++) {
      Path samples = folder.resolve(classes.get(label));
      for (Path file : Files.isDirectory(samples) ? list(samples) : List.<Path>of()) {
        add(builder, file, label, durationMs);
        count++;
      }
    }
    return built(folder, builder, count);
  }

  /**
   * Reads the recordings that a table lists, in its order.
   *
   * @param labels a table {@code file,label}: a recording below the folder and its class, from 0
   * @param classes number of classes
   */
  public SpikeDataset read(Path folder, Path labels, int classes, double durationMs)
      throws IOException {
    SpikeDatasetBuilder builder = builder(folder, classes, durationMs);
    int count = 0;
    try (TextTable table = TextTable.commas(labels)) {
      int[] columns = table.header("file", "label");
      for (TableRow row = table.next(); row != null; row = table.next()) {
        Path file = row.path(columns[0], "a recording", folder);
        add(builder, file, row.integer(columns[1], "a class", 0, classes - 1), durationMs);
        count++;
      }
    }
    return built(labels, builder, count);
  }

  private SpikeDatasetBuilder builder(Path folder, int classes, double durationMs) {
    return SpikeDataset.builder(folder.getFileName().toString(), sources(), classes, durationMs);
  }

  private static SpikeDataset built(Path from, SpikeDatasetBuilder builder, int count)
      throws FileFormatException {
    if (count == 0) {
      throw new FileFormatException(from, "expected recordings, found none", REMEDY);
    }
    return builder.build();
  }

  private void add(SpikeDatasetBuilder builder, Path file, int label, double durationMs)
      throws IOException {
    Sample sample = new Sample(durationMs);
    String name = file.toString().toLowerCase(Locale.ROOT);
    if (name.endsWith(".aedat") || name.endsWith(".aedat4")) {
      Aedat.read(file, sample);
    } else if (name.endsWith(".bs2") || name.endsWith(".bin")) {
      Bs2.read(file, Math.min(Bs2.MAX_SIDE, Math.max(width, height)), sample);
    } else {
      throw new FileFormatException(file, "expected a recording, found another file", REMEDY);
    }
    if (sample.outside != null) {
      throw new FileFormatException(
          file,
          "expected pixels of a camera of " + width + " x " + height + ", found " + sample.outside,
          "Set width and height to those of the camera.");
    }
    sample.events.moveTo(builder, label);
  }

  /** Collects the events of a recording. */
  private final class Sample implements EventSink {
    private final EventList events = new EventList();
    private final double durationMs;
    private long first = -1;

    /** The first pixel outside the camera; null if there is none. */
    private String outside;

    Sample(double durationMs) {
      this.durationMs = durationMs;
    }

    @Override
    public void event(long micros, int x, int y, boolean on) {
      first = first < 0 ? micros : first;
      if (x >= width || y >= height) {
        outside = outside == null ? x + ", " + y : outside;
        return;
      }
      double ms = Math.max(0, micros - first) / 1000.0;
      if (ms <= durationMs) {
        int columns = (width - 1) / pool + 1;
        int rows = (height - 1) / pool + 1;
        events.add(ms, ((on ? rows : 0) + y / pool) * columns + x / pool);
      }
    }
  }
}
