package io.tacet.network;

import java.util.EnumSet;
import java.util.Set;

/**
 * Neuron parameters of a layer: the same for all its neurons at the start.
 *
 * @param tauMem membrane time constant in ms
 * @param tauSyn synaptic time constant in ms
 * @param threshold in units of V, positive
 * @param reset value of V after a spike, below the threshold
 * @param bias constant drive
 * @param trainable what trains besides the weights
 */
public record Lif(
    double tauMem,
    double tauSyn,
    double threshold,
    double reset,
    double bias,
    Set<Trainable> trainable) {

  public Lif {
    if (!(tauMem > 0) || !(tauSyn > 0)) {
      throw new IllegalArgumentException(
          "tauMem, tauSyn: expected positive numbers of ms, got "
              + tauMem
              + " and "
              + tauSyn
              + ".");
    }
    if (!(threshold > 0) || !(reset < threshold)) {
      throw new IllegalArgumentException(
          "threshold, reset: expected a positive threshold above the reset value, got "
              + threshold
              + " and "
              + reset
              + ".");
    }
    trainable = Set.copyOf(trainable);
  }

  /** Threshold 1, reset to 0, no bias. */
  public static Lif tau(double tauMem, double tauSyn) {
    return new Lif(tauMem, tauSyn, 1, 0, 0, Set.of());
  }

  public Lif threshold(double value) {
    return new Lif(tauMem, tauSyn, value, reset, bias, trainable);
  }

  public Lif reset(double value) {
    return new Lif(tauMem, tauSyn, threshold, value, bias, trainable);
  }

  public Lif bias(double value) {
    return new Lif(tauMem, tauSyn, threshold, reset, value, trainable);
  }

  /** Adds to what trains. */
  public Lif train(Trainable first, Trainable... more) {
    EnumSet<Trainable> all = EnumSet.of(first, more);
    all.addAll(trainable);
    return new Lif(tauMem, tauSyn, threshold, reset, bias, all);
  }
}
