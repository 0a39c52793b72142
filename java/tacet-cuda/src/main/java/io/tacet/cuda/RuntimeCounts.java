package io.tacet.cuda;

import io.tacet.BackendUnavailableException;
import io.tacet.cuda.internal.Calls;
import io.tacet.cuda.internal.Tacet;
import java.util.List;

/**
 * What this process has issued to devices through libtacet so far, in all its native backends: the
 * overhead of a training step beyond its kernel times. Products by cuBLAS are not counted.
 *
 * @param launches of kernels, and of graphs of them
 * @param fills of device memory, and copies within it
 * @param allocations of device memory
 * @param copiesFromHost to device memory
 * @param copiesToHost from device memory
 * @param waits of the host for a stream, an event or the device; under host execution those that
 *     would be needed on a GPU
 */
public record RuntimeCounts(
    long launches,
    long fills,
    long allocations,
    long copiesFromHost,
    long copiesToHost,
    long waits) {

  /**
   * The counts up to now.
   *
   * @throws BackendUnavailableException if the native library does not load
   */
  public static RuntimeCounts now() {
    List<String> problems = Availability.host();
    if (!problems.isEmpty()) {
      throw new BackendUnavailableException("host", problems);
    }
    long[] values = new long[Tacet.TACET_COUNT_COUNT];
    Calls.check(Tacet.tacet_counts(values));
    return new RuntimeCounts(
        values[Tacet.TACET_COUNT_LAUNCHES],
        values[Tacet.TACET_COUNT_FILLS],
        values[Tacet.TACET_COUNT_ALLOCATIONS],
        values[Tacet.TACET_COUNT_COPIES_FROM_HOST],
        values[Tacet.TACET_COUNT_COPIES_TO_HOST],
        values[Tacet.TACET_COUNT_WAITS]);
  }

  /** The difference from earlier counts. */
  public RuntimeCounts minus(RuntimeCounts earlier) {
    return new RuntimeCounts(
        launches - earlier.launches,
        fills - earlier.fills,
        allocations - earlier.allocations,
        copiesFromHost - earlier.copiesFromHost,
        copiesToHost - earlier.copiesToHost,
        waits - earlier.waits);
  }
}
