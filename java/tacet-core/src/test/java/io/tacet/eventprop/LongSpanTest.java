package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Long spans on the java backend. */
class LongSpanTest {
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "FLOAT64"})
  void whatHappenedBeforeALongSilenceIsNotLost(DType type) {
    try (JavaBackend java = new JavaBackend(1)) {
      LongSpanCases cases = new LongSpanCases(java, type);
      cases.spikesBeforeALongSilence();
      cases.aMaximumBeforeALongSilence();
    }
    assertThat(Leaks.open()).isZero();
  }
}
