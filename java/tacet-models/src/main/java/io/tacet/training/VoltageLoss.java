package io.tacet.training;

import io.tacet.eventprop.Losses;
import io.tacet.network.Pass;

/** Softmax cross-entropy of the values of a read-out layer. */
public record VoltageLoss() implements Loss {
  @Override
  public void evaluate(Pass pass) {
    if (pass.values() == null) {
      throw new IllegalArgumentException(
          "loss: VoltageLoss needs a read-out layer, got a spiking output; use TimeToFirstSpike.");
    }
    Losses.crossEntropy(
        pass.values(), pass.labels(), pass.valueErrors(), pass.losses(), pass.predicted());
  }
}
