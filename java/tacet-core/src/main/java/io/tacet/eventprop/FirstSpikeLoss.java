package io.tacet.eventprop;

/**
 * Cross-entropy of first spike times with a term for early spikes (Wunderlich and Pehle 2021): for
 * label l and first spike times t_k of the outputs, {@code -log(e^(-t_l/tau0) / sum_k
 * e^(-t_k/tau0)) + alpha (e^(t_l/tau1) - 1)}, averaged over the batch. An output that never spikes
 * counts as spiking at the end of the simulation and has no gradient of its own.
 *
 * <p>Where the output of the label is the silent one, the gradient can only push the other outputs
 * later, until they are silent too. {@code skipSilentLabels} is the remedy, off unless asked for:
 * such a sample then gives no gradient at all. It still counts in the loss that is reported, with
 * the value above: with Yin-Yang's constants and an end at 60 ms that is 36 where all outputs are
 * silent, and above 100 where another one spikes early, so a few silent samples dominate the mean.
 * The authors leave them out of the mean that they report.
 *
 * @param tau0 ms, positive
 * @param tau1 ms, positive
 * @param alpha weight of the early-spike term, at least 0
 * @param skipSilentLabels whether samples whose own output is silent give no gradient
 */
public record FirstSpikeLoss(double tau0, double tau1, double alpha, boolean skipSilentLabels) {
  public FirstSpikeLoss {
    if (!(tau0 > 0) || !(tau1 > 0) || !(alpha >= 0) || !Double.isFinite(tau0 + tau1 + alpha)) {
      throw new IllegalArgumentException(
          "tau0, tau1, alpha: expected positive, positive and at least 0, all finite, got "
              + tau0
              + ", "
              + tau1
              + ", "
              + alpha
              + ".");
    }
  }

  /** Without the remedy for silent labels. */
  public FirstSpikeLoss(double tau0, double tau1, double alpha) {
    this(tau0, tau1, alpha, false);
  }
}
