package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Errors of the native backends for invalid arguments: the same as those of java. */
class NativeErrorsTest {
  static List<Named<Supplier<Backend>>> backends() {
    return NativeGridTest.backends();
  }

  private static void with(Supplier<Backend> open, BiConsumer<ErrorCases, Backend> check) {
    try (JavaBackend java = new JavaBackend(1);
        Backend backend = open.get()) {
      check.accept(new ErrorCases(backend, DType.FLOAT32), java);
    }
    assertThat(Leaks.open()).isZero();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void whatCannotBeSimulatedIsAnErrorThatSaysWhy(Supplier<Backend> open) {
    with(open, (cases, java) -> cases.simulations());
  }

  @ParameterizedTest
  @MethodSource("backends")
  void arraysOfAnotherTypeOrBackendAreRefused(Supplier<Backend> open) {
    with(open, ErrorCases::arrays);
    with(open, ErrorCases::losses);
  }

  @ParameterizedTest
  @MethodSource("backends")
  void whatHappenedBeforeALongSilenceIsNotLost(Supplier<Backend> open) {
    try (Backend backend = open.get()) {
      LongSpanCases cases = new LongSpanCases(backend, DType.FLOAT32);
      cases.spikesBeforeALongSilence();
      cases.aMaximumBeforeALongSilence();
    }
    assertThat(Leaks.open()).isZero();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void neuronsBeyondTheClassesPlayNoPartInALoss(Supplier<Backend> open) {
    with(open, (cases, java) -> cases.spikesBeyondTheClasses());
  }
}
