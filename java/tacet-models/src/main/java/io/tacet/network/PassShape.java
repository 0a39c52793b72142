package io.tacet.network;

/**
 * The shape of passes that share their arrays.
 *
 * @param batch number of samples
 * @param steps number of steps; 0 for event times
 * @param eventCapacity most input events of a sample; 0 for steps
 * @param inputErrors whether the backward pass gives the gradient of the times of input events
 * @param training null for inference
 * @param sequence number of steps of the sequences of which these may be a segment
 */
public record PassShape(
    int batch,
    int steps,
    int eventCapacity,
    boolean inputErrors,
    TrainingOptions training,
    int sequence) {

  /** Passes over event times. */
  public static PassShape events(int batch, int capacity, TrainingOptions training) {
    return new PassShape(batch, 0, Math.max(1, capacity), false, training, 0);
  }

  /** Passes over steps. */
  public static PassShape steps(int batch, int steps, TrainingOptions training) {
    return new PassShape(batch, steps, 0, false, training, steps);
  }

  /** Passes of other extents that are the same otherwise. */
  public PassShape of(int otherBatch, int otherSteps) {
    return new PassShape(
        otherBatch,
        otherSteps,
        eventCapacity,
        inputErrors,
        training,
        sequence - steps + otherSteps);
  }

  /** With the gradient of the times of input events. */
  public PassShape withInputErrors() {
    return new PassShape(batch, steps, eventCapacity, true, training, sequence);
  }

  /** Steps of a segment where a sequence is computed in segments; else 0. */
  public int segment() {
    return trains() && training.segment() < steps ? training.segment() : 0;
  }

  /** The shape in which layers compute: that of a segment where there are segments. */
  public PassShape ofLayers() {
    return segment() == 0 ? this : new PassShape(batch, segment(), 0, false, training, steps);
  }

  /** Whether these are some steps of a longer sequence. */
  public boolean isSegment() {
    return sequence > steps;
  }

  /** Samples times the steps of their whole sequences. */
  public long chances() {
    return (long) sequence * batch;
  }

  /** Whether there is a backward pass. */
  public boolean trains() {
    return training != null;
  }

  /** Least slope of spikes in training; 0 in inference, and for the exact gradient. */
  public double leastSlope() {
    return trains() ? training.leastSlope() : 0;
  }

  /** Dropouts of training; none in inference. */
  public Dropouts dropouts() {
    return trains() ? training.dropouts() : Dropouts.OFF;
  }
}
