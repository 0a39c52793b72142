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
   * @param losses of each prediction, 0 where it does not count
   * @param counted how many count
   */
  public void losses(double[] losses, long counted) {
    loss += Arrays.stream(losses).sum();
    samples += counted;
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
   * How many numbers these sums are.
   *
   * @param layers most layers that count events
   */
  static int numbers(int layers) {
    return 4 + 2 * layers;
  }

  /** Writes them from a place of an array to its end, which {@link #add} reads. */
  void write(double[] into, int at) {
    Arrays.fill(into, at, into.length, 0);
    into[at] = loss;
    into[at + 1] = correct;
    into[at + 2] = samples;
    into[at + 3] = classified;
    for (int k = 0; k < events.length; k++) {
      into[at + 4 + 2 * k] = events[k];
      into[at + 5 + 2 * k] = chances[k];
    }
  }

  /**
   * Adds sums of what {@link #write} has written.
   *
   * @param layers most layers that count events
   */
  void add(double[] sums, int at, int layers) {
    loss += sums[at];
    correct += (long) sums[at + 1];
    samples += (long) sums[at + 2];
    classified += (long) sums[at + 3];
    for (int k = 0; k < layers; k++) {
      if (sums[at + 5 + 2 * k] > 0) {
        events(k, (long) sums[at + 4 + 2 * k], (long) sums[at + 5 + 2 * k]);
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
