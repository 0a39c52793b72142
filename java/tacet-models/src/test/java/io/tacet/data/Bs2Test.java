package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Bs2Test {
  @TempDir Path folder;

  private static List<long[]> events(Path file, int side) throws IOException {
    List<long[]> all = new ArrayList<>();
    Bs2.read(file, side, (micros, x, y, on) -> all.add(new long[] {micros, x, y, on ? 1 : 0}));
    return all;
  }

  @Test
  void recordingsOfALargerCameraAreRead() throws IOException {
    Path file = DataFolder.of("dvsgesture").resolve("1.bs2");
    List<long[]> all = events(file, 128);
    assertThat(all).hasSize(63471);
    assertThat(all.stream().mapToLong(e -> e[0]).max()).hasValue(1_449_996);
    assertThat(all.stream().mapToLong(e -> e[1]).max()).hasValue(127);
    assertThat(all.stream().mapToLong(e -> e[2]).max()).hasValue(127);
    assertThat(all.stream().mapToLong(e -> e[3]).sum()).isEqualTo(32164);
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> events(file, 34))
        .withMessageContainingAll("1.bs2", "below 34", "34 x 34");
  }

  @Test
  void theTimeHas23BitsAndThePolarityOne() throws IOException {
    Path file = folder.resolve("last.bs2");
    Files.write(file, new byte[] {(byte) 255, 0, 0x7f, (byte) 0xff, (byte) 0xff});
    assertThatExceptionOfType(FileFormatException.class)
        .isThrownBy(() -> events(file, 240))
        .withMessageContaining("found 255 and 0 at offset 0");
    Files.write(file, new byte[] {(byte) 239, 0, 0x7f, (byte) 0xff, (byte) 0xff});
    assertThat(events(file, 240)).containsExactly(new long[] {(1 << 23) - 1, 239, 0, 0});
  }

  private Path write(int... bytes) throws IOException {
    byte[] content = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      content[i] = (byte) bytes[i];
    }
    return Files.write(folder.resolve("events.bs2"), content);
  }

  @Test
  void anOverflowOfTheClockAddsToTheTimesAfterIt() throws IOException {
    Path file =
        write(0x01, 0x01, 0x80, 0x00, 0x0A, 0x00, 0xF0, 0x00, 0x00, 0x00, 0x02, 0x02, 0, 0, 0x14);
    assertThat(events(file, 34))
        .containsExactly(new long[] {10, 1, 1, 1}, new long[] {8212, 2, 2, 0});
  }

  @Test
  void overflowsAddUpAndAreNoEvents() throws IOException {
    Path file = write(9, 0xF0, 1, 2, 3, 9, 0xF0, 0x80, 0, 0, 2, 2, 0, 0, 0x14, 0, 0xF0, 0, 0, 0);
    assertThat(events(file, 34)).containsExactly(new long[] {2 * 8192 + 20, 2, 2, 0});
  }

  @Test
  void aTimeThatBeginsAtZeroAgainAfter23BitsGoesOn() throws IOException {
    Path file =
        write(1, 1, 0x7f, 0xff, 0xf0, 1, 1, 0x00, 0x00, 0x08, 1, 1, 0x7f, 0, 0, 2, 2, 0x00, 0, 1);
    assertThat(events(file, 34).stream().mapToLong(e -> e[0]))
        .containsExactly(
            (1L << 23) - 16, (1L << 23) + 8, (1L << 23) + (0x7f << 16), 2 * (1L << 23) + 1);
  }

  @Test
  void timesThatAreALittleOutOfOrderStayAsTheyAre() throws IOException {
    Path file = write(1, 1, 0x10, 0, 0, 1, 1, 0x0f, 0xff, 0xff);
    assertThat(events(file, 34).stream().mapToLong(e -> e[0])).containsExactly(0x100000L, 0xfffffL);
  }

  @Test
  void aFileCutShortIsNamedWithItsOffset() throws IOException {
    Path file = folder.resolve("cut.bs2");
    byte[] whole = new byte[15];
    for (int length : new int[] {0, 1, 4, 7, 14}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatExceptionOfType(FileFormatException.class)
          .isThrownBy(() -> events(file, 128))
          .withMessageContainingAll("cut.bs2", "cut short", "offset " + length / 5 * 5);
    }
  }
}
