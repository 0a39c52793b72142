package io.tacet.reference.f64;

/**
 * The jump of the adjoint of a neuron of a variant at a spike, (jump) of docs/hybrid-neurons.md,
 * whichever way the neuron moves between spikes. Here lambda = dL/dx.
 */
final class VariantJump {
  /** Of V: after the spike, and then before it. */
  double v;

  /** Of the threshold's rise, likewise. */
  double rise;

  /** Of the adaptation, which is the same on both sides. */
  double adaptation;

  /**
   * Takes the adjoint over a spike.
   *
   * @param slope of the spike
   * @param error what the time of the spike does to the loss by V and by later events
   * @param sums those of {@link VariantNeuron} of neuron m
   */
  void over(VariantLayer layer, int m, double slope, double error, double[] sums) {
    double numerator = error;
    if (layer.thresholdJump != null) {
      numerator += rise * (1 / layer.tauThreshold[m]) * layer.thresholdJump[m];
      sums[VariantNeuron.THRESHOLD_JUMP] += rise;
    }
    if (layer.adaptationJump != null) {
      numerator += adaptation * (1 / layer.tauAdaptation[m]) * layer.adaptationJump[m];
      sums[VariantNeuron.ADAPTATION_JUMP] += adaptation;
    }
    boolean soft = layer.reset == null;
    double mu = numerator / Math.max(slope, layer.base.leastSlope);
    sums[VariantNeuron.THRESHOLD] += soft ? mu - v : mu;
    sums[VariantNeuron.RESET] += v;
    v = soft ? v - mu : -mu;
    rise += mu;
  }
}
