package io.tacet.training;

import io.tacet.network.Pass;

/**
 * What losses of values and targets share. Computed on the CPU, with copies from the device and
 * back.
 */
final class TargetErrors {
  private TargetErrors() {}

  /** A term of the loss or its slope. */
  interface Term {
    double at(double value, double target);
  }

  /**
   * Writes the mean over the outputs of a term, of each row, and the errors.
   *
   * @param name of the loss
   * @param slope derivative of the term by the value
   */
  static void write(Pass pass, String name, Term term, Term slope) {
    if (pass.values() == null) {
      throw new IllegalArgumentException(
          "loss: "
              + name
              + " needs a read-out layer, got another output; end the network with"
              + " .readout(outputs).");
    }
    float[] targets = pass.targets();
    if (targets == null) {
      throw new IllegalArgumentException(
          "loss: "
              + name
              + " needs data with targets, got labels; use CrossEntropy, or data of"
              + " ArraySequences.regression.");
    }
    double[] errors = pass.values().toDoubles();
    double[] losses = new double[Math.toIntExact(pass.losses().length())];
    int outputs = errors.length / losses.length;
    long counted = pass.rows() * outputs;
    for (int k = 0; k < errors.length; k++) {
      double value = errors[k];
      boolean counts = losses.length == pass.batch() || pass.counts(k / outputs);
      losses[k / outputs] += counts ? term.at(value, targets[k]) / outputs : 0;
      errors[k] = counts ? slope.at(value, targets[k]) / counted : 0;
    }
    pass.losses().copyFrom(losses);
    if (pass.shape().trains()) {
      pass.valueErrors().copyFrom(errors);
    }
  }
}
