package io.tacet.recurrent;

/**
 * How batches are made and differentiated.
 *
 * @param batch samples, or parallel streams of text, per update
 * @param seed of order and masks
 * @param dropouts of training
 * @param activity regulariser
 * @param tape what is kept of a forward pass
 */
public record RecurrentTraining(
    int batch, long seed, Dropouts dropouts, ActivityTarget activity, TapeKind tape) {
  public RecurrentTraining {
    if (batch < 1) {
      throw new IllegalArgumentException("batch: expected at least 1, got " + batch + ".");
    }
  }

  /** With a full tape. */
  public RecurrentTraining(int batch, long seed, Dropouts dropouts, ActivityTarget activity) {
    this(batch, seed, dropouts, activity, TapeKind.FULL);
  }

  /** Neither dropout nor regulariser. */
  public static RecurrentTraining of(int batch, long seed) {
    return new RecurrentTraining(batch, seed, Dropouts.OFF, ActivityTarget.OFF);
  }
}
