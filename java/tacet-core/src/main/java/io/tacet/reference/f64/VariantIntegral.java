package io.tacet.reference.f64;

/**
 * The integral of V over a free motion of one neuron of a variant, and its adjoint. With M(t) the
 * integral from 0 to t, {@code dM/dt = V}, so that a loss with dL/dM = c drives {@code -d
 * lambda_V/dt = -r lambda_V + c}. With leak a constant solves that: c tau_m for V, and c times the
 * time constant for a current, which is what the integral of V loses of each by conservation;
 * lambda less that constant moves as without a drive. Without leak the derivatives of M are added.
 * See docs/hybrid-neurons.md.
 */
final class VariantIntegral {
  private VariantIntegral() {}

  /** The integral over a time t that begins with the state x. */
  static double of(VariantNeuron neuron, double[] x, double t) {
    double sum = x[VariantNeuron.V] * VariantNeuron.first(neuron.leak, 0, t);
    for (int k = VariantNeuron.I; k < VariantNeuron.DECAYING; k++) {
      if (neuron.couplings[k] != 0) {
        sum += neuron.couplings[k] * x[k] * ofCurrent(neuron, k, t);
        double onset = VariantNeuron.onset(x, k);
        if (onset != 0) {
          sum += neuron.couplings[k] * onset * neuron.rates[k] * ofOnset(neuron, k, t);
        }
      }
    }
    return neuron.drive == 0 ? sum : sum + neuron.drive * ofRate(neuron.leak, 0, t);
  }

  private static double ofCurrent(VariantNeuron neuron, int k, double t) {
    return ofRate(neuron.leak, neuron.rates[k], t);
  }

  /** The integral of E1(leak, rate; .) from 0 to t. */
  private static double ofRate(double leak, double rate, double t) {
    if (leak == 0) {
      return VariantNeuron.second(0, rate, t);
    }
    return (VariantNeuron.first(0, rate, t) - VariantNeuron.first(leak, rate, t)) / leak;
  }

  /** The integral of E2(rate, leak; .) from 0 to t. */
  private static double ofOnset(VariantNeuron neuron, int k, double t) {
    double rate = neuron.rates[k];
    if (neuron.leak == 0) {
      return VariantNeuron.mixed(0, rate, t);
    }
    return (VariantNeuron.second(rate, 0, t) - VariantNeuron.second(rate, neuron.leak, t))
        / neuron.leak;
  }

  /**
   * Takes the adjoint back over a free motion, driven by c.
   *
   * @param x the state at its beginning
   * @param sums gradients of parameters, as of {@link VariantNeuron#retreat}
   */
  static void retreat(
      VariantNeuron neuron, double[] x, double t, double c, double[] lambda, double[] sums) {
    if (neuron.leak == 0) {
      neuron.retreat(x, t, lambda, sums);
      addWithoutLeak(neuron, x, t, c, lambda, sums);
      return;
    }
    shift(neuron, -c, lambda);
    neuron.retreat(x, t, lambda, sums);
    shift(neuron, c, lambda);
    sums[VariantNeuron.TAU_MEM] -= c * (neuron.potential(x, t) - x[VariantNeuron.V]);
    sums[VariantNeuron.BIAS] += c * t;
    for (int k = VariantNeuron.I; k < VariantNeuron.DECAYING; k++) {
      if (neuron.couplings[k] != 0) {
        double onset = VariantNeuron.onset(x, k);
        double left = Real.exp(-neuron.rates[k] * t);
        double gone = x[k] - (x[k] + onset * neuron.rates[k] * t) * left + onset - onset * left;
        sums[k] += c * neuron.couplings[k] * neuron.tauMem * gone;
      }
    }
  }

  private static void shift(VariantNeuron neuron, double c, double[] lambda) {
    lambda[VariantNeuron.V] += c * neuron.tauMem;
    for (int k = VariantNeuron.I; k < VariantNeuron.DECAYING; k++) {
      if (neuron.couplings[k] != 0) {
        double constant = c * neuron.couplings[k] * neuron.tauMem / neuron.rates[k];
        lambda[k] += constant;
        if (neuron.alphaSynapses && k <= VariantNeuron.J) {
          lambda[k + VariantNeuron.ONSET] += constant;
        }
      }
    }
  }

  private static void addWithoutLeak(
      VariantNeuron neuron, double[] x, double t, double c, double[] lambda, double[] sums) {
    lambda[VariantNeuron.V] += c * t;
    double moved = of(neuron, x, t) - x[VariantNeuron.V] * t;
    sums[VariantNeuron.TAU_MEM] -= c * moved / neuron.tauMem;
    sums[VariantNeuron.BIAS] += c * t * t / (2 * neuron.tauMem);
    for (int k = VariantNeuron.I; k < VariantNeuron.DECAYING; k++) {
      if (neuron.couplings[k] == 0) {
        continue;
      }
      double pull = c * neuron.couplings[k];
      double rate = neuron.rates[k];
      double spread = VariantNeuron.mixed(0, rate, t);
      lambda[k] += pull * VariantNeuron.second(0, rate, t);
      sums[k] += pull * x[k] * rate * rate * spread;
      if (neuron.alphaSynapses && k <= VariantNeuron.J) {
        lambda[k + VariantNeuron.ONSET] += pull * rate * spread;
        double change = spread - rate * squared(rate, t);
        sums[k] -= pull * VariantNeuron.onset(x, k) * rate * rate * change;
      }
    }
  }

  /** The integral over s from 0 to t of {@code s^2 (t-s) e^(-rate s)}. */
  private static double squared(double rate, double t) {
    double x = rate * t;
    if (x < 1) {
      double term = 1;
      double sum = 0;
      for (int k = 0; Math.abs(term) > Real.EPSILON / 16; k++) {
        sum += term / ((k + 3) * (k + 4));
        term *= -x / (k + 1);
      }
      return t * t * t * t * sum;
    }
    double second = VariantNeuron.third(rate, 0, t);
    return t * second - (3 * second - t * t * t * Real.exp(-x)) / rate;
  }
}
