package io.tacet.data;

import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.Npz;
import io.tacet.checkpoint.TypedArray;
import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Labelled sequences or points from an {@code .npz} file, written in Python by {@code
 * numpy.savez("data.npz", x=x, y=y)}: {@code x} has the values, [samples][steps][channels], or
 * [samples][features] for points, which become sequences of one step; {@code y} the classes,
 * integers from 0. In the place of {@code y} there may be {@code targets}, numbers to be predicted:
 * [samples][outputs], or [samples][steps][outputs] for targets at every step. With {@code lengths},
 * integers, each sample has so many steps, after which comes padding. Arrays {@code x_test} and
 * {@code y_test} or {@code targets_test}, if they are there, are the test set, with {@code
 * lengths_test} where its samples have different lengths.
 */
public final class NpzSequences {
  private static final String REMEDY =
      "Write x as [samples][steps][channels] or [samples][features], and y as integers from 0 or"
          + " targets as [samples][outputs] or [samples][steps][outputs].";

  private final Path file;
  private final NamedArrays arrays;

  private NpzSequences(Path file, NamedArrays arrays) {
    this.file = file;
    this.arrays = arrays;
  }

  /**
   * Reads a file.
   *
   * @throws FileFormatException if it is not an {@code .npz} file or an array is missing or not as
   *     it should be; names the array, what was expected and what was found
   * @throws java.nio.file.NoSuchFileException if there is no such file
   * @throws IOException if it cannot be read
   */
  public static SequenceSplit read(Path file) throws IOException {
    return new NpzSequences(file, Npz.read(file)).split();
  }

  /**
   * Reads {@code x} alone, for a network to predict the classes; they are given as 0 where there is
   * no {@code y}; targets are left out. Throws as {@link #read}.
   */
  public static SequenceData samples(Path file) throws IOException {
    NpzSequences read = new NpzSequences(file, Npz.read(file));
    if (read.arrays.has("y")) {
      return read.split().train();
    }
    TypedArray x = read.arrays.get("x");
    int samples = x.shape().isEmpty() ? 0 : x.shape().get(0);
    if (samples == 0) {
      throw read.arrays.problem("x", "at least one sample", "the shape " + x.shape());
    }
    return read.sequences("", new int[samples], 1);
  }

  private SequenceSplit split() throws FileFormatException {
    if (arrays.has("y") && arrays.has("targets")) {
      throw new FileFormatException(
          file, "expected y or targets, found both", "Leave one of the arrays out.");
    }
    boolean tested = arrays.has("x_test") || arrays.has("y_test") || arrays.has("targets_test");
    if (arrays.has("targets")) {
      return split(regression(""), tested ? regression("_test") : null);
    }
    int[] labels = labels("y");
    int[] testLabels = tested ? labels("y_test") : new int[0];
    int classes = 1 + Math.max(greatest(labels), greatest(testLabels));
    return split(
        sequences("", labels, classes), tested ? sequences("_test", testLabels, classes) : null);
  }

  private SequenceSplit split(ArraySequences train, ArraySequences test)
      throws FileFormatException {
    if (test == null) {
      return new SequenceSplit(train, null);
    }
    if (test.targets() != train.targets()
        || test.targetsAtEveryStep() != train.targetsAtEveryStep()) {
      throw arrays.problem(
          "targets_test",
          "rows of " + train.targets() + " for as many steps as in targets",
          "the shape " + arrays.get("targets_test").shape());
    }
    boolean ragged = arrays.has("lengths") || arrays.has("lengths_test");
    boolean steps = ragged || test.steps() == train.steps();
    if (!steps || test.channels() != train.channels()) {
      throw arrays.problem(
          "x_test",
          String.format("%d steps and %d channels as x", train.steps(), train.channels()),
          String.format("%d and %d", test.steps(), test.channels()));
    }
    return new SequenceSplit(train, test);
  }

  private int[] labels(String name) throws FileFormatException {
    TypedArray array = arrays.get(name);
    if (array.shape().size() != 1 || array.length() == 0) {
      throw arrays.problem(name, "a class for each of at least one sample", "" + array.shape());
    }
    return arrays.integers(name, 0, Integer.MAX_VALUE - 1);
  }

  /** Steps of each sample; null where there is no such array. */
  private int[] lengths(String suffix, int samples, int steps) throws FileFormatException {
    String name = "lengths" + suffix;
    if (!arrays.has(name)) {
      return null;
    }
    TypedArray array = arrays.get(name);
    if (array.shape().size() != 1 || array.length() != samples) {
      throw arrays.problem(
          name, "a number of steps for each of " + samples + " samples", "" + array.shape());
    }
    return arrays.integers(name, 1, steps);
  }

  private ArraySequences regression(String suffix) throws FileFormatException {
    TypedArray x = arrays.get("x" + suffix);
    TypedArray targets = arrays.get("targets" + suffix);
    int samples = x.shape().isEmpty() ? 0 : x.shape().get(0);
    int dimensions = targets.shape().size();
    int steps = x.shape().size() == 3 ? x.shape().get(1) : 1;
    int outputs = dimensions > 1 ? targets.shape().get(dimensions - 1) : 1;
    boolean fits = dimensions == 3 ? targets.shape().get(1) == steps : dimensions > 0;
    if (!fits || dimensions > 3 || outputs == 0 || targets.shape().get(0) != samples) {
      throw arrays.problem(
          "targets" + suffix,
          "[" + samples + "][outputs] or [" + samples + "][" + steps + "][outputs]",
          "the shape " + targets.shape());
    }
    ArraySequences inputs = sequences(suffix, new int[samples], 1);
    int[] lengths = lengths(suffix, samples, steps);
    float[] goals =
        dimensions == 3
            ? finite("targets" + suffix, targets, steps, outputs, lengths)
            : finite("targets" + suffix, targets, 1, outputs, null);
    return ArraySequences.regression(
        inputs.name(), x.floats(), steps, inputs.channels(), lengths, goals, outputs);
  }

  private ArraySequences sequences(String suffix, int[] labels, int classes)
      throws FileFormatException {
    String name = "x" + suffix;
    TypedArray array = arrays.get(name);
    int dimensions = array.shape().size();
    if (dimensions != 2 && dimensions != 3) {
      throw arrays.problem(name, "2 or 3 dimensions", "the shape " + array.shape());
    }
    int steps = dimensions == 2 ? 1 : array.shape().get(1);
    int channels = array.shape().get(dimensions - 1);
    if (array.shape().get(0) != labels.length || steps == 0 || channels == 0) {
      throw arrays.problem(
          name, labels.length + " samples, as many as there are labels", "" + array.shape());
    }
    int[] lengths = lengths(suffix, labels.length, steps);
    float[] values = finite(name, array, steps, channels, lengths);
    return ArraySequences.of(
        file.getFileName() + " " + name, values, steps, channels, lengths, labels, classes);
  }

  private float[] finite(String name, TypedArray array, int steps, int columns, int[] lengths)
      throws FileFormatException {
    float[] values = array.floats();
    int bad = ArraySequences.firstNotFinite(values, steps, columns, lengths);
    if (bad >= 0) {
      throw new FileFormatException(
          file,
          String.format(
              "expected finite numbers of single precision in \"%s\", found %s in %s",
              name, array.real(bad), ArraySequences.place(bad, steps, columns)),
          REMEDY);
    }
    return values;
  }

  private static int greatest(int[] labels) {
    return Arrays.stream(labels).max().orElse(0);
  }
}
