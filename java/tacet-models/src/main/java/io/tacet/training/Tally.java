package io.tacet.training;

/** Sums over what was seen so far. */
public final class Tally {
  double loss;
  long correct;
  long samples;
  long events;
  long chances;

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
      }
    }
    if (Double.isNaN(loss)) {
      throw new ArithmeticException(
          "The loss is not a number. Lower the learning rate, or check the weights and inputs for"
              + " NaN.");
    }
  }

  /**
   * Adds events.
   *
   * @param happened their number
   * @param possible what it is divided by: neurons times samples, for units that are asked at every
   *     step also times steps
   */
  public void events(long happened, long possible) {
    events += happened;
    chances += possible;
  }

  /** Mean loss of a prediction; NaN before the first. */
  public double meanLoss() {
    return samples == 0 ? Double.NaN : loss / samples;
  }

  /** Fraction of predictions that were right; NaN before the first. */
  public double accuracy() {
    return samples == 0 ? Double.NaN : (double) correct / samples;
  }

  /** Events per chance. */
  public double activity() {
    return chances == 0 ? 0 : (double) events / chances;
  }
}
