package io.tacet.eventprop;

import io.tacet.memory.DeviceArray;
import io.tacet.sparse.Synapses;

/**
 * A layer of non-spiking leaky integrators read out by one number each. A view: it owns nothing.
 *
 * @param input synapses from the layer below, without delays
 * @param tauMem membrane time constant in ms, one element
 * @param tauSyn synaptic time constant in ms, one element
 * @param duration end of the simulation in ms, positive; later events are ignored
 * @param reduction what is read from the voltage
 */
public record ReadoutLayer(
    Synapses input, DeviceArray tauMem, DeviceArray tauSyn, double duration, Reduction reduction) {

  /** What is read from the voltage V(t) of an output over 0 .. T. */
  public enum Reduction {
    /** The largest V. */
    MAX,
    /** The integral of V, in ms. */
    SUM,
    /** (1/T) integral of V. */
    MEAN,
    /** (1/T) integral of e^(-t/T) V. */
    EXPONENTIAL
  }

  public ReadoutLayer {
    if (tauMem.length() != 1 || tauSyn.length() != 1) {
      throw new IllegalArgumentException(
          "tauMem, tauSyn: expected one element each, got " + tauMem + " and " + tauSyn + ".");
    }
    if (input.delays() != null) {
      throw new IllegalArgumentException("input: a read-out layer takes no delays.");
    }
    LifLayer.checkDuration(duration, tauMem.type());
  }

  /** Number of outputs. */
  public int neurons() {
    return input.targets();
  }
}
