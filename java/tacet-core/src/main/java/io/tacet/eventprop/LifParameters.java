package io.tacet.eventprop;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Parameters of current-based LIF neurons with exponential synapses, {@code tau_m dV/dt = -V + I +
 * b}, {@code tau_s dI/dt = -I}. Each array has one element, shared by all neurons, or one per
 * neuron, and all values are finite. The ratio of the time constants, either way, must be above
 * 1.2e-7 in FLOAT32 and above 2.2e-16 in FLOAT64. Owns its arrays.
 *
 * @param tauMem membrane time constant in ms, positive
 * @param tauSyn synaptic time constant in ms, positive; may equal tauMem
 * @param threshold a spike happens when V reaches it from below; positive, since V starts at 0
 * @param reset value of V after a spike, below the threshold; null where a spike lowers V by the
 *     threshold instead (soft reset), which takes a {@link LifVariant}
 * @param bias constant drive b
 */
public record LifParameters(
    DeviceArray tauMem,
    DeviceArray tauSyn,
    DeviceArray threshold,
    DeviceArray reset,
    DeviceArray bias)
    implements AutoCloseable {

  private static final List<String> NAMES =
      List.of("tauMem", "tauSyn", "threshold", "reset", "bias");

  private static final int RESET = 3;

  /** The arrays in declaration order; without the reset where it is null. */
  public List<DeviceArray> arrays() {
    return parameters().stream().filter(Objects::nonNull).toList();
  }

  /** The five arrays in declaration order, null for a soft reset. */
  public List<DeviceArray> parameters() {
    return Arrays.asList(tauMem, tauSyn, threshold, reset, bias);
  }

  /** Whether all neurons share both time constants. */
  public boolean sharedTimeConstants() {
    return tauMem.length() == 1 && tauSyn.length() == 1;
  }

  /**
   * Checks the arrays, not their values.
   *
   * @throws IllegalArgumentException if one has another number of elements than 1 or {@code
   *     neurons} or is not floating-point, naming it
   */
  public void check(int neurons) {
    for (int i = 0; i < NAMES.size(); i++) {
      if (i != RESET || reset != null) {
        check(NAMES.get(i), parameters().get(i), neurons);
      }
    }
  }

  static void check(String name, DeviceArray array, int neurons) {
    if ((array.length() != 1 && array.length() != neurons) || !array.type().isFloating()) {
      throw new IllegalArgumentException(
          name + ": expected 1 or " + neurons + " floating-point values, got " + array + ".");
    }
  }

  /**
   * Checks the values, as a pass does too; reads them, which waits for the device.
   *
   * @throws IllegalArgumentException if those of a neuron are invalid, naming it
   */
  public void checkValues(int neurons) {
    double[][] values =
        parameters().stream()
            .map(array -> array == null ? new double[] {0} : array.toDoubles())
            .toArray(double[][]::new);
    for (int n = 0; n < neurons; n++) {
      double[] own = new double[values.length];
      for (int p = 0; p < values.length; p++) {
        own[p] = values[p][values[p].length == 1 ? 0 : n];
      }
      if (!sensible(own)) {
        throw new IllegalArgumentException(
            "lif: expected finite values, positive time constants whose ratio is more than rounding,"
                + " reset < threshold and, since V starts at 0, a positive threshold that is more"
                + " than rounding of the bias; neuron "
                + n
                + " has tauMem "
                + own[0]
                + ", tauSyn "
                + own[1]
                + ", threshold "
                + own[2]
                + (reset == null ? ", soft reset" : ", reset " + own[RESET])
                + ", bias "
                + own[4]
                + ".");
      }
    }
  }

  /** In the precision of the passes, which measure potentials relative to the bias. */
  private boolean sensible(double[] values) {
    double bias = values[4];
    double theta = rounded(values[2] - bias);
    double after = rounded(values[RESET] - bias);
    return values[0] > 0
        && values[1] > 0
        && values[0] > epsilon() * values[1]
        && values[1] > epsilon() * values[0]
        && (reset == null || (after < theta && Double.isFinite(after)))
        && theta > -bias
        && Double.isFinite(values[0] + values[1])
        && Double.isFinite(theta);
  }

  /** Machine epsilon: the distance from 1 to the next larger number. */
  private double epsilon() {
    return threshold.type() == DType.FLOAT32 ? Math.ulp(1f) : Math.ulp(1.0);
  }

  private double rounded(double value) {
    return threshold.type() == DType.FLOAT32 ? (float) value : value;
  }

  @Override
  public void close() {
    arrays().forEach(DeviceArray::close);
  }
}
