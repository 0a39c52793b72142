package io.tacet.training;

import io.tacet.network.LayerActivity;
import io.tacet.network.Pass;

/**
 * Makes the code of a layer smooth: samples 2i and 2i + 1 of a batch are views of neighbouring
 * stimuli, and {@code strength / 2 |h(2i) - h(2i + 1)|^2} is added to the loss, with h what the
 * units of the layer send to the one above; summed over units and pairs, divided by the number of
 * samples and of steps; of sequences of different lengths over the steps that both have. The data
 * keep pairs together, see {@code SequenceData.group}. For dense, recurrent and event-gated layers
 * on steps.
 *
 * @param layer number of the layer, from 0 above the input; not the last
 * @param strength lambda, at least 0; 0 is off
 */
public record Smoothness(int layer, double strength) implements Regulariser {
  public Smoothness {
    WeightPenalty.requireStrength(strength);
  }

  @Override
  public void apply(Pass pass) {
    if (strength == 0) {
      return;
    }
    if (pass.batch() % 2 != 0) {
      throw new IllegalArgumentException(
          "batch: expected an even number of samples, since Smoothness compares neighbours in"
              + " pairs, got "
              + pass.batch()
              + ".");
    }
    LayerActivity activity = pass.activity(layer);
    double[] slopes = activity.values().toDoubles();
    int units = activity.units();
    double each = strength * units / (activity.rows() * units);
    for (int pair = 0; pair < slopes.length; pair += 2 * units) {
      int row = pair / units;
      boolean both = activity.counts(row) && activity.counts(row + 1);
      for (int k = pair; k < pair + units; k++) {
        double slope = both ? each * (slopes[k] - slopes[k + units]) : 0;
        slopes[k] = slope;
        slopes[k + units] = -slope;
      }
    }
    activity.push(slopes);
  }
}
