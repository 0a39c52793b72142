package io.tacet.reference.f64;

import java.util.Arrays;

/** The event lists of one step of a batch as Java arrays; sample b begins at b * capacity. */
final class StepEvents {
  final int batch;
  final int capacity;
  final int[] units;
  private final int[] counts;
  private final double[] values;

  StepEvents(io.tacet.sparse.Events events) {
    batch = events.batch();
    capacity = events.capacity();
    units = (int[]) events.units().storage().heap();
    counts = (int[]) events.counts().storage().heap();
    values = events.values() == null ? null : Real.array(events.values());
  }

  int begin(int sample) {
    return sample * capacity;
  }

  int end(int sample) {
    return sample * capacity + Math.min(counts[sample], capacity);
  }

  int largestCount() {
    int largest = 0;
    for (int b = 0; b < batch; b++) {
      largest = Math.max(largest, end(b) - begin(b));
    }
    return largest;
  }

  /** First event of a sample whose unit is at least {@code unit}. */
  int firstFrom(int sample, int unit) {
    int found = Arrays.binarySearch(units, begin(sample), end(sample), unit);
    return found < 0 ? -found - 1 : found;
  }

  double value(int event) {
    return values == null ? 1.0 : values[event];
  }
}
