package io.tacet.eventprop;

/**
 * Cross-entropy of first spike times with a term for early spikes (Wunderlich and Pehle 2021): for
 * label l and first spike times t_k of the outputs, {@code -log(e^(-t_l/tau0) / sum_k
 * e^(-t_k/tau0)) + alpha (e^(t_l/tau1) - 1)}, averaged over the batch. An output that never spikes
 * counts as spiking at the end of the simulation and has no gradient of its own.
 *
 * @param tau0 ms, positive
 * @param tau1 ms, positive
 * @param alpha weight of the early-spike term, at least 0
 */
public record FirstSpikeLoss(double tau0, double tau1, double alpha) {
  public FirstSpikeLoss {
    if (!(tau0 > 0) || !(tau1 > 0) || !(alpha >= 0)) {
      throw new IllegalArgumentException(
          "tau0, tau1, alpha: expected positive, positive and at least 0, got "
              + tau0
              + ", "
              + tau1
              + ", "
              + alpha
              + ".");
    }
  }
}
