package io.tacet.training;

import java.util.List;

/**
 * The epochs of a training.
 *
 * @param epochs in order
 * @param finished false when it was interrupted
 * @param best number of the epoch whose weights the network has, after a training with early
 *     stopping; 0 for those of the last
 */
public record History(List<EpochResult> epochs, boolean finished, int best) {
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

  /**
   * The epoch whose weights the network has: the last, or the best of a training with early
   * stopping.
   *
   * @throws IllegalStateException if no epoch was finished
   */
  public EpochResult kept() {
    return epochs.stream().filter(epoch -> epoch.epoch() == best).findFirst().orElseGet(this::last);
  }

  /** Accuracy on the test set of the weights that the network has. */
  public double testAccuracy() {
    return kept().testAccuracy();
  }
}
