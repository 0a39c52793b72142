package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Spikes at the time of what causes them, in the kernels. */
class NativeTieTest {
  static List<Named<Supplier<Backend>>> backends() {
    return NativeGridTest.backends();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aSpikeThatRoundsToTheTimeOfItsCauseKeepsItsGradient(Supplier<Backend> open) {
    try (JavaBackend java = new JavaBackend(1);
        Backend backend = open.get()) {
      TieCases.check(backend, java);
    }
    assertThat(Leaks.open()).isZero();
  }
}
