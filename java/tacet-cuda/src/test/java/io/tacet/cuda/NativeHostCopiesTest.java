package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.HostCopies;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("native")
class NativeHostCopiesTest {
  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  static List<Named<Supplier<NativeBackend>>> backends() {
    return TestBackends.all();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void eightSmallArraysAreWaitedForOnce(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get();
        Resources made = new Resources()) {
      List<DeviceArray> arrays = new ArrayList<>();
      for (int k = 0; k < 8; k++) {
        arrays.add(made.own(backend.of(new int[] {k, -k})));
      }
      HostCopies.of(arrays);
      RuntimeCounts before = RuntimeCounts.now();
      HostCopies copies = HostCopies.of(arrays);
      assertThat(RuntimeCounts.now().minus(before)).isEqualTo(new RuntimeCounts(0, 0, 0, 0, 8, 1));
      for (int k = 0; k < 8; k++) {
        assertThat(copies.ints(arrays.get(k))).containsExactly(k, -k);
      }
    }
  }

  /** More than there are buffers, some of them larger than a buffer. */
  @ParameterizedTest
  @MethodSource("backends")
  void anyNumberOfArraysOfAnyLengthIsCopied(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get();
        Resources made = new Resources()) {
      List<DeviceArray> arrays = new ArrayList<>();
      for (int k = 0; k < 40; k++) {
        int length = k % 7 == 0 ? 200_000 : 1 + k;
        int[] values = IntStream.range(k, k + length).toArray();
        arrays.add(made.own(backend.allocate(DType.INT32, length)).copyFrom(values));
      }
      HostCopies copies = HostCopies.of(arrays);
      for (int k = 0; k < 40; k++) {
        int length = k % 7 == 0 ? 200_000 : 1 + k;
        assertThat(copies.ints(arrays.get(k))).isEqualTo(IntStream.range(k, k + length).toArray());
      }
    }
  }
}
