package io.tacet.training;

import io.tacet.network.Pass;

/**
 * Mean over the outputs of the squared difference between the values of a read-out and the targets,
 * of a sample at its end or of every step, as the data have them; averaged over samples and steps.
 * Computed on the CPU: values and errors are copied from the device and back.
 */
public record MeanSquaredError() implements Loss {
  @Override
  public void evaluate(Pass pass) {
    if (pass.values() == null) {
      throw new IllegalArgumentException(
          "loss: MeanSquaredError needs a read-out layer, got another output; end the network with"
              + " .readout(outputs).");
    }
    float[] targets = pass.targets();
    if (targets == null) {
      throw new IllegalArgumentException(
          "loss: MeanSquaredError needs data with targets, got labels; use CrossEntropy, or data of"
              + " ArraySequences.regression.");
    }
    double[] errors = pass.values().toDoubles();
    double[] losses = new double[Math.toIntExact(pass.losses().length())];
    int outputs = errors.length / losses.length;
    for (int k = 0; k < errors.length; k++) {
      double difference = errors[k] - targets[k];
      losses[k / outputs] += difference * difference / outputs;
      errors[k] = 2 * difference / errors.length;
    }
    pass.losses().copyFrom(losses);
    if (pass.shape().trains()) {
      pass.valueErrors().copyFrom(errors);
    }
  }
}
