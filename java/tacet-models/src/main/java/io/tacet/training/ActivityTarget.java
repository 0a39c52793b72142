package io.tacet.training;

import io.tacet.network.EventCounter;
import io.tacet.network.Pass;
import java.util.List;

/**
 * Of layers on steps: pulls the activity of each unit towards a target: adds {@code weight mean_m
 * (o_m - target)^2} to the loss of each layer, with o_m the mean of the events of unit m over steps
 * and samples. Its gradient goes through the surrogate.
 *
 * @param weight lambda, at least 0; 0 is off
 * @param target mean number of events of a unit in a step, [0, 1]
 */
public record ActivityTarget(double weight, double target) implements Regulariser {
  public ActivityTarget {
    if (!(weight >= 0) || !(target >= 0 && target <= 1)) {
      throw new IllegalArgumentException(
          "weight, target: expected at least 0 and [0, 1], got " + weight + ", " + target + ".");
    }
  }

  @Override
  public void apply(Pass pass) {
    if (weight == 0) {
      return;
    }
    if (pass.steps() == 0) {
      throw new IllegalArgumentException(
          "ActivityTarget (--activity-weight): expected layers on steps, got spiking layers on"
              + " event times. Use RateRegulariser (--spike-weight).");
    }
    for (List<EventCounter> layer : pass.counters()) {
      for (EventCounter counter : layer) {
        int[] counts = counter.counts();
        double[] slopes = new double[counts.length];
        for (int m = 0; m < slopes.length; m++) {
          slopes[m] = slope(counts[m], counter.possible(), slopes.length);
        }
        counter.push(slopes);
      }
    }
  }

  /** Derivative of the term by one event of a unit. */
  private double slope(int events, long possible, int units) {
    return 2 * weight * ((double) events / possible - target) / possible / units;
  }
}
