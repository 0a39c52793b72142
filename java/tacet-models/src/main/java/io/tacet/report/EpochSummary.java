package io.tacet.report;

/**
 * What is shown of an epoch when it is over. NaN stands for a number that was not measured and is
 * left out.
 *
 * @param epoch number of the epoch, from 1
 * @param loss mean training loss
 * @param accuracy fraction of training samples classified correctly, in [0, 1]
 * @param testAccuracy fraction of samples of the test set, or of the validation set where a task
 *     keeps its test set for the end, classified correctly, in [0, 1]
 * @param eventsPerNeuron mean number of events of a hidden unit in a sample
 * @param seconds time the epoch took
 */
public record EpochSummary(
    int epoch,
    double loss,
    double accuracy,
    double testAccuracy,
    double eventsPerNeuron,
    double seconds) {}
