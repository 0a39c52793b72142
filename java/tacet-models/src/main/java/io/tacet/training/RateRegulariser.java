package io.tacet.training;

import io.tacet.network.EventCounter;
import io.tacet.network.Pass;
import java.util.List;

/**
 * Of spiking layers on event times, whatever their neurons: pushes hidden neurons towards a target
 * number of spikes per sample. A heuristic, since the derivative of a spike count is 0: at each
 * spike of neuron n, lambda_V is lowered by {@code strength (N_n - target B) / B^2}, with N_n its
 * spikes in the batch (Nowotny, Turner and Knight 2022). A neuron without a spike gets none of it;
 * {@link VoltageRegulariser} reaches it.
 *
 * @param strength lambda, at least 0; 0 is off
 * @param target nu, spikes per neuron and sample
 */
public record RateRegulariser(double strength, double target) implements Regulariser {
  public RateRegulariser {
    if (!(strength >= 0) || !(target >= 0)) {
      throw new IllegalArgumentException(
          "strength, target: expected at least 0, got " + strength + " and " + target + ".");
    }
  }

  @Override
  public void apply(Pass pass) {
    if (strength == 0) {
      return;
    }
    if (pass.steps() > 0) {
      throw new IllegalArgumentException(
          "RateRegulariser (--spike-weight): expected spiking layers on event times, got layers on"
              + " steps. Use ActivityTarget (--activity-weight).");
    }
    double batch = pass.batch();
    for (List<EventCounter> layer : pass.counters()) {
      for (EventCounter counter : layer) {
        int[] counts = counter.counts();
        double[] push = new double[counts.length];
        for (int n = 0; n < push.length; n++) {
          push[n] = -strength * (counts[n] - target * batch) / (batch * batch);
        }
        counter.push(push);
      }
    }
  }
}
