package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NMnistTest {
  @TempDir Path folder;

  /** Events (3, 4, on, 1 ms) and (33, 0, off, 309 ms). */
  private static final byte[] EVENTS = {
    3, 4, (byte) 0x80, 0x03, (byte) 0xe8, 33, 0, 0x04, (byte) 0xb7, 0x08
  };

  private void write(byte[] events) throws IOException {
    Files.writeString(folder.resolve("train1K.txt"), "#sample #class\n17\t5\n");
    Files.write(folder.resolve("17.bs2"), events);
  }

  @Test
  void eventsAreReadWithPolarityPlaceAndTime() throws IOException {
    write(EVENTS);
    SpikeDataset data = NMnist.in(folder).train();
    assertThat(data.labels()).containsExactly(5);
    assertThat(data.times()).containsExactly(1, 309);
    assertThat(data.eventSources()).containsExactly((34 + 4) * 34 + 3, 33);
  }

  @Test
  void intervalsCountEventsPerSource() throws IOException {
    write(EVENTS);
    EventFrames frames = new EventFrames(NMnist.in(folder).train(), 31);
    float[] batch = new float[31 * 2 * NMnist.SOURCES];
    frames.fill(0, batch, 2, 1);
    assertThat(batch[NMnist.SOURCES + (34 + 4) * 34 + 3]).isEqualTo(1);
    assertThat(batch[(30 * 2 + 1) * NMnist.SOURCES + 33]).isEqualTo(1);
    double sum = 0;
    for (float value : batch) {
      sum += value;
    }
    assertThat(sum).isEqualTo(2);
  }

  @Test
  void aFileCutShortIsNamedWithItsOffset() throws IOException {
    for (int length : new int[] {0, 1, 4, 6, 9}) {
      write(Arrays.copyOf(EVENTS, length));
      assertThatExceptionOfType(FileFormatException.class)
          .isThrownBy(() -> NMnist.in(folder).train())
          .withMessageContainingAll("17.bs2", "offset " + length / 5 * 5);
    }
  }

  @Test
  void aPlaceOutsideTheSensorIsNamedWithItsOffset() throws IOException {
    byte[] wrong = EVENTS.clone();
    wrong[5] = 34;
    write(wrong);
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> NMnist.in(folder).train())
        .withMessageContainingAll("17.bs2", "34", "offset 5");
  }

  @Test
  void missingAndDamagedListsAreNamed() throws IOException {
    assertThatExceptionOfType(MissingDataException.class)
        .isThrownBy(() -> NMnist.in(folder).test())
        .withMessageContainingAll("test100.txt", "TACET_DATA", "slayerPytorch");
    Files.writeString(folder.resolve("test100.txt"), "60001 x\n");
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> NMnist.in(folder).test())
        .withMessageContainingAll("test100.txt", "line 1");
    Files.write(folder.resolve("test100.txt"), new byte[] {'#', '\n', (byte) 0xe9, ' ', '1', '\n'});
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> NMnist.in(folder).test())
        .withMessageContainingAll("test100.txt", "UTF-8", "line 2");
  }

  @Test
  void thePublishedSamplesAreRead() throws IOException {
    SpikeDataset data = NMnist.in(DataFolder.of("nmnist_small")).test();
    assertThat(data.size()).isEqualTo(100);
    assertThat(Arrays.copyOf(data.labels(), 3)).containsExactly(7, 2, 1);
    assertThat(data.events()).isGreaterThan(100_000);
  }
}
