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
    TargetErrors.write(
        pass,
        "MeanSquaredError",
        (value, target) -> (value - target) * (value - target),
        (value, target) -> 2 * (value - target));
  }
}
