package io.tacet.network;

/**
 * How layers train.
 *
 * @param dropouts drawn anew in each pass
 * @param tape what is kept of a forward pass over steps
 */
public record TrainingOptions(Dropouts dropouts, TapeKind tape) {
  /** No dropout, a full tape. */
  public static final TrainingOptions PLAIN = new TrainingOptions(Dropouts.OFF, TapeKind.FULL);
}
