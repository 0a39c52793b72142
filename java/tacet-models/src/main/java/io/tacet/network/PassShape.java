package io.tacet.network;

/**
 * The shape of passes that share their arrays.
 *
 * @param batch number of samples
 * @param steps number of steps; 0 for event times
 * @param eventCapacity most input events of a sample; 0 for steps
 * @param inputErrors whether the backward pass gives the gradient of the times of input events
 * @param training null for inference
 */
public record PassShape(
    int batch, int steps, int eventCapacity, boolean inputErrors, TrainingOptions training) {

  /** Passes over event times. */
  public static PassShape events(int batch, int capacity, TrainingOptions training) {
    return new PassShape(batch, 0, Math.max(1, capacity), false, training);
  }

  /** Passes over steps. */
  public static PassShape steps(int batch, int steps, TrainingOptions training) {
    return new PassShape(batch, steps, 0, false, training);
  }

  /** Passes of other extents that are the same otherwise. */
  public PassShape of(int otherBatch, int otherSteps) {
    return new PassShape(otherBatch, otherSteps, eventCapacity, inputErrors, training);
  }

  /** With the gradient of the times of input events. */
  public PassShape withInputErrors() {
    return new PassShape(batch, steps, eventCapacity, true, training);
  }

  /** Whether there is a backward pass. */
  public boolean trains() {
    return training != null;
  }

  /** Dropouts of training; none in inference. */
  public Dropouts dropouts() {
    return trains() ? training.dropouts() : Dropouts.OFF;
  }
}
