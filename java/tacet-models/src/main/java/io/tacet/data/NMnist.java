package io.tacet.data;

import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * N-MNIST, the digits seen by an event camera (Orchard et al. 2015), from one file per sample,
 * {@code NUMBER.bs2} ({@link Bs2}), and a list of labels, {@code train1K.txt} or {@code
 * test100.txt}, as the SLAYER repository has them. Source is {@code (polarity * 34 + y) * 34 + x}.
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
   * @throws FileFormatException if one is not what it should be
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
    for (SampleList.Sample sample : SampleList.read(labels, CLASSES)) {
      addSample(builder, require(name + " sample", sample.file()), sample.label());
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
    EventList events = new EventList();
    Bs2.read(
        file,
        SIDE,
        (micros, x, y, on) -> {
          double ms = micros / 1000.0;
          if (ms < DURATION_MS) {
            events.add(ms, ((on ? SIDE : 0) + y) * SIDE + x);
          }
        });
    events.moveTo(builder, label);
  }
}
