package io.tacet.network;

/** What a training may change in a layer besides its weights, which always train. */
public enum Trainable {
  /** Delays of the input synapses, kept at 0 or more. */
  INPUT_DELAYS,
  /** Delays of the recurrent synapses, kept at 0 or more. */
  RECURRENT_DELAYS,
  /** Membrane time constants, one per neuron. */
  TAU_MEM,
  /** Synaptic time constants, one per neuron. */
  TAU_SYN,
  /** Thresholds, one per neuron. */
  THRESHOLD,
  /** Reset values, one per neuron. */
  RESET,
  /** Biases, one per neuron. */
  BIAS
}
