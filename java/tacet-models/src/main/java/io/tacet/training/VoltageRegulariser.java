package io.tacet.training;

import io.tacet.network.Pass;
import io.tacet.network.PotentialMeter;

/**
 * Of spiking layers on event times, whatever their neurons: pulls the mean membrane potential of
 * each hidden neuron towards a target: adds {@code weight / 2 sum_n (m_n - target)^2} to the loss,
 * with m_n the mean over the samples of a batch of {@code (1/T) integral of V_n dt}. It is a loss
 * {@code l_V} of Wunderlich and Pehle (2021, eq. 1) and its gradient is exact: the adjoint of V is
 * driven by {@code weight (m_n - target) / (B T)}. Unlike that of {@link RateRegulariser} it
 * reaches neurons that never spike. See docs/hybrid-neurons.md.
 *
 * @param weight lambda, at least 0; 0 is off
 * @param target of the mean potential, in units of V; finite
 */
public record VoltageRegulariser(double weight, double target) implements Regulariser {
  public VoltageRegulariser {
    if (!(weight >= 0) || !Double.isFinite(weight) || !Double.isFinite(target)) {
      throw new IllegalArgumentException(
          "weight, target: expected finite numbers, the weight at least 0, got "
              + weight
              + " and "
              + target
              + ".");
    }
  }

  @Override
  public void apply(Pass pass) {
    if (weight == 0) {
      return;
    }
    if (pass.steps() > 0) {
      throw new IllegalArgumentException(
          "VoltageRegulariser (--voltage-weight): expected spiking layers on event times, got layers"
              + " on steps. Use ActivityTarget (--activity-weight).");
    }
    for (PotentialMeter layer : pass.potentialMeters()) {
      double[] means = layer.overBatch();
      double[] slopes = new double[means.length];
      for (int n = 0; n < slopes.length; n++) {
        slopes[n] = weight * (means[n] - target);
      }
      layer.push(slopes);
    }
  }
}
