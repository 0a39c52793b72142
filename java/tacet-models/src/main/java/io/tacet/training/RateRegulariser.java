package io.tacet.training;

import io.tacet.eventprop.Spikes;
import io.tacet.memory.DeviceArray;
import io.tacet.network.Network;
import io.tacet.network.Pass;

/**
 * Pushes hidden neurons towards a target number of spikes per sample. A heuristic, since the
 * derivative of a spike count is 0: at each spike of neuron n, lambda_V is lowered by {@code
 * strength (N_n - target B) / B^2}, with N_n its spikes in the batch (Nowotny, Turner and Knight
 * 2022).
 *
 * @param strength lambda, at least 0; 0 is off
 * @param target nu, spikes per neuron and sample
 */
public record RateRegulariser(double strength, double target) {
  /** No regularisation. */
  public static final RateRegulariser OFF = new RateRegulariser(0, 0);

  /** One array per hidden layer, which the caller closes; null when off. */
  DeviceArray[] kicks(Network network) {
    if (strength == 0) {
      return null;
    }
    int layers = network.spec().layers().size();
    DeviceArray[] kicks = new DeviceArray[layers];
    for (int k = 0; k + 1 < layers; k++) {
      kicks[k] =
          network
              .backend()
              .allocate(network.spec().precision(), network.spec().layers().get(k).neurons());
    }
    return kicks;
  }

  void fill(Pass pass, DeviceArray[] kicks) {
    double batch = pass.batch();
    for (int k = 0; k + 1 < kicks.length; k++) {
      Spikes spikes = pass.spikes(k);
      double[] kick = new double[(int) kicks[k].length()];
      int[] counts = spikes.counts().toInts();
      int[] units = spikes.units().toInts();
      for (int b = 0; b < counts.length; b++) {
        for (int e = 0; e < counts[b]; e++) {
          kick[units[b * spikes.capacity() + e]]++;
        }
      }
      for (int n = 0; n < kick.length; n++) {
        kick[n] = -strength * (kick[n] - target * batch) / (batch * batch);
      }
      kicks[k].copyFrom(kick);
    }
  }
}
