package io.tacet.training;

import io.tacet.network.LayerActivity;
import io.tacet.network.Pass;

/**
 * Makes the activity of a layer sparse: adds {@code strength mean sum_m |h_m|} to the loss, with
 * h_m what unit m sends to the layer above, the sum over units and the mean over samples and steps.
 * For dense, recurrent and event-gated layers on steps.
 *
 * @param layer number of the layer, from 0 above the input; not the last
 * @param strength lambda, at least 0; 0 is off
 */
public record ActivityL1(int layer, double strength) implements Regulariser {
  public ActivityL1 {
    WeightPenalty.requireStrength(strength);
  }

  @Override
  public void apply(Pass pass) {
    if (strength == 0) {
      return;
    }
    LayerActivity activity = pass.activity(layer);
    double[] slopes = activity.values().toDoubles();
    double each = strength * activity.units() / (activity.rows() * activity.units());
    for (int k = 0; k < slopes.length; k++) {
      slopes[k] = each * Math.signum(slopes[k]);
    }
    activity.push(slopes);
  }
}
