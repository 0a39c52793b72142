package io.tacet.data;

import io.tacet.files.FileFormatException;
import io.tacet.files.TableRow;
import io.tacet.files.TextTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * DVS128 Gesture (Amir et al. 2017): recordings of hand gestures by an event camera, as IBM
 * distributes them: {@code trials_to_train.txt} and {@code trials_to_test.txt} name AEDAT files,
 * and beside each {@code NAME.aedat} a table {@code NAME_labels.csv} gives class, start and end of
 * its gestures. A recording may also be in AEDAT 4, as {@code NAME.aedat4} in the list, or in the
 * place of the {@code NAME.aedat} that the list names.
 *
 * <p>Where these lists are missing, each gesture may be in its own file, as the SLAYER repository
 * has them: {@code NUMBER.bs2} ({@link Bs2}), from the beginning of the gesture. These carry no
 * labels, so {@code train.txt} and {@code test.txt} have to give number and class, from 0, of one
 * in each line.
 *
 * <p>A sample is the first {@value #DURATION_MS} ms of a gesture at a quarter of the resolution.
 * Events of a source within one interval of {@value #GRAIN_MS} ms are one event at its beginning.
 */
public final class DvsGesture {
  /** Pixels per side after pooling 4 x 4. */
  public static final int SIDE = 32;

  /** Number of sources: pooled pixels of both polarities. */
  public static final int SOURCES = 2 * SIDE * SIDE;

  /** Number of classes. */
  public static final int CLASSES = 11;

  /** Length of a sample. */
  public static final double DURATION_MS = 1500;

  private static final double GRAIN_MS = 5;
  private static final int CAMERA = 128;

  private final Path folder;

  private DvsGesture(Path folder) {
    this.folder = folder;
  }

  /** Reads from {@code DvsGesture} or {@code dvsgesture} below a directory, else from itself. */
  public static DvsGesture in(Path directory) {
    for (String name : new String[] {"DvsGesture", "dvsgesture"}) {
      if (Files.isDirectory(directory.resolve(name))) {
        return new DvsGesture(directory.resolve(name));
      }
    }
    return new DvsGesture(directory);
  }

  /**
   * The training set: 23 of 29 people.
   *
   * @throws MissingDataException if a file is not there
   * @throws FileFormatException if one is not what it should be
   */
  public SpikeDataset train() throws IOException {
    return read("DVS Gesture train", "trials_to_train.txt");
  }

  /** The test set. Throws as {@link #train()}. */
  public SpikeDataset test() throws IOException {
    return read("DVS Gesture test", "trials_to_test.txt");
  }

  private Path require(String name) throws MissingDataException {
    Path file = folder.resolve(name);
    if (!Files.isRegularFile(file)) {
      throw new MissingDataException(
          "DVS Gesture file",
          List.of(name),
          List.of(folder),
          "Get DvsGesture.tar.gz from IBM Research (search: DVS128 Gesture dataset), unpack it and"
              + " set TACET_DATA to the folder that holds DvsGesture.");
    }
    return file;
  }

  private SpikeDataset read(String name, String list) throws IOException {
    SpikeDatasetBuilder builder = SpikeDataset.builder(name, SOURCES, CLASSES, DURATION_MS);
    if (!Files.exists(folder.resolve(list)) && hasCutGestures()) {
      cutGestures(builder, list.replace("trials_to_", ""));
      return builder.build();
    }
    try (TextTable trials = TextTable.commas(require(list))) {
      for (TableRow row = trials.next(); row != null; row = trials.next()) {
        row.expect(1, "the name of a recording").path(0, "a recording", folder);
        recording(builder, row.text(0));
      }
    }
    return builder.build();
  }

  private boolean hasCutGestures() throws IOException {
    if (!Files.isDirectory(folder)) {
      return false;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> file.toString().endsWith(".bs2"));
    }
  }

  private void cutGestures(SpikeDatasetBuilder builder, String list) throws IOException {
    Path labels = folder.resolve(list);
    if (!Files.isRegularFile(labels)) {
      throw new MissingDataException(
          "Labels of DVS Gesture",
          List.of(list),
          List.of(folder),
          "The recordings in .bs2 there carry no labels: write train.txt and test.txt with lines of"
              + " NUMBER CLASS, where NUMBER.bs2 is the recording and CLASS is from 0 to "
              + (CLASSES - 1)
              + ".");
    }
    for (SampleList.Sample sample : SampleList.read(labels, CLASSES)) {
      Gesture gesture = new Gesture(sample.label(), 0, Long.MAX_VALUE, new BitSet());
      Bs2.read(require(sample.file()), CAMERA, gesture::add);
      gesture.addTo(builder);
    }
  }

  private record Gesture(int label, long from, long to, BitSet events) {
    /** Pools an event into its interval, if it is of this gesture. */
    void add(long micros, int x, int y, boolean on) {
      double ms = (micros - from) / 1000.0;
      boolean inside = micros >= from && micros <= to;
      if (inside && ms < DURATION_MS && x < CAMERA && y < CAMERA) {
        int pool = CAMERA / SIDE;
        int source = ((on ? SIDE : 0) + y / pool) * SIDE + x / pool;
        int interval = (int) (ms / GRAIN_MS);
        events.set(interval * SOURCES + source);
      }
    }

    void addTo(SpikeDatasetBuilder builder) {
      int[] set = events.stream().toArray();
      double[] times = new double[set.length];
      int[] sources = new int[set.length];
      for (int e = 0; e < set.length; e++) {
        int interval = set[e] / SOURCES;
        times[e] = interval * GRAIN_MS;
        sources[e] = set[e] % SOURCES;
      }
      builder.add(label, times, sources);
    }
  }

  private void recording(SpikeDatasetBuilder builder, String name) throws IOException {
    boolean newer = !Files.exists(folder.resolve(name)) && Files.exists(folder.resolve(name + "4"));
    Path file = require(newer ? name + "4" : name);
    List<Gesture> gestures = gestures(require(name.replaceFirst("\\.aedat4?$", "_labels.csv")));
    Aedat.read(
        file,
        (micros, x, y, on) -> {
          for (Gesture gesture : gestures) {
            gesture.add(micros, x, y, on);
          }
        });
    for (Gesture gesture : gestures) {
      gesture.addTo(builder);
    }
  }

  private static List<Gesture> gestures(Path table) throws IOException {
    List<Gesture> all = new ArrayList<>();
    try (TextTable gestures = TextTable.commas(table)) {
      gestures.next(); // the names of the columns
      for (TableRow row = gestures.next(); row != null; row = gestures.next()) {
        row.expect(3, "class, start and end in microseconds");
        int label = row.integer(0, "a class", 1, CLASSES) - 1;
        long start = row.longInteger(1, "a start in microseconds", 0, Long.MAX_VALUE);
        long end = row.longInteger(2, "an end in microseconds", 0, Long.MAX_VALUE);
        all.add(new Gesture(label, start, end, new BitSet()));
      }
    }
    return all;
  }
}
