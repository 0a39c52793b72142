package io.tacet.cuda;

import io.tacet.cuda.internal.Calls;
import io.tacet.cuda.internal.Tacet;

/**
 * For tests of how an application copes with failures: lets one operation of the {@code host}
 * backends of this process fail, as a GPU can refuse any of them. The native library must be
 * loaded, as by a backend that was opened.
 */
public final class HostFaults {
  private HostFaults() {}

  /** Kinds of operations: those of {@link RuntimeCounts}, and two that it does not count. */
  public enum Operation {
    LAUNCH(Tacet.TACET_COUNT_LAUNCHES),
    FILL(Tacet.TACET_COUNT_FILLS),
    ALLOCATION(Tacet.TACET_COUNT_ALLOCATIONS),
    COPY_FROM_HOST(Tacet.TACET_COUNT_COPIES_FROM_HOST),
    COPY_TO_HOST(Tacet.TACET_COUNT_COPIES_TO_HOST),
    WAIT(Tacet.TACET_COUNT_WAITS),

    /** Allocation of page-locked memory, or a lock of memory. */
    PIN(Tacet.TACET_FAULT_PIN),

    /** Creation of a stream, an event or a graph. */
    CREATION(Tacet.TACET_FAULT_CREATION);

    private final int code;

    Operation(int code) {
      this.code = code;
    }
  }

  /**
   * Lets an operation fail once: an allocation with an {@link OutOfDeviceMemoryException}, another
   * with a {@link CudaException}.
   *
   * @param number 1 for the next of that kind
   * @throws IllegalArgumentException if it is below 1
   */
  public static void letFail(Operation operation, long number) {
    if (number < 1) {
      throw new IllegalArgumentException("number: expected at least 1, got " + number + ".");
    }
    Calls.check(Tacet.tacet_host_let_fail(operation.code, number));
  }

  /** Lets no operation of that kind fail that has not failed yet. */
  public static void letSucceed(Operation operation) {
    Calls.check(Tacet.tacet_host_let_fail(operation.code, -1));
  }

  /**
   * What all {@code host} backends of this process have not closed yet: blocks of native memory,
   * locks of memory, streams, events and graphs.
   */
  public static long openResources() {
    long[] count = new long[1];
    Calls.check(Tacet.tacet_host_open_resources(count));
    return count[0];
  }
}
