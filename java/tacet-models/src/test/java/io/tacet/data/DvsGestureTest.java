package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DvsGestureTest {
  private static final String HEADER = "#!AER-DAT3.1\r\n#Format: RAW\r\n#!END-HEADER\r\n";

  @TempDir Path folder;

  /** A packet of another kind, then polarity events: {x, y, on, valid, microseconds}. */
  private static byte[] recording(int[]... events) {
    byte[] header = HEADER.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer out =
        ByteBuffer.allocate(header.length + 2 * 28 + 36 + 8 * events.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    out.put(header);
    packet(out, 2, 36, 1).put(new byte[36]);
    packet(out, 1, 8, events.length);
    for (int[] e : events) {
      out.putInt(e[0] << 17 | e[1] << 2 | e[2] << 1 | e[3]).putInt(e[4]);
    }
    return out.array();
  }

  private static ByteBuffer packet(ByteBuffer out, int type, int size, int number) {
    out.putShort((short) type).putShort((short) 0).putInt(size).putInt(4).putInt(0);
    return out.putInt(number).putInt(number).putInt(number);
  }

  private static byte[] example() {
    return recording(
        new int[] {127, 9, 1, 1, 2_001_000},
        new int[] {127, 8, 1, 1, 2_003_000},
        new int[] {0, 0, 0, 1, 2_500_000},
        new int[] {5, 5, 0, 0, 2_500_000},
        new int[] {5, 5, 0, 1, 9_000_000});
  }

  @BeforeEach
  void writeTables() throws IOException {
    Files.writeString(folder.resolve("trials_to_train.txt"), "user01_led.aedat\n");
    Files.writeString(
        folder.resolve("user01_led_labels.csv"),
        "class,startTime_usec,endTime_usec\n3,2000000,4000000\n11,8000000,8500000\n");
  }

  @Test
  void gesturesAreCutOutPooledAndThinned() throws IOException {
    Files.write(folder.resolve("user01_led.aedat"), example());
    SpikeDataset data = DvsGesture.in(folder).train();
    assertThat(data.labels()).containsExactly(2, 10);
    assertThat(data.offsets()).containsExactly(0, 2, 2);
    assertThat(data.times()).containsExactly(0, 500);
    assertThat(data.eventSources()).containsExactly((32 + 2) * 32 + 31, 0);
  }

  @Test
  void recordingsInAedat4TakeTheirPlace() throws IOException {
    Files.write(folder.resolve("user01_led.aedat"), example());
    SpikeDataset older = DvsGesture.in(folder).train();
    Files.delete(folder.resolve("user01_led.aedat"));
    Files.write(
        folder.resolve("user01_led.aedat4"),
        Aedat4Files.recording(
            Aedat4Files.LZ4,
            true,
            new long[] {127, 9, 1, 2_001_000},
            new long[] {127, 8, 1, 2_003_000},
            new long[] {0, 0, 0, 2_500_000},
            new long[] {5, 5, 0, 9_000_000}));
    for (String name : new String[] {"user01_led.aedat", "user01_led.aedat4"}) {
      Files.writeString(folder.resolve("trials_to_train.txt"), name + "\n");
      SpikeDataset newer = DvsGesture.in(folder).train();
      assertThat(newer.labels()).isEqualTo(older.labels());
      assertThat(newer.offsets()).isEqualTo(older.offsets());
      assertThat(newer.times()).isEqualTo(older.times());
      assertThat(newer.eventSources()).isEqualTo(older.eventSources());
    }
  }

  @Test
  void aRecordingCutShortIsNamedWithTheOffset() throws IOException {
    byte[] whole = example();
    int packets = HEADER.length();
    for (int length = 0; length < whole.length; length++) {
      if (length == packets || length == packets + 28 + 36) {
        continue; // between packets nothing is missing
      }
      Files.write(folder.resolve("user01_led.aedat"), Arrays.copyOf(whole, length));
      assertThatExceptionOfType(FileFormatException.class)
          .as("length %d", length)
          .isThrownBy(() -> DvsGesture.in(folder).train())
          .withMessageContainingAll("user01_led.aedat", "offset");
    }
  }

  @Test
  void aDamagedPacketIsNamedWithItsOffset() throws IOException {
    byte[] bytes = example();
    bytes[HEADER.length() + 7] = (byte) 0x80;
    Files.write(folder.resolve("user01_led.aedat"), bytes);
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> DvsGesture.in(folder).train())
        .withMessageContainingAll("damaged", "offset " + HEADER.length());
  }

  @Test
  void missingFilesAndDamagedTablesAreNamed() throws IOException {
    assertThatExceptionOfType(MissingDataException.class)
        .isThrownBy(() -> DvsGesture.in(folder).train())
        .withMessageContainingAll("user01_led.aedat", "TACET_DATA");
    Files.write(folder.resolve("user01_led.aedat"), example());
    Files.writeString(folder.resolve("user01_led_labels.csv"), "class\n12,0,1\n");
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> DvsGesture.in(folder).train())
        .withMessageContainingAll(
            "user01_led_labels.csv", "line 2", "a class from 1 to 11", "\"12\"");
  }

  @Test
  void textTablesThatAreNotUtf8OrNameNoFileAreReportedWithTheirLine() throws IOException {
    Path trials = folder.resolve("trials_to_train.txt");
    Path labels = folder.resolve("user01_led_labels.csv");
    Files.write(folder.resolve("user01_led.aedat"), example());
    Files.write(labels, new byte[] {'c', '\n', '3', ',', '0', ',', (byte) 0xb5, '\n'});
    refused("_labels.csv: expected text in UTF-8, found the byte 0xb5 in line 2, at offset 6");
    Files.writeString(labels, "c\n3,2000000\n");
    refused(
        "_labels.csv: line 2: expected class, start and end in microseconds, found \"3 2000000");
    Files.writeString(labels, "c\n3,2,\"9\n");
    refused("line 2");
    Files.write(trials, new byte[] {'\n', (byte) 0xff, '\n'});
    refused("trials_to_train.txt: expected text in UTF-8, found the byte 0xff in line 2");
    Files.writeString(trials, "a\u0000b.aedat\n");
    refused(
        "trials_to_train.txt: line 1: expected the name of a recording, found \"a\\u0000b.aedat");
  }

  @ParameterizedTest
  @ValueSource(strings = {"../user01_led.aedat", "/user01_led.aedat"})
  void aListNamesNoFilesOutsideTheFolder(String name) throws IOException {
    Path inside = Files.createDirectory(folder.resolve("DvsGesture"));
    Files.write(folder.resolve("user01_led.aedat"), example());
    Files.writeString(inside.resolve("trials_to_train.txt"), name + "\n");
    refused(
        "trials_to_train.txt: line 1: expected the name of a recording in the folder " + inside);
  }

  private void refused(String message) {
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> DvsGesture.in(folder).train())
        .withMessageContaining(message);
  }

  @Test
  void timesGoOnAfterAnOverflowOfTheClock() throws IOException {
    byte[] bytes = recording(new int[] {1, 2, 1, 1, 5});
    int packet = bytes.length - 8 - 28;
    ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(packet + 12, 1);
    Path file = Files.write(folder.resolve("late.aedat"), bytes);
    List<Long> times = new ArrayList<>();
    Aedat.read(file, (micros, x, y, on) -> times.add(micros));
    assertThat(times).containsExactly((1L << 31) + 5);
    data.putInt(packet + 28 + 4, -1);
    Files.write(file, bytes);
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> Aedat.read(file, (micros, x, y, on) -> {}))
        .withMessageContaining("expected a time of 0 us or later, found -1 at offset");
  }

  @Test
  void gesturesInFilesOfTheirOwnAreReadWithAListOfLabels() throws IOException {
    Files.delete(folder.resolve("trials_to_train.txt"));
    // (127, 9, on, 1 ms), the same pooled pixel 2 ms later, (0, 0, off, 500 ms).
    byte[] events = {
      127,
      9,
      (byte) 0x80,
      0x03,
      (byte) 0xe8,
      127,
      8,
      (byte) 0x80,
      0x0b,
      (byte) 0xb8,
      0,
      0,
      7,
      (byte) 0xa1,
      0x20
    };
    Files.write(folder.resolve("7.bs2"), events);
    Files.writeString(folder.resolve("train.txt"), "#sample #class\n7 10\n");
    SpikeDataset data = DvsGesture.in(folder).train();
    assertThat(data.labels()).containsExactly(10);
    assertThat(data.times()).containsExactly(0, 500);
    assertThat(data.eventSources()).containsExactly((32 + 2) * 32 + 31, 0);

    events[5] = (byte) 128;
    Files.write(folder.resolve("7.bs2"), events);
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> DvsGesture.in(folder).train())
        .withMessageContainingAll("7.bs2", "below 128", "128", "offset 5");
    Files.writeString(folder.resolve("train.txt"), "7 11\n");
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> DvsGesture.in(folder).train())
        .withMessageContainingAll("train.txt", "from 0 to 10", "line 1");
  }

  @Test
  void realRecordingsWithoutLabelsSayWhatIsMissing() {
    Path real = DataFolder.of("dvsgesture");
    assertThatExceptionOfType(MissingDataException.class)
        .isThrownBy(() -> DvsGesture.in(real).train())
        .withMessageContainingAll("train.txt", "carry no labels", "NUMBER CLASS");
  }

  @Test
  void realRecordingsBecomeFramesOnceTheyHaveLabels() throws IOException {
    Path real = DataFolder.of("dvsgesture");
    for (String name : new String[] {"1.bs2", "5.bs2"}) {
      Files.copy(real.resolve(name), folder.resolve(name));
    }
    Files.writeString(folder.resolve("test.txt"), "5 3\n1 0\n");
    SpikeDataset data = DvsGesture.in(folder).test();
    assertThat(data.labels()).containsExactly(3, 0);
    // The second half of the longer recording is there, too, and it lasts 1450 ms.
    assertThat(data.time(data.end(0) - 1)).isEqualTo(1445);
    EventFrames frames = new EventFrames(data, 60);
    float[] batch = new float[60 * DvsGesture.SOURCES];
    frames.fill(1, batch, 1, 0);
    int used = 0;
    for (int t = 0; t < 60; t++) {
      float sum = 0;
      for (int c = 0; c < DvsGesture.SOURCES; c++) {
        sum += batch[t * DvsGesture.SOURCES + c];
      }
      used += sum > 0 ? 1 : 0;
    }
    assertThat(used).isBetween(56, 58);
  }
}
