package io.tacet.training;

import java.util.List;

/**
 * The epochs of a training.
 *
 * @param epochs in order
 * @param finished false when it was stopped early
 */
public record History(List<EpochResult> epochs, boolean finished) {
  public History {
    epochs = List.copyOf(epochs);
  }

  /**
   * The last epoch.
   *
   * @throws IllegalStateException if no epoch was finished
   */
  public EpochResult last() {
    if (epochs.isEmpty()) {
      throw new IllegalStateException("No epoch was finished.");
    }
    return epochs.get(epochs.size() - 1);
  }

  /** Accuracy on the test set after the last epoch. */
  public double testAccuracy() {
    return last().testAccuracy();
  }
}
