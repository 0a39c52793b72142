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

  /** Half a cosine from 1 to {@code last}, continuous within epochs. */
  static Schedule cosine(double last) {
    return (epoch, epochs) ->
        last + (1 - last) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, epoch / epochs)));
  }
}
