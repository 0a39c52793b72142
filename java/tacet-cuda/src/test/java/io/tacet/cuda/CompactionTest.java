package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.cuda.internal.Calls;
import io.tacet.cuda.internal.Tacet;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Event compaction through all layers: the pattern of a native operation. */
@Tag("native")
class CompactionTest {

  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void listsActiveUnitsInOrder(Supplier<NativeBackend> open) {
    long openBefore = Leaks.open();
    Random random = new Random(11);
    try (NativeBackend backend = open.get()) {
      for (int units : new int[] {1, 31, 32, 33, 256, 1000, 8193}) {
        for (double density : new double[] {0, 0.03, 1}) {
          check(backend, random, 3, units, density);
        }
      }
    }
    assertThat(Leaks.open()).isEqualTo(openBefore);
  }

  private static void check(
      NativeBackend backend, Random random, int rows, int units, double density) {
    int words = (units + 31) / 32;
    float[] values = new float[rows * units];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextDouble() < density ? (float) random.nextGaussian() : 0;
    }
    try (DeviceArray activity = backend.of(values, rows, units);
        DeviceArray bitmap = backend.allocate(DType.INT32, rows, words);
        DeviceArray events = backend.allocate(DType.INT32, rows, units);
        DeviceArray counts = backend.allocate(DType.INT32, rows)) {
      Calls.check(
          Tacet.tacet_compact(
              backend.context(),
              activity.address(),
              rows,
              units,
              units,
              bitmap.address(),
              events.address(),
              0,
              counts.address(),
              backend.stream()));
      int[] bits = bitmap.toInts();
      int[] listed = events.toInts();
      int[] found = counts.toInts();
      for (int row = 0; row < rows; row++) {
        int first = row * units;
        int word = row * words;
        int[] active =
            IntStream.range(0, units).filter(unit -> values[first + unit] != 0).toArray();
        int[] marked =
            IntStream.range(0, units)
                .filter(unit -> (bits[word + unit / 32] >>> unit % 32 & 1) != 0)
                .toArray();
        assertThat(marked).isEqualTo(active);
        assertThat(found[row]).isEqualTo(active.length);
        assertThat(Arrays.copyOfRange(listed, first, first + active.length)).isEqualTo(active);
      }
    }
  }

  @Test
  void statusesBecomeExceptionsWithTheReason() {
    try (NativeBackend backend = TestBackends.host(HostExecution.DEFAULT)) {
      assertThatThrownBy(
              () -> Calls.check(Tacet.tacet_compact(backend.context(), 0, 1, 0, 0, 0, 0, 0, 0, 0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("tacet_compact: kernel bitmap_kernel: a grid of 0x1x1");
      assertThatThrownBy(() -> Calls.check(Tacet.tacet_compact(0, 0, 1, 1, 1, 0, 0, 0, 0, 0)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("expected a context");
    }
  }
}
