package io.tacet.eventprop;

import io.tacet.memory.DeviceArray;
import java.util.List;

/**
 * Parameters of current-based LIF neurons with exponential synapses, {@code tau_m dV/dt = -V + I +
 * b}, {@code tau_s dI/dt = -I}. Each array has one element, shared by all neurons, or one per
 * neuron. Owns its arrays.
 *
 * @param tauMem membrane time constant in ms, positive
 * @param tauSyn synaptic time constant in ms, positive; may equal tauMem
 * @param threshold a spike happens when V reaches it from below
 * @param reset value of V after a spike, below the threshold
 * @param bias constant drive b
 */
public record LifParameters(
    DeviceArray tauMem,
    DeviceArray tauSyn,
    DeviceArray threshold,
    DeviceArray reset,
    DeviceArray bias)
    implements AutoCloseable {

  /** The arrays in declaration order. */
  public List<DeviceArray> arrays() {
    return List.of(tauMem, tauSyn, threshold, reset, bias);
  }

  /** Whether all neurons share both time constants. */
  public boolean sharedTimeConstants() {
    return tauMem.length() == 1 && tauSyn.length() == 1;
  }

  void check(int neurons) {
    String[] names = {"tauMem", "tauSyn", "threshold", "reset", "bias"};
    List<DeviceArray> arrays = arrays();
    for (int i = 0; i < names.length; i++) {
      DeviceArray array = arrays.get(i);
      if ((array.length() != 1 && array.length() != neurons) || !array.type().isFloating()) {
        throw new IllegalArgumentException(
            names[i] + ": expected 1 or " + neurons + " floating-point values, got " + array + ".");
      }
    }
  }

  @Override
  public void close() {
    arrays().forEach(DeviceArray::close);
  }
}
