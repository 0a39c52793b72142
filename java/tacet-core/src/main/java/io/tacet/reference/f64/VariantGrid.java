package io.tacet.reference.f64;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Neurons of a variant on a grid: what one step does to each of them, that is the closed forms of
 * {@link VariantNeuron} over the length of a step. Arrays [variables][neurons] are null for
 * variables that the neurons do not have.
 */
final class VariantGrid {
  final VariantLayer layer;

  /** The variables beside V that the neurons have, but for the onsets of currents. */
  final int[] decaying;

  /** The currents that have an onset. */
  final int[] rising;

  /** All variables that move V: those of {@link #decaying} and the onsets. */
  final int[] moving;

  /** 1/tau_m, or 0 without leak. */
  final double[] leak;

  /** What the bias adds to dV/dt. */
  final double[] drive;

  /** By which each variable is multiplied in a step, V among them. */
  final double[][] fade;

  /** What a step adds to a current, times its onset at the end of it: rate times length. */
  final double[][] ramp;

  final double[][] rates;
  final double[][] couplings;

  /** What a step adds to V, times the variable, ... */
  final double[][] spread;

  /** ... and whatever the variables are. */
  final double[] push;

  /**
   * The integral of lambda_k x_k over a step is x_k (own lambda_k + cross lambda_V) tau_k^2. An
   * onset adds to that of its current, x_o (own lambda_o - late lambda_k + cross lambda_V) tau_k^2.
   */
  final double[][] own;

  final double[][] cross;
  final double[][] late;

  /** That of lambda_V dV/dt is tau_m lambda_V (constant + the sum of membrane_k x_k, V too). */
  final double[][] membrane;

  final double[] constant;

  /** That of lambda_V, by tau_m. */
  final double[] ones;

  /** What the current may have lost of dV/dt since a crossing within a step. */
  final double[] least;

  /** Refractory period in steps; or null. */
  final int[] refractory;

  VariantGrid(GridLayer grid, VariantLayer layer) {
    this.layer = layer;
    int n = layer.base.neurons;
    decaying =
        IntStream.range(VariantNeuron.I, VariantNeuron.DECAYING)
            .filter(k -> tau(k) != null)
            .toArray();
    rising =
        IntStream.of(decaying).filter(k -> layer.alphaSynapses && k <= VariantNeuron.J).toArray();
    moving =
        IntStream.concat(
                IntStream.of(decaying), IntStream.of(rising).map(k -> k + VariantNeuron.ONSET))
            .toArray();
    leak = new double[n];
    drive = new double[n];
    push = new double[n];
    constant = new double[n];
    ones = new double[n];
    least = new double[n];
    fade = perVariable(n);
    rates = perVariable(n);
    couplings = perVariable(n);
    spread = perVariable(n);
    own = perVariable(n);
    cross = perVariable(n);
    membrane = perVariable(n);
    ramp = perVariable(n);
    late = perVariable(n);
    VariantNeuron neuron = new VariantNeuron();
    for (int m = 0; m < n; m++) {
      neuron.set(layer, m);
      set(neuron, m, Real.of(grid.grid.dt()));
    }
    refractory = layer.refractory == null ? null : new int[n];
    for (int m = 0; refractory != null && m < n; m++) {
      refractory[m] = Math.min(grid.grid.step(layer.refractory[m]), grid.steps + 1);
    }
  }

  private double[] tau(int variable) {
    return switch (variable) {
      case VariantNeuron.I -> layer.base.tauSyn;
      case VariantNeuron.J -> layer.tauInhibitory;
      case VariantNeuron.A -> layer.tauThreshold;
      default -> layer.tauAdaptation;
    };
  }

  private double[][] perVariable(int n) {
    double[][] all = new double[VariantNeuron.VARIABLES][];
    all[VariantNeuron.V] = new double[n];
    Arrays.stream(moving).forEach(k -> all[k] = new double[n]);
    return all;
  }

  private void set(VariantNeuron neuron, int m, double d) {
    leak[m] = neuron.leak;
    drive[m] = neuron.drive;
    double integral = VariantNeuron.first(neuron.leak, 0, d);
    push[m] = neuron.drive * integral;
    ones[m] = integral / neuron.tauMem;
    fade[VariantNeuron.V][m] = Real.exp(-neuron.leak * d);
    membrane[VariantNeuron.V][m] = -neuron.leak * d * fade[VariantNeuron.V][m] / neuron.tauMem;
    double late = neuron.leak * VariantNeuron.second(neuron.leak, 0, d);
    constant[m] = neuron.drive * (integral - late) / neuron.tauMem;
    for (int k : decaying) {
      double rate = neuron.rates[k];
      double coupling = neuron.couplings[k];
      fade[k][m] = Real.exp(-rate * d);
      rates[k][m] = rate;
      couplings[k][m] = coupling;
      spread[k][m] = coupling * VariantNeuron.first(neuron.leak, rate, d);
      own[k][m] = d * fade[k][m] * rate * rate;
      cross[k][m] = coupling * VariantNeuron.second(rate, neuron.leak, d) * rate * rate;
      double slow = coupling * neuron.leak * VariantNeuron.second(neuron.leak, rate, d);
      membrane[k][m] = (spread[k][m] - slow) / neuron.tauMem;
    }
    for (int k : rising) {
      setOnset(neuron, k, m, d);
    }
    double needed = layer.leaky ? neuron.theta - layer.bias[m] : -layer.bias[m];
    double lost = -Real.expm1(-neuron.rates[VariantNeuron.I] * d);
    least[m] = lost * Math.abs(needed) / neuron.tauMem;
  }

  private void setOnset(VariantNeuron neuron, int k, int m, double d) {
    int onset = k + VariantNeuron.ONSET;
    double rate = neuron.rates[k];
    double push = neuron.couplings[k] * rate;
    double before = VariantNeuron.second(rate, neuron.leak, d);
    fade[onset][m] = fade[k][m];
    ramp[k][m] = rate * d;
    spread[onset][m] = push * before;
    own[onset][m] = own[k][m];
    late[k][m] = own[k][m] * (1 - rate * d);
    double change = before - rate * VariantNeuron.third(rate, neuron.leak, d);
    cross[onset][m] = -push * rate * change;
    double slow = neuron.leak * VariantNeuron.mixed(rate, neuron.leak, d);
    membrane[onset][m] = push * (before - slow) / neuron.tauMem;
  }

  boolean has(int variable) {
    return fade[variable] != null;
  }

  /** dV/dt of a neuron outside a refractory period. */
  double rise(int m, double[][] x, double v) {
    double sum = drive[m] - leak[m] * v;
    for (int k : decaying) {
      sum += couplings[k][m] * x[k][m];
    }
    return sum;
  }

  /** The step at which a neuron is free again after a spike. */
  int freeFrom(int m, int spike) {
    return refractory == null ? spike : spike + refractory[m];
  }
}
