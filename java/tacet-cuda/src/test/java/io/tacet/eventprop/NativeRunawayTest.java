package io.tacet.eventprop;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.cuda.HostExecution;
import io.tacet.cuda.TestBackends;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks that spike without end, on the native backends. */
class NativeRunawayTest {
  /** Host execution is slow, and a limit is a limit. */
  private static final SpikeLimit LIMIT = SpikeLimit.perSample(5000);

  static Stream<Named<Supplier<Backend>>> backends() {
    return Stream.of(
        Named.of("host", () -> TestBackends.host(HostExecution.DEFAULT)),
        Named.of("cuda", TestBackends::cuda));
  }

  private static void with(Supplier<Backend> open, Consumer<RunawayCases> check) {
    try (Backend backend = open.get()) {
      check.accept(new RunawayCases(backend, DType.FLOAT32));
    }
    assertThat(Leaks.open()).isZero();
  }

  @ParameterizedTest
  @MethodSource("backends")
  void excitationThatFeedsItselfIsRefused(Supplier<Backend> open) {
    with(open, cases -> cases.excitationThatFeedsItself(LIMIT, "more than 5000 spikes"));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aNeuronThatNeverRestsIsRefusedByTheDefault(Supplier<Backend> open) {
    with(open, cases -> cases.aNeuronThatNeverRests(null, "more than 65536 spikes"));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aLimitStopsAtItsNumber(Supplier<Backend> open) {
    with(open, RunawayCases::aLimitIsExact);
  }
}
