package io.tacet.circuits;

/**
 * Potentials and conductances of a {@link RateCircuit}, [batch][units], and a step of Heun's
 * method: a trial step of Euler's, then one with the mean of the slopes at both ends. Between the
 * two, and before the first, the circuit sums over synapses.
 */
final class RateState {
  private final RateNeuron neuron;
  private final int batch;
  private final int units;
  private final double dt;

  /** 1 / time constant, by unit; 0 where the potential is held. */
  private final double[] membrane;

  private final double[] decay;
  private final double[] potential;
  private final double[] conductance;
  private final double[] potentialSlope;
  private final double[] conductanceSlope;
  private final double[] trialPotential;
  private final double[] trialConductance;

  RateState(RateNeuron neuron, int batch, double dt, double[] membrane, double[] decay) {
    this.neuron = neuron;
    this.batch = batch;
    this.units = membrane.length;
    this.dt = dt;
    this.membrane = membrane;
    this.decay = decay;
    int size = Math.multiplyExact(batch, units);
    potential = new double[size];
    conductance = new double[size];
    potentialSlope = new double[size];
    conductanceSlope = new double[size];
    trialPotential = new double[size];
    trialConductance = new double[size];
  }

  /** Holds the potential of an input where it gives this rate. */
  void hold(int sample, int unit, double rate) {
    potential[sample * units + unit] = neuron.potential(rate);
    trialPotential[sample * units + unit] = neuron.potential(rate);
  }

  /** Conductances at the beginning of the step, not a copy. */
  double[] conductance() {
    return conductance;
  }

  /** Conductances after the trial step, not a copy. */
  double[] trialConductance() {
    return trialConductance;
  }

  /**
   * The trial step.
   *
   * @param sums weighted sums of {@link #conductance}, [batch][2][units], excitatory ones first
   */
  void tryStep(double[] sums) {
    for (int b = 0; b < batch; b++) {
      slopes(b, potential, conductance, sums, potentialSlope, conductanceSlope);
      int end = (b + 1) * units;
      for (int i = b * units; i < end; i++) {
        trialPotential[i] = potential[i] + dt * potentialSlope[i];
        trialConductance[i] = conductance[i] + dt * conductanceSlope[i];
      }
    }
  }

  /**
   * The step, by the slopes of its beginning and of the trial step.
   *
   * @param sums weighted sums of {@link #trialConductance}
   */
  void step(double[] sums) {
    for (int b = 0; b < batch; b++) {
      // In place: each trial value is read before its slope replaces it.
      slopes(b, trialPotential, trialConductance, sums, trialPotential, trialConductance);
      int end = (b + 1) * units;
      for (int i = b * units; i < end; i++) {
        potential[i] += 0.5 * dt * (potentialSlope[i] + trialPotential[i]);
        conductance[i] += 0.5 * dt * (conductanceSlope[i] + trialConductance[i]);
      }
    }
  }

  private void slopes(
      int sample,
      double[] v,
      double[] g,
      double[] sums,
      double[] potentialSlopes,
      double[] conductanceSlopes) {
    double rise = 1 / neuron.riseTau();
    double threshold = neuron.threshold();
    double gain = 1 / neuron.range();
    double excitatory = neuron.excitatory();
    double inhibitory = neuron.inhibitory();
    int base = sample * units;
    for (int u = 0; u < units; u++) {
      double here = v[base + u];
      double open = g[base + u];
      double rate = Math.max(0, Math.min(1, (here - threshold) * gain));
      double current =
          sums[2 * base + u] * (excitatory - here)
              + sums[2 * base + units + u] * (inhibitory - here);
      potentialSlopes[base + u] = (current - here) * membrane[u];
      conductanceSlopes[base + u] = Math.max(0, rate - open) * rise - open * decay[u];
    }
  }

  /** Adds the rate of each unit to {@code rates}, [batch][units]. */
  void addRates(double[] rates) {
    for (int i = 0; i < rates.length; i++) {
      rates[i] += neuron.rate(potential[i]);
    }
  }
}
