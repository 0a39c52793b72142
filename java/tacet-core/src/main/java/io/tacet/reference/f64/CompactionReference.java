package io.tacet.reference.f64;

import io.tacet.memory.DeviceArray;
import io.tacet.reference.Workers;

/** From dense activity to a bitmap and lists of the active units, a task per sample. */
public final class CompactionReference {
  private CompactionReference() {}

  /** See {@link io.tacet.spi.PropagationKernels#compact}. */
  public static void compact(
      Workers workers, DeviceArray activityArray, io.tacet.sparse.Events events) {
    double[] activity = Real.array(activityArray);
    double[] values = events.values() == null ? null : Real.array(events.values());
    int[] units = (int[]) events.units().storage().heap();
    int[] counts = (int[]) events.counts().storage().heap();
    int[] bitmap = (int[]) events.bitmap().storage().heap();
    int sources = events.sources();
    int words = io.tacet.sparse.Events.words(sources);
    int capacity = events.capacity();
    workers.run(
        events.batch(),
        (sample, worker) -> {
          int count = 0;
          for (int word = 0; word < words; word++) {
            int first = word * 32;
            int from = sample * sources + first;
            int bits = bits(activity, from, Math.min(32, sources - first));
            bitmap[sample * words + word] = bits;
            for (int left = bits; left != 0; left &= left - 1) {
              if (count < capacity) {
                int i = Integer.numberOfTrailingZeros(left);
                units[sample * capacity + count] = first + i;
                if (values != null) {
                  values[sample * capacity + count] = activity[from + i];
                }
              }
              count++;
            }
          }
          counts[sample] = count;
        });
  }

  /** Bit k is 1 where activity[from + k] is not 0; no branch depends on what is rarely foreseen. */
  private static int bits(double[] activity, int from, int count) {
    int bits = 0;
    for (int k = 0; k < count; k++) {
      bits |= Real.isNonZero(activity[from + k]) << k;
    }
    return bits;
  }

  /** Copies a slot of a ring to {@code currents} and clears it. */
  public static void take(DeviceArray ringArray, int slot, DeviceArray currentArray) {
    double[] ring = Real.array(ringArray);
    double[] currents = Real.array(currentArray);
    int begin = slot * currents.length;
    System.arraycopy(ring, begin, currents, 0, currents.length);
    java.util.Arrays.fill(ring, begin, begin + currents.length, 0.0);
  }
}
