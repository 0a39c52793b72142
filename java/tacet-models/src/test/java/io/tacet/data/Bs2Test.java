package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

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
    assertThatExceptionOfType(DataFormatException.class)
        .isThrownBy(() -> events(file, 34))
        .withMessageContainingAll("1.bs2", "below 34", "34 x 34");
  }

  @Test
  void theTimeHas23BitsAndThePolarityOne() throws IOException {
    Path file = folder.resolve("last.bs2");
    Files.write(file, new byte[] {(byte) 255, 0, 0x7f, (byte) 0xff, (byte) 0xff});
    assertThat(events(file, 256)).containsExactly(new long[] {(1 << 23) - 1, 255, 0, 0});
  }

  @Test
  void aFileCutShortIsNamedWithItsOffset() throws IOException {
    Path file = folder.resolve("cut.bs2");
    byte[] whole = new byte[15];
    for (int length : new int[] {0, 1, 4, 7, 14}) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatExceptionOfType(DataFormatException.class)
          .isThrownBy(() -> events(file, 128))
          .withMessageContainingAll("cut.bs2", "cut short", "offset " + length / 5 * 5);
    }
  }
}
