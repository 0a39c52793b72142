package io.tacet.sparse;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;

/**
 * Transmission delays in steps, for simulators on a time grid: an event of step t with a delay of d
 * reaches its target in step t + d.
 *
 * @param kind what an element belongs to
 * @param steps UINT16 [sources] for PER_SOURCE, [count] in the order of the weights for
 *     PER_SYNAPSE; owned
 * @param largest an upper bound of the elements; rings need one slot more
 */
public record DelaySteps(Delays.Kind kind, DeviceArray steps, int largest)
    implements AutoCloseable {

  public DelaySteps {
    if (steps.type() != DType.UINT16) {
      throw new IllegalArgumentException("steps: expected UINT16, got " + steps + ".");
    }
    if (largest < 0 || largest > 65535) {
      throw new IllegalArgumentException("largest: expected 0 to 65535, got " + largest + ".");
    }
  }

  /**
   * From Java values; the caller closes the result.
   *
   * @throws IllegalArgumentException if a delay is not in 0 .. 65535
   */
  public static DelaySteps of(Backend backend, Delays.Kind kind, int... steps) {
    short[] narrow = new short[steps.length];
    int largest = 0;
    for (int k = 0; k < steps.length; k++) {
      if (steps[k] < 0 || steps[k] > 65535) {
        throw new IllegalArgumentException(
            "steps: expected 0 to 65535, got " + steps[k] + " at " + k + ".");
      }
      narrow[k] = (short) steps[k];
      largest = Math.max(largest, steps[k]);
    }
    return new DelaySteps(kind, backend.of(narrow), largest);
  }

  /**
   * Delays in ms rounded to the nearest step; the caller closes the result.
   *
   * @param step length of a step in ms, positive
   */
  public static DelaySteps of(Delays delays, double step) {
    if (!(step > 0)) {
      throw new IllegalArgumentException(
          "step: expected a positive number of ms, got " + step + ".");
    }
    double[] ms = delays.values().toDoubles();
    int[] steps = new int[ms.length];
    for (int k = 0; k < ms.length; k++) {
      steps[k] = (int) Math.min(65536, Math.rint(ms[k] / step));
    }
    return of(delays.values().backend(), delays.kind(), steps);
  }

  /** Number of slots that a ring needs: the largest delay + 1. */
  public int slots() {
    return largest + 1;
  }

  void check(int sources, long count) {
    long expected = kind == Delays.Kind.PER_SOURCE ? sources : count;
    if (steps.length() != expected) {
      throw new IllegalArgumentException(
          "delays: expected " + expected + " steps for " + kind + ", got " + steps + ".");
    }
  }

  @Override
  public void close() {
    steps.close();
  }
}
