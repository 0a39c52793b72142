package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Layers of fixed fan-out on the java backend. */
class FanOutTest {
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "FLOAT64"})
  void rowsOfOneLengthAreCompressedRows(DType type) {
    try (JavaBackend java = new JavaBackend(2)) {
      FanOutCases.check(java, type);
    }
    assertThat(Leaks.open()).isZero();
  }
}
