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
