package io.tacet.training;

/**
 * What one epoch gave.
 *
 * @param epoch from 1
 * @param trainLoss mean loss over the epoch, as the weights changed
 * @param trainAccuracy over the epoch, as the weights changed
 * @param testLoss mean loss after the epoch on the set that the trainee is tested with, which for
 *     language models is the validation text; NaN without one
 * @param testAccuracy on the same set; NaN without one
 * @param activity events per hidden neuron and sample in training
 * @param rate learning rate factor of the schedule
 * @param seconds since the training began, earlier runs included
 */
public record EpochResult(
    int epoch,
    double trainLoss,
    double trainAccuracy,
    double testLoss,
    double testAccuracy,
    double activity,
    double rate,
    double seconds) {}
