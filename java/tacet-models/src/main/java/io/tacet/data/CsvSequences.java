package io.tacet.data;

import io.tacet.files.FileFormatException;
import io.tacet.files.TableRow;
import io.tacet.files.TextTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Labelled sequences or points from a table of comma-separated values whose first line names the
 * columns. A column {@code label} has the class, an integer from 0. Without a column {@code step}
 * each row is a point: all other columns but {@code sample} are its features. With columns {@code
 * sample} and {@code step} each row is one step of a sequence: rows are in the order of samples and
 * steps, both numbered from 0, and the label is the same in all rows of a sample. Samples may have
 * different numbers of steps.
 *
 * <pre>
 * sample,step,left,right,label
 * 0,0,0.25,1.5,2
 * 0,1,0.5,1.25,2
 * 1,0,...
 * </pre>
 */
public final class CsvSequences {
  private static final String SAMPLE = "sample";
  private static final String STEP = "step";
  private static final String LABEL = "label";
  private static final String REMEDY = "Complete the table.";

  private final Path file;
  private int labelColumn;
  private int sampleColumn;
  private int stepColumn;
  private int columns;
  private int[] channels;

  private float[] values = new float[256];
  private int filled;
  private int[] labels = new int[16];
  private int samples;

  /** Steps of each sample that is over. */
  private int[] lengths = new int[16];

  /** Of the longest. */
  private int steps;

  /** Steps so far of the sample being read. */
  private int position;

  /** Whether there has to be a column of classes. */
  private final boolean labelled;

  private CsvSequences(Path file, boolean labelled) {
    this.file = file;
    this.labelled = labelled;
  }

  /**
   * Reads samples whose classes a network is to predict: the column {@code label} may be missing,
   * and they are then given as 0. Throws as {@link #read(Path)}.
   */
  public static SequenceData samples(Path file) throws IOException {
    CsvSequences read = new CsvSequences(file, false).read();
    return read.sequences(read.classes());
  }

  /**
   * Reads a training set.
   *
   * @throws FileFormatException if the table is not as it should be; names the line, what was
   *     expected and what was found
   * @throws IOException if it cannot be read
   */
  public static SequenceSplit read(Path train) throws IOException {
    CsvSequences read = new CsvSequences(train, true).read();
    return new SequenceSplit(read.sequences(read.classes()), null);
  }

  /**
   * Reads a training set and a test set, which have the same columns; as {@link #read(Path)}.
   *
   * @throws FileFormatException also if the two do not agree in steps and channels
   */
  public static SequenceSplit read(Path train, Path test) throws IOException {
    CsvSequences first = new CsvSequences(train, true).read();
    CsvSequences second = new CsvSequences(test, true).read();
    boolean ragged = first.isRagged() || second.isRagged();
    boolean steps = ragged || first.steps == second.steps;
    if (!steps || first.channels.length != second.channels.length) {
      throw new FileFormatException(
          test,
          String.format(
              "expected %d steps of %d channels as in %s, found %d of %d",
              first.steps, first.channels.length, train, second.steps, second.channels.length),
          "Give two tables of the same kind.");
    }
    int classes = Math.max(first.classes(), second.classes());
    return new SequenceSplit(first.sequences(classes), second.sequences(classes));
  }

  private CsvSequences read() throws IOException {
    try (TextTable table = TextTable.commas(file)) {
      header(table.next());
      for (TableRow row = table.next(); row != null; row = table.next()) {
        add(row);
      }
    }
    if (samples == 0) {
      throw new FileFormatException(file, "expected rows of numbers, found none", REMEDY);
    }
    endSample();
    return this;
  }

