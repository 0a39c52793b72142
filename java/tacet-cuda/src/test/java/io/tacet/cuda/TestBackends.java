package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.BackendUnavailableException;
import io.tacet.cuda.HostExecution.Schedule;
import io.tacet.memory.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.opentest4j.TestAbortedException;

/**
 * The native backends to test with: host under every schedule, and cuda where there is a GPU.
 * {@code -Dtacet.test.backends=cuda} leaves host out, for tools that watch a GPU and slow all else
 * down.
 */
public final class TestBackends {
  private TestBackends() {}

  /** Suppliers, so that every test opens and closes its own. */
  static List<Named<Supplier<NativeBackend>>> all() {
    List<Named<Supplier<NativeBackend>>> backends = new ArrayList<>(host());
    backends.add(Named.of("cuda", TestBackends::cuda));
    return backends;
  }

  static List<Named<Supplier<NativeBackend>>> host() {
    return Arrays.stream(Schedule.values())
        .map(
            schedule ->
                Named.<Supplier<NativeBackend>>of(
                    "host " + schedule,
                    () -> host(HostExecution.DEFAULT.with(schedule).threads(2))))
        .toList();
  }

  /** For conformance suites: host under every schedule, and cuda where there is a GPU. */
  static Stream<BackendCase> cases() {
    Stream<BackendCase> host =
        Arrays.stream(Schedule.values())
            .map(
                schedule ->
                    new BackendCase(
                        "host " + schedule,
                        () -> host(HostExecution.DEFAULT.with(schedule).threads(2)),
                        DType.FLOAT32));
    boolean gpu =
        Availability.cuda(0).isEmpty() || "cuda".equals(System.getProperty("tacet.require"));
    BackendCase cuda = new BackendCase("cuda", TestBackends::cuda, DType.FLOAT32);
    return Stream.concat(host, gpu ? Stream.of(cuda) : Stream.of());
  }

  /** Skips the test where only cuda is wanted. */
  public static NativeBackend host(HostExecution execution) {
    if ("cuda".equals(System.getProperty("tacet.test.backends"))) {
      throw new TestAbortedException("host is left out by -Dtacet.test.backends=cuda");
    }
    return NativeBackend.host(execution);
  }

  /** Skips the test where there is no GPU, or fails it under {@code -Dtacet.require=cuda}. */
  public static NativeBackend cuda() {
    try {
      return NativeBackend.cuda(0);
    } catch (BackendUnavailableException e) {
      throw missing(e);
    }
  }

  /**
   * Skips the test for what a GPU or its libraries lack, or fails it under {@code
   * -Dtacet.require=cuda}.
   *
   * @return what is to be thrown where the test is skipped
   */
  public static <E extends Throwable> TestAbortedException missing(E cause) throws E {
    if ("cuda".equals(System.getProperty("tacet.require"))) {
      throw cause;
    }
    return new TestAbortedException(cause.getMessage(), cause);
  }
}
