package io.tacet.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.HostCopies;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
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

  /** Between the first two there is space that belongs to neither. */
  @ParameterizedTest
  @MethodSource("backends")
  void neighboursAreCopiedAtOnce(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get();
        Resources made = new Resources()) {
      List<DeviceArray> arrays =
          backend.allocateTogether(
              List.of(DType.INT32, DType.FLOAT32, DType.UINT16, DType.INT32),
              new long[] {3},
              new long[] {2, 2},
              new long[] {5},
              new long[] {1});
      arrays.forEach(made::own);
      List<Object> values =
          List.of(
              new int[] {7, -8, 9},
              new double[] {0.5, -1, 2, Double.NaN},
              new int[] {1, 2, 3, 4, 65_535},
              new int[] {6});
      DeviceArray alone = made.own(backend.of(new int[] {5}));
      HostCopies.write(arrays, values);
      RuntimeCounts before = RuntimeCounts.now();
      HostCopies.write(arrays, values);
      RuntimeCounts written = RuntimeCounts.now();
      assertThat(written.minus(before)).isEqualTo(new RuntimeCounts(0, 0, 0, 1, 0, 0));
      HostCopies copies =
          HostCopies.of(List.of(arrays.get(3), alone, arrays.get(0), arrays.get(1)));
      // The last one is not beside the others: an array that is not read lies between.
      assertThat(RuntimeCounts.now().minus(written)).isEqualTo(new RuntimeCounts(0, 0, 0, 0, 3, 1));
      assertThat(copies.ints(arrays.get(0))).containsExactly(7, -8, 9);
      assertThat(copies.doubles(arrays.get(1))).containsExactly(0.5, -1, 2, Double.NaN);
      assertThat(arrays.get(2).toInts()).containsExactly(1, 2, 3, 4, 65_535);
      assertThat(copies.ints(arrays.get(3))).containsExactly(6);
      assertThat(copies.ints(alone)).containsExactly(5);
    }
  }

  /** Each of them is more than a buffer holds, or together they are. */
  @ParameterizedTest
  @MethodSource("backends")
  void longNeighboursAreCopiedInPieces(Supplier<NativeBackend> open) {
    int[] lengths = {3, 100_000, 2, 50_000, 30_000, 4};
    try (NativeBackend backend = open.get();
        Resources made = new Resources()) {
      List<DeviceArray> arrays =
          backend.allocateTogether(
              Collections.nCopies(lengths.length, DType.INT32),
              Arrays.stream(lengths).mapToObj(n -> new long[] {n}).toArray(long[][]::new));
      arrays.forEach(made::own);
      List<Object> values =
          Arrays.stream(lengths).mapToObj(n -> (Object) IntStream.range(-n, 0).toArray()).toList();
      HostCopies.write(arrays, values);
      HostCopies copies = HostCopies.of(arrays);
      for (int k = 0; k < lengths.length; k++) {
        assertThat(copies.ints(arrays.get(k))).isEqualTo(values.get(k));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void neighboursAreZeroAndStayUntilTheLastIsClosed(Supplier<NativeBackend> open) {
    try (NativeBackend backend = open.get()) {
      List<DeviceArray> arrays =
          backend.allocateTogether(
              List.of(DType.INT32, DType.FLOAT32), new long[] {300}, new long[] {2});
      assertThat(arrays.get(0).toInts()).containsOnly(0);
      arrays.get(1).copyFrom(new float[] {1, 2});
      arrays.get(0).close();
      assertThat(arrays.get(1).toFloats()).containsExactly(1, 2);
      assertThat(backend.arrayBytes().open()).isEqualTo(8);
      arrays.get(1).close();
      assertThatThrownBy(
              () ->
                  backend.allocateTogether(
                      List.of(DType.INT32, DType.FLOAT64), new long[] {1}, new long[] {1}))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("FLOAT64");
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
