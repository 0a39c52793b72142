package io.tacet.recurrent;

/**
 * How batches are made and differentiated.
 *
 * @param batch samples, or parallel streams of text, per update
 * @param seed of order and masks
 * @param dropouts of training
 * @param activity regulariser
 */
public record RecurrentTraining(int batch, long seed, Dropouts dropouts, ActivityTarget activity) {
  public RecurrentTraining {
    if (batch < 1) {
      throw new IllegalArgumentException("batch: expected at least 1, got " + batch + ".");
    }
  }

  /** Neither dropout nor regulariser. */
  public static RecurrentTraining of(int batch, long seed) {
    return new RecurrentTraining(batch, seed, Dropouts.OFF, ActivityTarget.OFF);
  }
}
