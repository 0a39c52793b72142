package io.tacet.data;

import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The MNIST digits (LeCun, Cortes and Burges) from their original IDX files, plain or gzipped, as
 * spikes; data sets published in the same files, such as Fashion-MNIST, are read as well.
 *
 * <p>Pixel p of 28 x 28, row by row, is source p. A value v greater than 1 fires once, at (1 -
 * v/255) * {@value #INPUT_MS} ms: the brighter, the earlier. Darker pixels are silent.
 *
 * <p>Nothing is downloaded and nothing is kept: each call reads its two files.
 */
public final class Mnist {
  /** Pixels per side. */
  public static final int SIDE = 28;

  /** Number of sources: pixels. */
  public static final int SOURCES = SIDE * SIDE;

  /** Number of classes: digits. */
  public static final int CLASSES = 10;

  /** Time in ms of the darkest pixel that could fire. */
  public static final double INPUT_MS = 20;

  private static final int DARKEST_SILENT = 1;
  private static final int BRIGHTEST = 255;

  private final List<Path> directories;

  private Mnist(List<Path> directories) {
    this.directories = directories;
  }

  /**
   * Reads from {@code directory}, or from {@code mnist} or {@code MNIST/raw} below it if the files
   * are there. Looks at no file yet.
   */
  public static Mnist in(Path directory) {
    return new Mnist(
        List.of(directory, directory.resolve("mnist"), directory.resolve("MNIST").resolve("raw")));
  }

  /**
   * The training set: 60000 samples.
   *
   * @throws MissingDataException if a file is not there
   * @throws FileFormatException if a file is not what it should be
   */
  public SpikeDataset train() throws IOException {
    return read("train", "MNIST train");
  }

  /** The test set: 10000 samples. Throws as {@link #train()}. */
  public SpikeDataset test() throws IOException {
    return read("t10k", "MNIST test");
  }

  /**
   * The training set without its last {@code heldOut} samples, which are those of {@link
   * #validation}.
   *
   * @throws IllegalArgumentException unless 0 <= heldOut <= number of training samples
   */
  public SpikeDataset train(int heldOut) throws IOException {
    SpikeDataset all = train();
    return all.slice(0, all.size() - checkHeldOut(heldOut, all.size()));
  }

  /** The last {@code heldOut} samples of the training set. Throws as {@link #train(int)}. */
  public SpikeDataset validation(int heldOut) throws IOException {
    SpikeDataset all = train();
    return all.slice(all.size() - checkHeldOut(heldOut, all.size()), all.size())
        .named("MNIST validation");
  }

  /**
   * The training set as sequences of pixels. Throws as {@link #train()}.
   *
   * @param order the pixel that each position of a sequence shows; see {@link
   *     PixelSequences#inOrder} and {@link SpikeDataset#permutation}
   * @param channels pixels per step: 1, or {@link #SIDE} for rows
   */
  public SequenceData trainPixels(int[] order, int channels) throws IOException {
    return pixels("train", "MNIST train", order, channels);
  }

  /** The test set as sequences of pixels; see {@link #trainPixels}. */
  public SequenceData testPixels(int[] order, int channels) throws IOException {
    return pixels("t10k", "MNIST test", order, channels);
  }

  /** The training set as 28 steps of a row each. Throws as {@link #train()}. */
  public SequenceData trainRows() throws IOException {
    return trainPixels(PixelSequences.inOrder(SOURCES), SIDE);
  }

  /** The test set as 28 steps of a row each. Throws as {@link #train()}. */
  public SequenceData testRows() throws IOException {
    return testPixels(PixelSequences.inOrder(SOURCES), SIDE);
  }

  private SequenceData pixels(String part, String name, int[] order, int channels)
      throws IOException {
    Digits files = files(part);
    return new PixelSequences(name, files.images(), files.labels(), CLASSES, order, channels);
  }

  private static int checkHeldOut(int heldOut, int size) {
    if (heldOut < 0 || heldOut > size) {
      throw new IllegalArgumentException(
          String.format(
              "heldOut: expected 0 to %d (the training samples), got %d.", size, heldOut));
    }
    return heldOut;
  }

  private record Digits(Idx images, Idx labels) {}

  private SpikeDataset read(String part, String name) throws IOException {
    Digits files = files(part);
    return encode(name, files.images(), files.labels());
  }

  private Digits files(String part) throws IOException {
    String set = part.equals("train") ? "training" : "test";
    Idx images = Idx.read(find("MNIST " + set + " images", part + "-images", "idx3-ubyte"), 3);
    Idx labels = Idx.read(find("MNIST " + set + " labels", part + "-labels", "idx1-ubyte"), 1);
    if (images.dimension(1) != SIDE || images.dimension(2) != SIDE) {
      throw new FileFormatException(
          images.file(),
          String.format(
              "expected images of %d x %d pixels, found %d x %d",
              SIDE, SIDE, images.dimension(1), images.dimension(2)),
          "Check that it is a file of the MNIST family.");
    }
    if (images.dimension(0) != labels.dimension(0)) {
      throw new FileFormatException(
          labels.file(),
          String.format(
              "expected %d labels, as many as there are images in %s, found %d",
              images.dimension(0), images.file(), labels.dimension(0)),
          "Take both files from the same place.");
    }
    for (int i = 0; i < labels.length(); i++) {
      if (labels.value(i) >= CLASSES) {
        throw new FileFormatException(
            labels.file(),
            "expected labels from 0 to 9, found " + labels.value(i) + " at position " + i,
            "Check that it is a file of the MNIST family.");
      }
    }
    return new Digits(images, labels);
  }

  private Path find(String what, String stem, String kind) throws MissingDataException {
    List<String> names = new ArrayList<>();
    for (String separator : new String[] {"-", "."}) {
      names.add(stem + separator + kind + ".gz");
      names.add(stem + separator + kind);
    }
    for (Path directory : directories) {
      for (String name : names) {
        Path file = directory.resolve(name);
        if (Files.isRegularFile(file)) {
          return file;
        }
      }
    }
    throw new MissingDataException(
        what,
        names,
        directories,
        "Get the four files from the MNIST page of its authors, http://yann.lecun.com/exdb/mnist/,"
            + " or a mirror of it, and put them in one of these directories.");
  }

  private static SpikeDataset encode(String name, Idx images, Idx labels) {
    double[] timeOf = new double[BRIGHTEST + 1];
    for (int v = 0; v <= BRIGHTEST; v++) {
      timeOf[v] = (1 - v / (double) BRIGHTEST) * INPUT_MS;
    }
    SpikeDatasetBuilder builder = SpikeDataset.builder(name, SOURCES, CLASSES, INPUT_MS);
    double[] times = new double[SOURCES];
    int[] sources = new int[SOURCES];
    for (int i = 0; i < images.dimension(0); i++) {
      sortByBrightness(images, i * SOURCES, sources);
      int count = 0;
      while (count < SOURCES && images.value(i * SOURCES + sources[count]) > DARKEST_SILENT) {
        times[count] = timeOf[images.value(i * SOURCES + sources[count])];
        count++;
      }
      builder.add(labels.value(i), times, sources, count);
    }
    return builder.build();
  }

  /** Counting sort of an image's pixels: the brightest first, equal ones by position. */
  private static void sortByBrightness(Idx images, int first, int[] pixels) {
    int[] place = new int[BRIGHTEST + 2];
    for (int p = 0; p < SOURCES; p++) {
      place[BRIGHTEST - images.value(first + p) + 1]++;
    }
    for (int k = 1; k < place.length; k++) {
      place[k] += place[k - 1];
    }
    for (int p = 0; p < SOURCES; p++) {
      pixels[place[BRIGHTEST - images.value(first + p)]++] = p;
    }
  }
}
