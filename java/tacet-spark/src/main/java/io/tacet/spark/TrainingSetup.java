package io.tacet.spark;

import io.tacet.training.Training;
import java.io.Serializable;

/** Settings of a training beyond the parameters of {@link TacetEstimator}; runs in every task. */
@FunctionalInterface
public interface TrainingSetup extends Serializable {
  /**
   * Sets loss, optimiser, regularisers or whatever else; data, group, shares, checkpoints and
   * listener are set afterwards.
   */
  Training apply(Training training);
}
