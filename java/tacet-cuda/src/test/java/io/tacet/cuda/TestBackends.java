package io.tacet.cuda;

import io.tacet.BackendCase;
import io.tacet.BackendUnavailableException;
import io.tacet.Thorough;
import io.tacet.cuda.HostExecution.Schedule;
import io.tacet.memory.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.provider.Arguments;
import org.opentest4j.TestAbortedException;

/**
 * The native backends to test with: host under every schedule, and cuda where there is a GPU. Where
 * not all tests are asked for, see {@link Thorough}, host takes random order alone. {@code
 * -Dtacet.test.backends=cuda} leaves host out, for tools that watch a GPU and slow all else down.
 */
public final class TestBackends {
  private TestBackends() {}

  /** The schedules of host to test with. */
  public static List<Schedule> schedules() {
    return Thorough.Tests.all() ? List.of(Schedule.values()) : List.of(Schedule.RANDOM);
  }

  /** Suppliers, so that every test opens and closes its own. */
  static List<Named<Supplier<NativeBackend>>> all() {
    List<Named<Supplier<NativeBackend>>> backends = new ArrayList<>(host());
    backends.add(Named.of("cuda", TestBackends::cuda));
    return backends;
  }

  /**
   * The same with the number of the schedule, of which each {@linkplain #takes takes} some of a
   * test's many cases; -1 for cuda.
   */
  static Stream<Arguments> numbered() {
    List<Named<Supplier<NativeBackend>>> all = all();
    List<Schedule> every = Arrays.asList(Schedule.values());
    List<Schedule> taken = schedules();
    return IntStream.range(0, all.size())
        .mapToObj(
            k -> Arguments.of(all.get(k), k < taken.size() ? every.indexOf(taken.get(k)) : -1));
  }

  /** Whether a case is among those of a schedule, every third; cuda takes all. */
  static boolean takes(int schedule, int number) {
    return schedule < 0 || number % Schedule.values().length == schedule;
  }

  /** The number of the schedule of a backend of {@link #cases}; -1 for cuda. */
  static int schedule(BackendCase on) {
    return Arrays.stream(Schedule.values()).map(TestBackends::name).toList().indexOf(on.name());
  }

  private static String name(Schedule schedule) {
    return "host " + schedule;
  }

  static List<Named<Supplier<NativeBackend>>> host() {
    return schedules().stream()
        .map(
            schedule ->
                Named.<Supplier<NativeBackend>>of(
                    name(schedule), () -> host(HostExecution.DEFAULT.with(schedule).threads(2))))
        .toList();
  }

  /** For conformance suites: host under every schedule, and cuda where there is a GPU. */
  static Stream<BackendCase> cases() {
    Stream<BackendCase> host =
        schedules().stream()
            .map(
                schedule ->
                    new BackendCase(
                        name(schedule),
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
