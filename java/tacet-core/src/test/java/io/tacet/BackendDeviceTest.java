package io.tacet;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BackendDeviceTest {
  @Test
  void aBackendWithoutNumberedDevicesRefusesOne() {
    assertThatThrownBy(() -> Backends.open("java:1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("backend: expected 'java', which has no numbered devices, got 'java:1'.");
  }

  @Test
  void aDeviceOfNoBackendIsRefused() {
    assertThatThrownBy(() -> Backends.open("quantum:0"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got 'quantum'.");
  }
}
