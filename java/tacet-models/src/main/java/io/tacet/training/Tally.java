package io.tacet.training;

import io.tacet.eventprop.Spikes;
import io.tacet.network.Pass;

/** Sums over the samples seen so far. */
final class Tally {
  double loss;
  long correct;
  long samples;
  long events;
  long neurons;

  void add(Pass pass) {
    double[] losses = pass.losses().toDoubles();
    int[] predicted = pass.predicted().toInts();
    int[] labels = pass.labels().toInts();
    for (int b = 0; b < losses.length; b++) {
      loss += losses[b];
      correct += predicted[b] == labels[b] ? 1 : 0;
    }
    samples += losses.length;
    int layers = pass.network().spec().layers().size();
    neurons = 0;
    for (int k = 0; k + 1 < layers; k++) {
      Spikes spikes = pass.spikes(k);
      for (int count : spikes.counts().toInts()) {
        events += count;
      }
      neurons += pass.network().spec().layers().get(k).neurons();
    }
    if (Double.isNaN(loss)) {
      throw new ArithmeticException(
          "The loss is not a number. Lower the learning rate, or check the weights and inputs for"
              + " NaN.");
    }
  }

  double meanLoss() {
    return samples == 0 ? Double.NaN : loss / samples;
  }

  double accuracy() {
    return samples == 0 ? Double.NaN : (double) correct / samples;
  }

  /** Events per hidden neuron and sample. */
  double activity() {
    return samples == 0 || neurons == 0 ? 0 : (double) events / ((double) samples * neurons);
  }
}
