package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.airlift.compress.zstd.ZstdOutputStream;
import io.tacet.files.FileFormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Aedat4Test {
  private static final int COMPRESSION_AT = Aedat4Files.VERSION.length() + 4 + 24;

  @TempDir Path folder;

  private static long[][] events(int count) {
    return events(count, 1);
  }

  /** Events of which so many in a row are the same. */
  private static long[][] events(int count, int alike) {
    Random random = new Random(4);
    long[][] events = new long[count][];
    for (int e = 0; e < count; e++) {
      events[e] =
          e % alike > 0
              ? events[e - 1]
              : new long[] {
                random.nextInt(320),
                random.nextInt(240),
                random.nextInt(2),
                1_605_537_493_718_345L + e
              };
    }
    return events;
  }

  private static List<long[]> read(Path file) throws IOException {
    List<long[]> found = new ArrayList<>();
    Aedat4.read(file, (micros, x, y, on) -> found.add(new long[] {x, y, on ? 1 : 0, micros}));
    return found;
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("recording.aedat4"), bytes);
  }

  /** Of all events, one after the other, each four. */
  private static long[] numbers(List<long[]> events) {
    return events.stream().flatMapToLong(Arrays::stream).toArray();
  }

  @ParameterizedTest
  @ValueSource(ints = {Aedat4Files.NONE, Aedat4Files.LZ4, Aedat4Files.ZSTD})
  void eventsOfEveryCompressionAreReadInOrder(int compression) throws IOException {
    for (boolean closed : new boolean[] {true, false}) {
      // A packet of the first file is more than a block of LZ4, whose writer takes time that grows
      // with the square of the number of events that differ.
      long[][] events = closed ? events(8_400, 32) : events(100);
      List<long[]> found = read(write(Aedat4Files.recording(compression, closed, events)));
      assertThat(numbers(found)).isEqualTo(numbers(List.of(events)));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Aedat4Files.NONE, Aedat4Files.LZ4, Aedat4Files.ZSTD})
  void aRecordingCutShortIsNamedWithTheOffset(int compression) throws IOException {
    byte[] whole = Aedat4Files.recording(compression, true, events(9));
    int table = ByteBuffer.wrap(whole).order(ByteOrder.LITTLE_ENDIAN).getInt(COMPRESSION_AT + 4);
    for (int length = 0; length < table; length++) {
      Path file = write(Arrays.copyOf(whole, length));
      assertThatExceptionOfType(FileFormatException.class)
          .as("length %d", length)
          .isThrownBy(() -> read(file))
          .withMessageContainingAll("recording.aedat4", "offset", "expected");
    }
  }

  @Test
  void aRecordingThatWasNotClosedEndsBetweenPackets() throws IOException {
    byte[] whole = Aedat4Files.recording(Aedat4Files.NONE, false, events(4));
    int last = 8 + 4 + 28 + 2 * 16;
    assertThat(read(write(Arrays.copyOf(whole, whole.length - last)))).hasSize(2);
    Path file = write(Arrays.copyOf(whole, whole.length - 1));
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> read(file))
        .withMessageContainingAll("cut short", "offset " + (whole.length - last + 8), "found 63");
  }

  @Test
  void anotherBeginningIsNamedWithWhatWasExpected() throws IOException {
    byte[] bytes = Aedat4Files.recording(Aedat4Files.LZ4, true, events(3));
    bytes[9] = '5';
    Path file = write(bytes);
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> read(file))
        .withMessageContainingAll("recording.aedat4", "#!AER-DAT4.0", "offset 0", "Give");
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> Aedat.read(file, (micros, x, y, on) -> {}))
        .withMessageContainingAll("recording.aedat4", "#!AER-DAT3. or #!AER-DAT4.0", "Give");
  }

  @Test
  void anUnknownCompressionIsNamedWithTheKnownOnes() throws IOException {
    byte[] bytes = Aedat4Files.recording(Aedat4Files.LZ4, true, events(3));
    bytes[COMPRESSION_AT] = 9;
    Path file = write(bytes);
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> read(file))
        .withMessageContainingAll("recording.aedat4", "LZ4", "Zstandard", "found 9", "Save");
  }

  @ParameterizedTest
  @ValueSource(ints = {Aedat4Files.NONE, Aedat4Files.LZ4, Aedat4Files.ZSTD})
  void damageIsNamedOrHarmless(int compression) throws IOException {
    byte[] whole = Aedat4Files.recording(compression, true, events(40));
    Random random = new Random(1);
    int refused = 0;
    for (int at = 0; at < whole.length; at++) {
      byte[] bytes = whole.clone();
      bytes[at] ^= (byte) (1 + random.nextInt(255));
      Path file = write(bytes);
      try {
        assertThat(read(file)).hasSizeLessThanOrEqualTo(200);
      } catch (FileFormatException e) {
        assertThat(e).hasMessageContainingAll("recording.aedat4", "offset");
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(60);
  }

  @Test
  void thePublishedSampleIsRead() throws IOException {
    // The table of packets in the file says so too; it has 475 inertial measurements besides.
    List<long[]> found = read(DataFolder.of("tonic_samples").resolve("sample.aedat4"));
    assertThat(found).hasSize(111_954);
    assertThat(found.get(0)).containsExactly(154, 204, 0, 1_605_537_493_718_345L);
    for (int e = 1; e < found.size(); e++) {
      long[] event = found.get(e);
      assertThat(event[3]).isGreaterThanOrEqualTo(found.get(e - 1)[3]);
      assertThat(event[0] < 320 && event[1] < 240).as("event %d", e).isTrue();
    }
  }

  @Test
  void aPacketThatGrowsOutOfProportionIsRefused() throws IOException {
    byte[] file = Aedat4Files.recording(Aedat4Files.ZSTD, false, events(2));
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream zeros = new ZstdOutputStream(packed)) {
      for (int k = 0; k < 64; k++) {
        zeros.write(new byte[1 << 20]);
      }
    }
    ByteBuffer all =
        ByteBuffer.allocate(file.length + 8 + packed.size()).order(ByteOrder.LITTLE_ENDIAN);
    all.put(file).putInt(0).putInt(packed.size()).put(packed.toByteArray());
    assertThatThrownBy(() -> read(write(all.array())))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContainingAll("packet at offset " + (file.length + 8), "become more than");
  }
}
