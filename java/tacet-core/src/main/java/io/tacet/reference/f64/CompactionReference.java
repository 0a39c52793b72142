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
            int bits = 0;
            int first = word * 32;
            int last = Math.min(sources, first + 32);
            for (int i = first; i < last; i++) {
              double x = activity[sample * sources + i];
              if (x != 0.0) {
                bits |= 1 << (i - first);
                if (count < capacity) {
                  units[sample * capacity + count] = i;
                  if (values != null) {
                    values[sample * capacity + count] = x;
                  }
                }
                count++;
              }
            }
            bitmap[sample * words + word] = bits;
          }
          counts[sample] = count;
        });
  }

  /** Writes the bitmap of the units whose activity does not exceed the threshold. */
  public static void silent(
      Workers workers, DeviceArray activityArray, double threshold, io.tacet.sparse.Events events) {
    double[] activity = Real.array(activityArray);
    int[] bitmap = (int[]) events.bitmap().storage().heap();
    int sources = events.sources();
    int words = io.tacet.sparse.Events.words(sources);
    workers.run(
        events.batch(),
        (sample, worker) -> {
          for (int word = 0; word < words; word++) {
            int bits = 0;
            for (int i = word * 32; i < Math.min(sources, word * 32 + 32); i++) {
              bits |= activity[sample * sources + i] <= threshold ? 1 << (i % 32) : 0;
            }
            bitmap[sample * words + word] = bits;
          }
        });
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
