package io.tacet.reference.f64;

import io.tacet.InterruptedPassException;
import java.util.Arrays;

/** Spikes of one sample in the order they are found, then written to the output sorted by time. */
final class Tape {
  private static final double LEAST_SLOPE = 16 * Real.EPSILON;

  /** Spikes after which a look is taken whether to stop; a power of 2. */
  private static final int BETWEEN_CHECKS = 1024;

  final Membrane.Graze graze = new Membrane.Graze();
  private double[] times = new double[256];
  private int[] units = new int[256];
  private double[] slopes = new double[256];
  private long[] keys = new long[256];
  private int[] order = new int[256];
  private int limit;
  private int most;
  private int count;

  /**
   * @param capacity how many spikes are kept
   * @param mostSpikes how many may be found
   */
  void begin(int capacity, int mostSpikes) {
    limit = capacity;
    most = mostSpikes;
    count = 0;
    graze.count = 0;
  }

  int count() {
    return count;
  }

  /** Whether the sample has not spiked more often than it may. */
  boolean settles() {
    return count <= most;
  }

  /**
   * Time of a spike that is {@code offset} after {@code from} and at or before {@code to}. Never
   * {@code from} itself, where the offset may round to: the arrival there caused the spike, and by
   * its time alone the adjoint knows that it came first.
   */
  static double after(double from, double offset, double to) {
    return Math.min(to, Math.max(from + offset, Math.nextUp(from)));
  }

  /**
   * Adds a spike.
   *
   * @param slope I - theta + b just before it; kept as a few units of rounding at least, since the
   *     gradient does not exist where it is 0
   * @throws InterruptedPassException now and then, where the thread is interrupted
   */
  void add(double time, int unit, double slope) {
    if (count < limit) {
      if (count == times.length) {
        grow();
      }
      times[count] = time;
      units[count] = unit;
      slopes[count] = Math.max(slope, LEAST_SLOPE);
    }
    count++;
    if ((count & BETWEEN_CHECKS - 1) == 0) {
      InterruptedPassException.check();
    }
  }

  private void grow() {
    int size = Math.min(limit, 2 * times.length);
    times = Arrays.copyOf(times, size);
    units = Arrays.copyOf(units, size);
    slopes = Arrays.copyOf(slopes, size);
    keys = new long[size];
    order = new int[size];
  }

  /** Writes the spikes of a sample in ascending time; ties keep the order they were found in. */
  void write(Events out, int sample, boolean finite) {
    out.grazes[sample] = graze.count;
    if (!finite) {
      out.counts[sample] = Events.NOT_FINITE;
      return;
    }
    out.counts[sample] = settles() ? count : Events.RUNAWAY;
    int stored = Math.min(count, limit);
    sort(stored);
    int begin = out.begin(sample);
    for (int k = 0; k < stored; k++) {
      int from = order[k];
      out.times[begin + k] = times[from];
      out.units[begin + k] = units[from];
      out.slopes[begin + k] = slopes[from];
      out.errors[begin + k] = 0;
    }
  }

  private void sort(int stored) {
    for (int k = 0; k < stored; k++) {
      // Coarse keys first; the loop below sets neighbours right in full precision.
      keys[k] = Real.orderBits(times[k]) << 32 | k;
    }
    Arrays.sort(keys, 0, stored);
    for (int k = 0; k < stored; k++) {
      int from = (int) keys[k];
      int at = k;
      while (at > 0 && times[order[at - 1]] > times[from]) {
        order[at] = order[at - 1];
        at--;
      }
      order[at] = from;
    }
  }
}
