package io.tacet.training;

import io.tacet.network.SpikeMargin;
import java.util.List;

/**
 * What one epoch gave.
 *
 * @param epoch from 1
 * @param trainLoss mean loss over the epoch, as the weights changed
 * @param trainAccuracy over the epoch, as the weights changed
 * @param testLoss mean loss after the epoch on the set that the trainee is tested with, which for
 *     language models is the validation text; NaN without one
 * @param testAccuracy on the same set; NaN without one
 * @param activity events per hidden neuron and sample in training; NaN without hidden units that
 *     have events
 * @param activities the same of each layer, from the first above the inputs; empty where a
 *     checkpoint of an older version does not have it
 * @param rate learning rate factor of the schedule
 * @param backwardSparsity fraction of units that took no part in the backward product of the last
 *     batch, see {@code EgruTape.backwardSparsity}; NaN where there is no such thing
 * @param margin how near spikes were to vanishing in training; nothing where no layer watches that
 * @param seconds since the training began, earlier runs included
 */
public record EpochResult(
    int epoch,
    double trainLoss,
    double trainAccuracy,
    double testLoss,
    double testAccuracy,
    double activity,
    List<Double> activities,
    double rate,
    double backwardSparsity,
    SpikeMargin margin,
    double seconds) {
  public EpochResult {
    activities = List.copyOf(activities);
  }
}
