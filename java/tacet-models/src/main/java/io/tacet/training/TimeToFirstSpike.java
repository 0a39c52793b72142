package io.tacet.training;

import io.tacet.eventprop.FirstSpikeLoss;
import io.tacet.eventprop.Losses;
import io.tacet.network.Pass;

/**
 * Cross-entropy of the times of the outputs' first spikes; the class is the output that spikes
 * first, and none, which counts as wrong, where all are silent. The loss that is reported is the
 * mean over all samples, those with a silent label included. See {@link FirstSpikeLoss}.
 *
 * @param settings constants of the loss
 */
public record TimeToFirstSpike(FirstSpikeLoss settings) implements Loss {
  /** tau0 and tau1 in ms, alpha the weight of the early-spike term. */
  public static TimeToFirstSpike of(double tau0, double tau1, double alpha) {
    return new TimeToFirstSpike(new FirstSpikeLoss(tau0, tau1, alpha));
  }

  /** Samples whose own output is silent give no gradient; see {@link FirstSpikeLoss}. */
  public TimeToFirstSpike skipSilentLabels() {
    return new TimeToFirstSpike(
        new FirstSpikeLoss(settings.tau0(), settings.tau1(), settings.alpha(), true));
  }

  @Override
  public boolean issuesOnly() {
    return true;
  }

  @Override
  public void evaluate(Pass pass) {
    if (pass.outputSpikes() == null) {
      throw new IllegalArgumentException(
          "loss: TimeToFirstSpike needs a spiking output layer, got a read-out; use CrossEntropy.");
    }
    Losses.firstSpike(
        settings,
        pass.outputSpikes(),
        pass.labels(),
        pass.labelValues(),
        pass.network().spec().outputs(),
        pass.network().spec().duration(),
        pass.losses(),
        pass.predicted());
  }
}
