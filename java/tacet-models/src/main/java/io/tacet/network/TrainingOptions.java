package io.tacet.network;

/**
 * How layers train.
 *
 * @param dropouts drawn anew in each pass
 * @param tape what is kept of a forward pass over steps
 * @param segment steps of a segment, of which activations are kept at a time; 0 for all steps
 * @param leastSlope see {@link io.tacet.training.Training#leastSlope}; 0 for the exact gradient
 */
public record TrainingOptions(Dropouts dropouts, TapeKind tape, int segment, double leastSlope) {
  /** No dropout, a full tape. */
  public static final TrainingOptions PLAIN = new TrainingOptions(Dropouts.OFF, TapeKind.FULL);

  /** All steps at once. */
  public TrainingOptions(Dropouts dropouts, TapeKind tape) {
    this(dropouts, tape, 0);
  }

  /** With the exact gradient of spikes. */
  public TrainingOptions(Dropouts dropouts, TapeKind tape, int segment) {
    this(dropouts, tape, segment, 0);
  }
}
