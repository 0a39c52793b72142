package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.Npz;
import io.tacet.checkpoint.TypedArray;
import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Sequences of the user's own, from arrays, .npz files and tables. */
class OwnSequencesTest {
  private static final float[] VALUES = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};

  @TempDir Path folder;

  private static float[] filled(SequenceData data, int sample) {
    float[] into = new float[data.steps() * 2 * data.channels()];
    data.fill(sample, into, 2, 1);
    float[] own = new float[data.steps() * data.channels()];
    for (int i = 0; i < own.length; i++) {
      int step = i / data.channels();
      own[i] = into[(step * 2 + 1) * data.channels() + i % data.channels()];
      assertThat(into[step * 2 * data.channels() + i % data.channels()]).isZero();
    }
    return own;
  }

  @Test
  void anArrayFillsBatches() {
    ArraySequences data = ArraySequences.of("own", VALUES, 3, 2, new int[] {1, 0}, 2);
    assertThat(data.size()).isEqualTo(2);
    assertThat(data.label(0)).isEqualTo(1);
    assertThat(filled(data, 1)).containsExactly(7, 8, 9, 10, 11, 12);
  }

  @Test
  void samplesToPredictNeedNoLabels() throws IOException {
    Path file = folder.resolve("new.npz");
    Npz.write(file, NamedArrays.of(Map.of("x", TypedArray.of(VALUES, 2, 3, 2))));
    SequenceData read = NpzSequences.samples(file);
    assertThat(filled(read, 1)).containsExactly(7, 8, 9, 10, 11, 12);
    assertThat(read.label(1)).isZero();
    Npz.write(file, NamedArrays.of(Map.of("x", TypedArray.of(new float[0], 0, 3, 2))));
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> NpzSequences.samples(file))
        .withMessageContainingAll("new.npz", "at least one sample");
    Path table = Files.writeString(folder.resolve("new.csv"), "a,b\n1,2\n3,4\n");
    assertThat(filled(CsvSequences.samples(table), 1)).containsExactly(3, 4);
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> CsvSequences.read(table))
        .withMessageContainingAll("new.csv", "label");
    Files.writeString(table, "a,label\n1,2\n3,1\n");
    assertThat(CsvSequences.samples(table).label(0)).isEqualTo(2);
  }

  @Test
  void anArrayThatDoesNotFitIsRefused() {
    int[] labels = {1, 0};
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArraySequences.of("own", VALUES, 4, 2, labels, 2))
        .withMessageContaining("expected 2 samples x 4 steps x 2 channels");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArraySequences.of("own", VALUES, 3, 2, labels, 1))
        .withMessageContaining("expected a class in [0, 1) for sample 0, got 1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArraySequences.of("own", new float[0], 0, 2, new int[0], 1));
    float[] bad = VALUES.clone();
    bad[9] = Float.NaN;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ArraySequences.of("own", bad, 3, 2, labels, 2))
        .withMessageContaining("got NaN in sample 1, step 1, channel 1");
  }

  private final Map<String, TypedArray> arrays = new LinkedHashMap<>();

  private Path npz() throws IOException {
    Path file = folder.resolve("data.npz");
    Npz.write(file, NamedArrays.of(arrays));
    return file;
  }

  private void refusedNpz(String problem) throws IOException {
    Path file = npz();
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> NpzSequences.read(file))
        .withMessageStartingWith(file + ": " + problem);
  }

  @Test
  void sequencesOfAnNpzFileHaveATestSetIfItsArraysAreThere() throws IOException {
    arrays.put("x", TypedArray.of(VALUES, 2, 3, 2));
    arrays.put("y", TypedArray.of(new long[] {1, 0}));
    SequenceSplit split = NpzSequences.read(npz());
    assertThat(split.hasTest()).isFalse();
    assertThat(split.train().steps()).isEqualTo(3);
    assertThat(split.train().channels()).isEqualTo(2);
    assertThat(split.train().classes()).isEqualTo(2);
    assertThat(filled(split.train(), 0)).containsExactly(1, 2, 3, 4, 5, 6);

    arrays.put("x_test", TypedArray.of(new double[] {1, 2, 3, 4, 5, 6}, 1, 3, 2));
    arrays.put("y_test", TypedArray.of(new int[] {4}));
    split = NpzSequences.read(npz());
    assertThat(split.hasTest()).isTrue();
    assertThat(split.train().classes()).isEqualTo(5);
    assertThat(split.test().classes()).isEqualTo(5);
    assertThat(split.test().label(0)).isEqualTo(4);
    assertThat(split.test().name()).isEqualTo("data.npz x_test");
  }

  @Test
  void pointsOfAnNpzFileAreSequencesOfOneStep() throws IOException {
    arrays.put("x", TypedArray.of(VALUES, 4, 3));
    arrays.put("y", TypedArray.of(new int[] {0, 1, 0, 1}));
    SequenceData data = NpzSequences.read(npz()).train();
    assertThat(data.steps()).isEqualTo(1);
    assertThat(filled(data, 3)).containsExactly(10, 11, 12);
  }

  @Test
  void arraysOfAnNpzFileThatAreNotAsTheyShouldBeAreNamed() throws IOException {
    arrays.put("x", TypedArray.of(VALUES, 12));
    refusedNpz("no array \"y\"; there is [x]");
    arrays.put("y", TypedArray.of(new float[] {0, 1}));
    refusedNpz("expected \"y\" to have integers, found FLOAT32");
    arrays.put("y", TypedArray.of(new int[] {0, -1}));
    refusedNpz("expected \"y\" to have integers from 0 to 2147483646, found -1 at index 1");
    arrays.put("y", TypedArray.of(new int[] {0, 1}, 1, 2));
    refusedNpz("expected \"y\" to have a class for each of at least one sample, found [1, 2]");
    arrays.put("y", TypedArray.of(new int[] {0, 1}));
    refusedNpz("expected \"x\" to have 2 or 3 dimensions, found the shape [12]");
    arrays.put("x", TypedArray.of(VALUES, 3, 2, 2));
    refusedNpz("expected \"x\" to have 2 samples, as many as there are labels, found [3, 2, 2]");
    float[] bad = VALUES.clone();
    bad[7] = Float.NEGATIVE_INFINITY;
    arrays.put("x", TypedArray.of(bad, 2, 3, 2));
    refusedNpz(
        "expected finite numbers of single precision in \"x\", found -Infinity in sample 1, step 0,"
            + " channel 1");
    arrays.put("x", TypedArray.of(VALUES, 2, 3, 2));
    arrays.put("x_test", TypedArray.of(VALUES, 2, 2, 3));
    refusedNpz("no array \"y_test\"");
    arrays.put("y_test", TypedArray.of(new int[] {0, 1}));
    refusedNpz("expected \"x_test\" to have 3 steps and 2 channels as x, found 2 and 3");
    arrays.put("lengths", TypedArray.of(new int[] {2, 4}));
    refusedNpz("expected \"lengths\" to have integers from 1 to 3, found 4 at index 1");
    arrays.put("lengths", TypedArray.of(new int[] {2}));
    refusedNpz("expected \"lengths\" to have a number of steps for each of 2 samples, found [1]");
  }

  @Test
  void samplesOfAnNpzFileHaveLengths() throws IOException {
    float[] padded = VALUES.clone();
    padded[4] = Float.NaN;
    arrays.put("x", TypedArray.of(padded, 2, 3, 2));
    arrays.put("y", TypedArray.of(new int[] {0, 1}));
    arrays.put("lengths", TypedArray.of(new long[] {2, 3}));
    arrays.put("x_test", TypedArray.of(VALUES, 3, 2, 2));
    arrays.put("y_test", TypedArray.of(new int[] {0, 1, 1}));
    SequenceSplit split = NpzSequences.read(npz());
    assertThat(split.train().length(0)).isEqualTo(2);
    assertThat(split.train().length(1)).isEqualTo(3);
    assertThat(filled(split.train(), 0)).containsExactly(1, 2, 3, 4, 0, 0);
    assertThat(split.test().steps()).isEqualTo(2);
    assertThat(split.test().length(2)).isEqualTo(2);

    arrays.remove("y");
    arrays.remove("x_test");
    arrays.remove("y_test");
    assertThat(NpzSequences.samples(npz()).length(0)).isEqualTo(2);
    float[] goals = {1, 2, Float.NaN, 3, 4, 5};
    arrays.put("targets", TypedArray.of(goals, 2, 3, 1));
    SequenceData targets = NpzSequences.read(npz()).train();
    assertThat(targets.length(0)).isEqualTo(2);
    arrays.put("lengths", TypedArray.of(new long[] {3, 3}));
    refusedNpz(
        "expected finite numbers of single precision in \"x\", found NaN in sample 0, step 2");
  }

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text.replace(';', '\n'));
  }

  @Test
  void sequencesOfATableAreRowsOfSteps() throws IOException {
    Path file = write("a.csv", "sample,step,l,r,label;0,0,1,2,2;0,1,3,4,2;1,0,5,6,0;1,1,7,8,0;");
    SequenceSplit split = CsvSequences.read(file);
    assertThat(split.hasTest()).isFalse();
    SequenceData data = split.train();
    assertThat(data.size()).isEqualTo(2);
    assertThat(data.steps()).isEqualTo(2);
    assertThat(data.channels()).isEqualTo(2);
    assertThat(data.classes()).isEqualTo(3);
    assertThat(data.label(0)).isEqualTo(2);
    assertThat(filled(data, 1)).containsExactly(5, 6, 7, 8);
  }

  @Test
  void pointsOfATableAreRows() throws IOException {
    StringBuilder rows = new StringBuilder("label,x,y,sample\n");
    for (int i = 0; i < 100; i++) {
      rows.append(i % 3).append(",0.5,").append(i).append(",p").append(i).append('\n');
    }
    Path train = write("train.csv", rows.toString());
    Path test = write("test.csv", "label,x,y;7,1,2;");
    SequenceSplit split = CsvSequences.read(train, test);
    assertThat(split.train().size()).isEqualTo(100);
    assertThat(split.train().classes()).isEqualTo(8);
    assertThat(split.test().classes()).isEqualTo(8);
    assertThat(filled(split.train(), 99)).containsExactly(0.5f, 99);
    Path other = write("other.csv", "label,x;7,1;");
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> CsvSequences.read(train, other))
        .withMessageStartingWith(other + ": expected 1 steps of 2 channels as in " + train);
  }

  @Test
  void samplesOfATableHaveDifferentLengths() throws IOException {
    Path file =
        write("a.csv", "sample,step,x,label;0,0,1,0;1,0,2,1;1,1,3,1;1,2,4,1;2,0,5,0;2,1,6,0;");
    SequenceSplit split = CsvSequences.read(file, write("b.csv", "sample,step,x,label;0,0,7,0;"));
    SequenceData data = split.train();
    assertThat(data.steps()).isEqualTo(3);
    assertThat(data.length(0)).isEqualTo(1);
    assertThat(data.length(1)).isEqualTo(3);
    assertThat(data.length(2)).isEqualTo(2);
    assertThat(filled(data, 0)).containsExactly(1, 0, 0);
    assertThat(filled(data, 1)).containsExactly(2, 3, 4);
    assertThat(filled(data, 2)).containsExactly(5, 6, 0);
    assertThat(split.test().steps()).isEqualTo(1);
    SequenceData last = data.select("last", new int[] {2});
    assertThat(last.length(0)).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      value = {
        "x,y => expected a first line with the column names label",
        "label => expected a first line with the column names label, at least one channel",
        "step,x,label => expected a first line with the column names label",
        "sample,step,x,label => expected rows of numbers, found none",
        "x,label;1 => line 2: expected 2 fields as in the first line, found \"1\"",
        "x,label;a,1 => line 2: expected the value of a channel, a finite number, found \"a\"",
        "x,label;1e39,1 => line 2: expected a number of single precision, found 1e39",
        "x,label;1,-1 => line 2: expected a class from 0",
        "x,label;1,1.0 => line 2: expected a class from 0",
        "sample,step,x,label;1,0,1,0 => line 2: expected samples numbered from 0 in their order,"
            + " the next one being 0, found 1",
        "sample,step,x,label;0,0,1,0;2,0,1,0 => line 3: expected samples numbered from 0 in their"
            + " order, the next one being 1, found 2",
        "sample,step,x,label;0,1,1,0 => line 2: expected step 0 of sample 0, found 1",
        "sample,step,x,label;0,0,1,0;0,2,1,0 => line 3: expected step 1 of sample 0, found 2",
        "sample,step,x,label;0,0,1,0;0,1,1,1 => line 3: expected the label 0 as in the rows before",
      })
  void tablesThatAreNotAsTheyShouldBeAreNamedWithTheirLine(String rows, String problem)
      throws IOException {
    Path file = write("bad.csv", rows);
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> CsvSequences.read(file))
        .withMessageStartingWith(file + ": " + problem);
  }
}
