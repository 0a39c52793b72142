package io.tacet.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.reference.JavaBackend;
import java.util.List;
import org.junit.jupiter.api.Test;

class HostCopiesTest {
  @Test
  void copiesAreThoseOfEachArray() {
    try (JavaBackend backend = new JavaBackend(1);
        DeviceArray single = backend.of(new float[] {1, -2.5f});
        DeviceArray wide = backend.of(new double[] {0.1, 3});
        DeviceArray whole = backend.of(new int[] {7, -8, 9})) {
      HostCopies copies = HostCopies.of(List.of(single, wide, whole));
      single.zero();
      assertThat(copies.doubles(single)).containsExactly(1, -2.5);
      assertThat(copies.doubles(wide)).containsExactly(0.1, 3);
      assertThat(copies.ints(whole)).containsExactly(7, -8, 9);
    }
  }

  @Test
  void copiesMadeAgainAreOfNowInTheSameJavaArrays() {
    try (JavaBackend backend = new JavaBackend(1);
        DeviceArray kept = backend.of(new int[] {7, -8});
        DeviceArray added = backend.of(new double[] {3})) {
      HostCopies before = HostCopies.of(List.of(kept));
      int[] values = before.ints(kept);
      kept.copyFrom(new int[] {1, 2});
      HostCopies after = HostCopies.of(List.of(added, kept), before);
      assertThat(after.ints(kept)).isSameAs(values).containsExactly(1, 2);
      assertThat(after.doubles(added)).containsExactly(3);
    }
  }

  @Test
  void theLeastElementOfARangeIsFoundInEitherPrecision() {
    double nan = Double.NaN;
    try (JavaBackend backend = new JavaBackend(1);
        DeviceArray wide = backend.of(new double[] {-9, nan, 4, 0.5, 0.5, -1});
        DeviceArray single = backend.of(new float[] {-9, Float.NaN, 4, 0.5f, 0.5f, -1})) {
      HostCopies copies = HostCopies.of(List.of(wide, single));
      for (DeviceArray array : List.of(wide, single)) {
        assertThat(copies.least(array, 1, 5)).isEqualTo(3);
        assertThat(copies.real(array, 3)).isEqualTo(0.5);
        assertThat(copies.least(array, 1, 2)).isEqualTo(-1);
        assertThat(copies.least(array, 3, 3)).isEqualTo(-1);
      }
    }
  }

  @Test
  void arraysAreWrittenTogetherAsAlone() {
    try (JavaBackend backend = new JavaBackend(1);
        Resources made = new Resources()) {
      List<DType> types = List.of(DType.FLOAT32, DType.FLOAT64, DType.INT32, DType.UINT16);
      long[] two = {2};
      List<DeviceArray> arrays = backend.allocateTogether(types, two, two, two, two);
      arrays.forEach(made::own);
      HostCopies.write(
          arrays,
          List.of(
              new double[] {0.1, -2},
              new double[] {0.1, -2},
              new int[] {-1, 5},
              new short[] {7, -1}));
      assertThat(arrays.get(0).toFloats()).containsExactly(0.1f, -2);
      assertThat(arrays.get(1).toDoubles()).containsExactly(0.1, -2);
      assertThat(arrays.get(2).toInts()).containsExactly(-1, 5);
      assertThat(arrays.get(3).toInts()).containsExactly(7, 65_535);
      HostCopies.write(List.of(arrays.get(0)), List.of(new float[] {3, 4}));
      assertThat(arrays.get(0).toFloats()).containsExactly(3, 4);
      for (Object wrong : List.of(new float[3], new int[2], new short[2])) {
        assertThatThrownBy(() -> HostCopies.write(List.of(arrays.get(0)), List.of(wrong)))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith("values: expected 2 elements of FLOAT32, got ");
      }
      assertThatThrownBy(() -> HostCopies.write(List.of(arrays.get(0)), List.of("text")))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("values: expected float[], double[], int[] or short[], got text.");
      assertThatThrownBy(() -> HostCopies.write(arrays, List.of(new float[2])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("values: expected one for each of 4 arrays, got 1.");
      assertThatThrownBy(() -> backend.allocateTogether(types, two))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("types: expected one for each of 1 shapes, got 4.");
    }
  }

  @Test
  void otherArraysAreRefused() {
    try (JavaBackend backend = new JavaBackend(1);
        JavaBackend other = new JavaBackend(1);
        DeviceArray one = backend.of(new float[] {1});
        DeviceArray another = other.of(new float[] {2})) {
      assertThatThrownBy(() -> HostCopies.of(List.of(one, another)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("arrays: expected arrays of one backend, got ");
      HostCopies copies = HostCopies.of(List.of(one));
      assertThatThrownBy(() -> copies.ints(another))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("array: expected one of those that were copied, got ");
    }
  }
}
