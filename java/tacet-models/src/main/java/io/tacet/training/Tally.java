package io.tacet.training;

import io.tacet.network.SpikeMargin;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Sums over what was seen so far. */
public final class Tally {
  double loss;
  long correct;
  long samples;

  /** How many of the samples have a class. */
  long classified;

  /** How near spikes were to vanishing. */
  SpikeMargin margin = SpikeMargin.NONE;

  /** Of each layer. */
  long[] events = {};

  long[] chances = {};

  /**
   * Adds a batch.
   *
   * @param losses of each prediction
   * @param predicted class of each
   * @param labels class each should have; one below 0 does not count
   */
  public void predictions(double[] losses, int[] predicted, int[] labels) {
    for (int b = 0; b < losses.length; b++) {
      if (labels[b] >= 0) {
        loss += losses[b];
        correct += predicted[b] == labels[b] ? 1 : 0;
        samples++;
        classified++;
      }
    }
    requireNumber();
  }

  /**
   * Adds a batch whose samples have no class.
   *
   * @param losses of each prediction
   */
  public void losses(double[] losses) {
    loss += Arrays.stream(losses).sum();
    samples += losses.length;
    requireNumber();
  }

  private void requireNumber() {
    if (Double.isNaN(loss)) {
      throw new ArithmeticException(
          "The loss is not a number. Lower the learning rate, or check the weights and inputs for"
              + " NaN.");
    }
  }

  /**
   * Adds events.
   *
   * @param layer from 0
   * @param happened their number
   * @param possible what it is divided by: neurons times samples, and times steps for units that
   *     may have an event at every step
   */
  public void events(int layer, long happened, long possible) {
    if (layer >= events.length) {
      events = Arrays.copyOf(events, layer + 1);
      chances = Arrays.copyOf(chances, layer + 1);
    }
    events[layer] += happened;
    chances[layer] += possible;
  }

  /** Adds how near the spikes of a pass were to vanishing. */
  public void margin(SpikeMargin ofPass) {
    margin = margin.and(ofPass);
  }

  /**
   * Adds what all members of a group have seen of a batch; of margins only its own.
   *
   * @param part what this member has seen
   * @param layers most layers that count events
   */
  void addAll(Tally part, Communicator group, int layers) {
    margin(part.margin);
    double[] sums = new double[4 + 2 * layers];
    sums[0] = part.loss;
    sums[1] = part.correct;
    sums[2] = part.samples;
    sums[3] = part.classified;
    for (int k = 0; k < part.events.length; k++) {
      sums[4 + 2 * k] = part.events[k];
      sums[5 + 2 * k] = part.chances[k];
    }
    group.sum(sums);
    loss += sums[0];
    correct += (long) sums[1];
    samples += (long) sums[2];
    classified += (long) sums[3];
    for (int k = 0; k < layers; k++) {
      if (sums[5 + 2 * k] > 0) {
        events(k, (long) sums[4 + 2 * k], (long) sums[5 + 2 * k]);
      }
    }
  }

  /** Mean loss of a prediction; NaN before the first. */
  public double meanLoss() {
    return samples == 0 ? Double.NaN : loss / samples;
  }

  /** Fraction of predictions that were right; NaN before the first, and without classes. */
  public double accuracy() {
    return classified == 0 ? Double.NaN : (double) correct / classified;
  }

  /** Events per chance, over all layers; NaN where no units have events. */
  public double activity() {
    return activity(Arrays.stream(events).sum(), Arrays.stream(chances).sum());
  }

  /** Events per chance of each layer. */
  public List<Double> activities() {
    return IntStream.range(0, events.length)
        .mapToObj(k -> activity(events[k], chances[k]))
        .toList();
  }

  private static double activity(long happened, long possible) {
    return possible == 0 ? Double.NaN : (double) happened / possible;
  }
}
