package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables, and HDF5 files that h5py wrote by the script spikes.py beside them. */
class SpikeListsTest {
  private static final SpikeLayout FROM_DATA = new SpikeLayout(0, 0, 0);

  @TempDir Path folder;

  static Path resource(String name) {
    try {
      return Path.of(SpikeListsTest.class.getResource(name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private SpikeDataset csv(String spikes, String labels, SpikeLayout layout) throws IOException {
    return SpikeLists.csv(
        Files.writeString(folder.resolve("spikes.csv"), spikes),
        Files.writeString(folder.resolve("labels.csv"), labels),
        layout);
  }

  private static final String LABELS = "label,sample\n2,0\n1,2\n0,1\n";
  private static final String SPIKES = "sample,time_ms,unit\n2,7.5,3\n0,2,1\n0,1.25,0\n2,7.5,2\n";

  @Test
  void spikesOfATableAreSortedBySampleTimeAndUnit() throws IOException {
    SpikeDataset data = csv(SPIKES, LABELS, FROM_DATA);
    assertThat(data.labels()).containsExactly(2, 0, 1);
    assertThat(data.offsets()).containsExactly(0, 2, 2, 4);
    assertThat(data.times()).containsExactly(1.25, 2, 7.5, 7.5);
    assertThat(data.eventSources()).containsExactly(0, 1, 2, 3);
    assertThat(data.sources()).isEqualTo(4);
    assertThat(data.classes()).isEqualTo(3);
    assertThat(data.durationMs()).isEqualTo(7.5);
    assertThat(data.name()).isEqualTo("spikes.csv");
  }

  @Test
  void aLayoutGivesWhatTheSpikesDoNot() throws IOException {
    SpikeDataset data = csv(SPIKES, LABELS, new SpikeLayout(700, 20, 100));
    assertThat(data.sources()).isEqualTo(700);
    assertThat(data.classes()).isEqualTo(20);
    assertThat(data.durationMs()).isEqualTo(100);
    assertThat(SpikeLayout.of(data)).isEqualTo(new SpikeLayout(700, 20, 100));
    assertThat(csv(SPIKES, LABELS, SpikeLayout.sources(9)).sources()).isEqualTo(9);
  }

  @Test
  void withoutLabelsThereAreAsManySamplesAsSpikesTell() throws IOException {
    Path file = Files.writeString(folder.resolve("spikes.csv"), SPIKES);
    SpikeDataset data = SpikeLists.csv(file, new SpikeLayout(4, 3, 0));
    assertThat(data.labels()).containsExactly(0, 0, 0);
    assertThat(data.classes()).isEqualTo(3);
    assertThat(data.offsets()).containsExactly(0, 2, 2, 4);
    Files.writeString(file, "sample,time_ms,unit\n2000000000,1,1\n");
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> SpikeLists.csv(file, FROM_DATA))
        .withMessageContainingAll("spikes.csv", "line 2", "the number of a sample", "2000000000");
  }

  @Test
  void samplesWithoutSpikesAreSamples() throws IOException {
    SpikeDataset data = csv("sample,time_ms,unit\n", "sample,label\n0,0\n", FROM_DATA);
    assertThat(data.size()).isEqualTo(1);
    assertThat(data.events()).isZero();
    assertThat(data.durationMs()).isPositive();
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      value = {
        "3,1,1 => line 2: expected a sample that has a label, from 0 to 2, found \"3\"",
        "0,-1,1 => line 2: expected a time from 0 to 10.0 ms, found -1.0",
        "0,10.5,1 => line 2: expected a time from 0 to 10.0 ms, found 10.5",
        "0,NaN,1 => line 2: expected a time in ms, a finite number, found \"NaN\"",
        "0,1,5 => line 2: expected a unit from 0 to 4, found \"5\"",
        "0,1,-1 => line 2: expected a unit from 0 to 4, found \"-1\"",
        "0,1 => line 2: expected a unit from 0 to 4, found \"\"",
        "x,1,1 => line 2: expected a sample that has a label, from 0 to 2, found \"x\"",
      })
  void rowsOfSpikesThatAreNotAsTheyShouldBeAreNamed(String row, String problem) {
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(
            () -> csv("sample,time_ms,unit\n" + row + "\n", LABELS, new SpikeLayout(5, 0, 10)))
        .withMessageStartingWith(folder.resolve("spikes.csv") + ": " + problem);
  }

  @ParameterizedTest
  @CsvSource(
      delimiterString = "=>",
      value = {
        "0,1;0,1 => line 3: expected each sample once, found sample 0 again",
        "0,1;2,1 => line 3: expected the number of a sample from 0 to 1, found \"2\"",
        "0,3;1,1 => line 2: expected a class from 0 to 2, found \"3\"",
        "0;1,1 => line 2: expected a class from 0 to 2, found \"\"",
      })
  void rowsOfLabelsThatAreNotAsTheyShouldBeAreNamed(String rows, String problem) {
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(
            () ->
                csv(
                    SPIKES,
                    "sample,label\n" + rows.replace(';', '\n') + "\n",
                    new SpikeLayout(0, 3, 0)))
        .withMessageStartingWith(folder.resolve("labels.csv") + ": " + problem);
  }

  @Test
  void aTableWithoutTheColumnsIsRefused() {
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> csv("sample,time,unit\n", LABELS, FROM_DATA))
        .withMessageContaining("the column names sample,time_ms,unit, found \"sample time unit\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"spikes.h5", "spikes-float64.h5"})
  void spikesOfAnHdf5FileComeInMilliseconds(String name) throws IOException {
    SpikeDataset data = SpikeLists.hdf5(resource(name), SpikeLayout.sources(700));
    assertThat(data.labels()).containsExactly(2, 0, 7);
    assertThat(data.offsets()).containsExactly(0, 3, 3, 4);
    assertThat(data.times()).containsExactly(125, 250, 500, 1000);
    assertThat(data.eventSources()).containsExactly(0, 3, 699, 5);
    assertThat(data.classes()).isEqualTo(8);
    assertThat(data.durationMs()).isEqualTo(1000);
  }

  @Test
  void anHdf5FileOfOtherContentsIsNamedWithWhatWasExpected() throws IOException {
    refused("spikes-unequal.h5", FROM_DATA, "expected 3 units of sample 0, as many as times");
    refused("spikes-unlabelled.h5", FROM_DATA, "expected an array labels, found only [spikes]");
    refused(
        "spikes.h5",
        new SpikeLayout(699, 0, 0),
        "expected units from 0 to 698, found 699 of event 1 of sample 0");
    refused(
        "spikes.h5", new SpikeLayout(0, 7, 0), "expected labels from 0 to 6, found 7 of sample");
    refused(
        "spikes.h5", new SpikeLayout(0, 0, 400), "expected times from 0 to 400.0 ms, found 500.0");
    Path text = Files.writeString(folder.resolve("text.h5"), "no HDF5");
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> SpikeLists.hdf5(text, FROM_DATA))
        .withMessageContainingAll("text.h5", "expected an HDF5 file", "layout of SHD");
    assertThatExceptionOfType(NoSuchFileException.class)
        .isThrownBy(() -> SpikeLists.hdf5(folder.resolve("none.h5"), FROM_DATA));
  }

  private static void refused(String name, SpikeLayout layout, String problem) {
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> SpikeLists.hdf5(resource(name), layout))
        .withMessageContainingAll(name + ": " + problem);
  }

  @Test
  void aLayoutOfNegativeOrInfiniteNumbersIsRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new SpikeLayout(-1, 0, 0));
    assertThatIllegalArgumentException().isThrownBy(() -> new SpikeLayout(0, -1, 0));
    for (double duration : new double[] {-1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertThatIllegalArgumentException().isThrownBy(() -> new SpikeLayout(0, 0, duration));
    }
  }
}
