package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import java.util.function.Consumer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Errors of the java backend for invalid arguments. */
class ErrorsTest {
  private static void with(DType type, Consumer<ErrorCases> check) {
    try (JavaBackend java = new JavaBackend(2)) {
      check.accept(new ErrorCases(java, type));
    }
    assertThat(Leaks.open()).isZero();
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "FLOAT64"})
  void whatCannotBeSimulatedIsAnErrorThatSaysWhy(DType type) {
    with(type, ErrorCases::simulations);
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "FLOAT64"})
  void arraysOfAnotherTypeOrBackendAreRefused(DType type) {
    try (JavaBackend stranger = new JavaBackend(1)) {
      with(type, cases -> cases.arrays(stranger));
      with(type, cases -> cases.losses(stranger));
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"FLOAT32", "FLOAT64"})
  void neuronsBeyondTheClassesPlayNoPartInALoss(DType type) {
    with(type, ErrorCases::spikesBeyondTheClasses);
  }
}
