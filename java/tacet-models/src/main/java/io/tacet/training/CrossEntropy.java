package io.tacet.training;

import io.tacet.dense.Dense;
import io.tacet.eventprop.Losses;
import io.tacet.network.Pass;

/**
 * Softmax cross-entropy of the values of a read-out, one row for each label: of a sample at its
 * end, or of every step, as for the next token. Averaged over the labels; a label below 0 does not
 * count.
 */
public record CrossEntropy() implements Loss {
  @Override
  public void evaluate(Pass pass) {
    if (pass.values() == null) {
      throw new IllegalArgumentException(
          "loss: CrossEntropy needs a read-out layer, got a spiking output; use TimeToFirstSpike.");
    }
    if (pass.targets() != null) {
      throw new IllegalArgumentException(
          "loss: CrossEntropy needs data with labels, got targets; use MeanSquaredError.");
    }
    if (pass.steps() == 0) {
      // Its rounding is that of earlier trainings of spiking networks, which amplify any other.
      Losses.crossEntropy(
          pass.values(),
          pass.labels(),
          pass.labelValues(),
          pass.valueErrors(),
          pass.losses(),
          pass.predicted());
      return;
    }
    Dense.softmaxCrossEntropy(
        pass.values(),
        pass.labels(),
        1.0 / pass.rows(),
        pass.losses(),
        pass.predicted(),
        pass.shape().trains() ? pass.valueErrors() : null);
  }
}
