package io.tacet.training;

import io.tacet.network.Pass;

/**
 * Minus the reward expected of answering yes with probability {@code sigmoid(y)}: {@code
 * -sigmoid(y) r}, with a read-out y and the reward r of a yes as its target, of either sign; a no
 * has none (Flesch, Nagy, Saxe and Summerfield 2023, "Modelling continual learning in humans with
 * Hebbian context gating and exponentially decaying task signals"). Mean over the outputs, averaged
 * over samples and steps. Computed on the CPU.
 */
public record ExpectedReward() implements Loss {
  @Override
  public void evaluate(Pass pass) {
    TargetErrors.write(
        pass,
        "ExpectedReward",
        (value, reward) -> -sigmoid(value) * reward,
        (value, reward) -> -sigmoid(value) * (1 - sigmoid(value)) * reward);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
