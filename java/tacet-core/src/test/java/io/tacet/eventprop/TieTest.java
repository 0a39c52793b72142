package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import org.junit.jupiter.api.Test;

/** Spikes at the time of what causes them. */
class TieTest {
  @Test
  void aSpikeThatRoundsToTheTimeOfItsCauseKeepsItsGradient() {
    try (JavaBackend java = new JavaBackend(1)) {
      TieCases.check(java, java);
    }
    assertThat(Leaks.open()).isZero();
  }
}
