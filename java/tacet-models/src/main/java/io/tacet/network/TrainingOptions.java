package io.tacet.network;

/**
 * How layers train.
 *
 * @param dropouts drawn anew in each pass
 * @param tape what is kept of a forward pass over steps
 * @param segment steps of a segment, of which activations are kept at a time; 0 for all steps
 */
public record TrainingOptions(Dropouts dropouts, TapeKind tape, int segment) {
  /** No dropout, a full tape. */
  public static final TrainingOptions PLAIN = new TrainingOptions(Dropouts.OFF, TapeKind.FULL);

  /** All steps at once. */
  public TrainingOptions(Dropouts dropouts, TapeKind tape) {
    this(dropouts, tape, 0);
  }
}