  private void header(TableRow row) throws FileFormatException {
    List<String> names = row == null ? List.of() : row.texts();
    labelColumn = names.indexOf(LABEL);
    sampleColumn = names.indexOf(SAMPLE);
    stepColumn = names.indexOf(STEP);
    columns = names.size();
    List<Integer> others = new ArrayList<>();
    for (int c = 0; c < columns; c++) {
      if (c != labelColumn && c != sampleColumn && c != stepColumn) {
        others.add(c);
      }
    }
    channels = others.stream().mapToInt(Integer::intValue).toArray();
    boolean halfASequence = stepColumn >= 0 && sampleColumn < 0;
    if ((labelled && labelColumn < 0) || halfASequence || channels.length == 0) {
      throw new FileFormatException(
          file,
          "expected a first line with the column names label, at least one channel and, for"
              + " sequences, sample and step, found "
              + (row == null ? "an empty file" : String.join(",", names)),
          REMEDY);
    }
  }

  private void add(TableRow row) throws FileFormatException {
    row.expect(columns, columns + " fields as in the first line");
    int label = labelColumn < 0 ? 0 : row.integer(labelColumn, "a class", 0, Integer.MAX_VALUE - 1);
    if (stepColumn < 0) {
      beginSample(label);
    } else {
      step(row, label);
    }
    position++;
    if (filled + channels.length > values.length) {
      values = Arrays.copyOf(values, larger(values.length, channels.length));
    }
    for (int column : channels) {
      float value = (float) row.real(column, "the value of a channel");
      if (!Float.isFinite(value)) {
        throw row.problem("expected a number of single precision, found " + row.text(column));
      }
      values[filled++] = value;
    }
  }

  /** Goes on with the sample being read, or to the next, as the row says. */
  private void step(TableRow row, int label) throws FileFormatException {
    int sample = row.integer(sampleColumn, "the number of a sample", 0, Integer.MAX_VALUE);
    int step = row.integer(stepColumn, "the number of a step", 0, Integer.MAX_VALUE);
    if (sample == samples) {
      beginSample(label);
    }
    if (sample != samples - 1) {
      throw row.problem(
          String.format(
              "expected samples numbered from 0 in their order, the next one being %d, found %d",
              samples, sample));
    }
    if (step != position) {
      throw row.problem(
          String.format("expected step %d of sample %d, found %d", position, sample, step));
    }
    if (label != labels[sample]) {
      throw row.problem(
          String.format(
              "expected the label %d as in the rows before of sample %d, found %d",
              labels[sample], sample, label));
    }
  }

  private void beginSample(int label) {
    if (samples > 0) {
      endSample();
    }
    if (samples == labels.length) {
      labels = Arrays.copyOf(labels, larger(samples, 1));
      lengths = Arrays.copyOf(lengths, labels.length);
    }
    labels[samples++] = label;
    position = 0;
  }

  private void endSample() {
    lengths[samples - 1] = position;
    steps = Math.max(steps, position);
  }

  /** Whether samples have different numbers of steps. */
  private boolean isRagged() {
    return Arrays.stream(lengths, 0, samples).anyMatch(length -> length != steps);
  }

  private int classes() {
    return 1 + Arrays.stream(labels, 0, samples).max().orElse(0);
  }

  private ArraySequences sequences(int classes) throws FileFormatException {
    return ArraySequences.of(
        file.getFileName().toString(),
        isRagged() ? padded() : Arrays.copyOf(values, filled),
        steps,
        channels.length,
        isRagged() ? Arrays.copyOf(lengths, samples) : null,
        Arrays.copyOf(labels, samples),
        classes);
  }

  /** With room for as many steps of each sample as the longest has. */
  private float[] padded() throws FileFormatException {
    long count = (long) samples * steps * channels.length;
    if (count > Integer.MAX_VALUE - 8) {
      throw new FileFormatException(
          file,
          String.format(
              "expected at most 2147483639 values with the padding of %d samples to the %d steps of"
                  + " the longest, found %d",
              samples, steps, count),
          "Split the longest samples, or the table.");
    }
    float[] all = new float[(int) count];
    int from = 0;
    for (int i = 0; i < samples; i++) {
      int own = lengths[i] * channels.length;
      System.arraycopy(values, from, all, i * steps * channels.length, own);
      from += own;
    }
    return all;
  }

  private static int larger(int length, int more) {
    return (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(2L * length, (long) length + more));
  }
}
