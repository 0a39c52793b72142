package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.cuda.HostExecution.Schedule;
import io.tacet.memory.DType;
import io.tacet.sparse.PropagationConformance;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;

/** The conformance suite of event propagation on host, under every schedule, and on cuda. */
@Tag("native")
class NativePropagationTest extends PropagationConformance {

  @Override
  protected Stream<BackendCase> backends() {
    Stream<BackendCase> host =
        Arrays.stream(Schedule.values())
            .map(
                schedule ->
                    new BackendCase(
                        "host " + schedule,
                        () -> TestBackends.host(HostExecution.DEFAULT.with(schedule).threads(2)),
                        DType.FLOAT32));
    boolean gpu =
        Availability.cuda(0).isEmpty() || "cuda".equals(System.getProperty("tacet.require"));
    BackendCase cuda = new BackendCase("cuda", TestBackends::cuda, DType.FLOAT32);
    return Stream.concat(host, gpu ? Stream.of(cuda) : Stream.of());
  }
}
