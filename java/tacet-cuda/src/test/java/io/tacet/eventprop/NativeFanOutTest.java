package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Layers of fixed fan-out in the kernels. */
class NativeFanOutTest {
  static List<Named<Supplier<Backend>>> backends() {
    return NativeGridTest.backends();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void rowsOfOneLengthAreCompressedRows(Supplier<Backend> open) {
    try (Backend backend = open.get()) {
      FanOutCases.check(backend, DType.FLOAT32);
    }
    assertThat(Leaks.open()).isZero();
  }
}
