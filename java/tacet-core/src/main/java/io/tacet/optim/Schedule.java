package io.tacet.optim;

/** Learning rate over training, as a factor on the initial rate. */
@FunctionalInterface
public interface Schedule {
  /**
   * The factor at a point of the training.
   *
   * @param epoch epochs done so far, with a fraction within an epoch, 0 .. epochs
   * @param epochs length of the training
   */
  double factor(double epoch, int epochs);

  /** Always 1. */
  static Schedule constant() {
    return (epoch, epochs) -> 1;
  }

  /** {@code decay} to the power of the number of finished epochs. */
  static Schedule exponential(double decay) {
    if (!(decay > 0)) {
      throw new IllegalArgumentException("decay: expected a positive factor, got " + decay + ".");
    }
    return (epoch, epochs) -> Math.pow(decay, Math.floor(epoch));
  }

  /** Half-cosine decay from 1 to {@code last}, continuous within epochs. */
  static Schedule cosine(double last) {
    return constantThenCosine(0, last);
  }

  /**
   * 1 at first, then half a cosine to {@code last}, continuous within epochs.
   *
   * @param start fraction of the training after which the cosine begins, [0, 1)
   */
  static Schedule constantThenCosine(double start, double last) {
    if (!(start >= 0 && start < 1)) {
      throw new IllegalArgumentException("start: expected [0, 1), got " + start + ".");
    }
    return (epoch, epochs) -> {
      double done = Math.max(0, Math.min(1, (epoch / epochs - start) / (1 - start)));
      return last + (1 - last) * 0.5 * (1 + Math.cos(Math.PI * done));
    };
  }
}
