package io.tacet.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * N-MNIST, the digits seen by an event camera (Orchard et al. 2015), from one binary file per
 * sample: {@code NUMBER.bs2} and a list of labels, {@code train1K.txt} or {@code test100.txt}, as
 * the SLAYER repository has them.
 *
 * <p>An event is five bytes: x, y, then from the highest bit of the third one bit of polarity and
 * 23 bits of time in microseconds. Source is {@code (polarity * 34 + y) * 34 + x}.
 */
public final class NMnist {
  /** Pixels per side. */
  public static final int SIDE = 34;

  /** Number of sources: pixels of both polarities. */
  public static final int SOURCES = 2 * SIDE * SIDE;

  /** Number of classes: digits. */
  public static final int CLASSES = 10;

  /** Time after which events are not read: all of the recording's three saccades. */
  public static final double DURATION_MS = 310;

  private static final int EVENT_BYTES = 5;

  private final Path folder;

  private NMnist(Path folder) {
    this.folder = folder;
  }

  /** Reads from {@code directory}, or from {@code nmnist_small} below it. */
  public static NMnist in(Path directory) {
    Path below = directory.resolve("nmnist_small");
    return new NMnist(Files.isDirectory(below) ? below : directory);
  }

  /**
   * The training samples that {@code train1K.txt} lists.
   *
   * @throws MissingDataException if the list or a sample is not there
   * @throws DataFormatException if one is not what it should be
   */
  public SpikeDataset train() throws IOException {
    return read("N-MNIST train", "train1K.txt");
  }

  /** The test samples that {@code test100.txt} lists. Throws as {@link #train()}. */
  public SpikeDataset test() throws IOException {
    return read("N-MNIST test", "test100.txt");
  }

  private SpikeDataset read(String name, String list) throws IOException {
    Path labels = require(name + " list of samples", list);
    SpikeDatasetBuilder builder = SpikeDataset.builder(name, SOURCES, CLASSES, DURATION_MS);
    int number = 0;
    for (String line : Files.readAllLines(labels)) {
      number++;
      if (line.isBlank() || line.startsWith("#")) {
        continue;
      }
      String[] fields = line.strip().split("\\s+", -1);
      if (fields.length != 2 || !fields[0].matches("\\d{1,6}") || !fields[1].matches("\\d")) {
        throw new DataFormatException(
            labels,
            "expected a number of a sample and a digit in line "
                + number
                + ", found \""
                + line
                + "\"",
            "Fetch the file again.");
      }
      addSample(builder, require(name + " sample", fields[0] + ".bs2"), fields[1].charAt(0) - '0');
    }
    return builder.build();
  }

  private Path require(String what, String file) throws MissingDataException {
    Path path = folder.resolve(file);
    if (!Files.isRegularFile(path)) {
      throw new MissingDataException(
          what,
          List.of(file),
          List.of(folder),
          "Get the folder NMNISTsmall of https://github.com/bamsumit/slayerPytorch and set"
              + " TACET_DATA to the folder that holds it under the name nmnist_small.");
    }
    return path;
  }

  private static void addSample(SpikeDatasetBuilder builder, Path file, int label)
      throws IOException {
    List<Double> times = new ArrayList<>();
    List<Integer> sources = new ArrayList<>();
    byte[] bytes = Files.readAllBytes(file);
    int whole = bytes.length / EVENT_BYTES * EVENT_BYTES;
    if (whole != bytes.length || whole == 0) {
      throw new DataFormatException(
          file,
          String.format(
              "the file is cut short: expected events of %d bytes, found %d bytes after offset %d",
              EVENT_BYTES, bytes.length - whole, whole),
          "Fetch the file again.");
    }
    for (int at = 0; at < whole; at += EVENT_BYTES) {
      int x = bytes[at] & 0xff;
      int y = bytes[at + 1] & 0xff;
      if (x >= SIDE || y >= SIDE) {
        throw new DataFormatException(
            file,
            String.format(
                "expected x and y below %d, found %d and %d at offset %d", SIDE, x, y, at),
            "Check that it is an N-MNIST file.");
      }
      int polarity = (bytes[at + 2] & 0xff) >> 7;
      int micros =
          (bytes[at + 2] & 0x7f) << 16 | (bytes[at + 3] & 0xff) << 8 | (bytes[at + 4] & 0xff);
      double ms = micros / 1000.0;
      if (ms < DURATION_MS) {
        times.add(ms);
        sources.add((polarity * SIDE + y) * SIDE + x);
      }
    }
    builder.add(
        label,
        times.stream().mapToDouble(Double::doubleValue).toArray(),
        sources.stream().mapToInt(Integer::intValue).toArray());
  }
}
