package io.tacet.reference.f64;

import io.tacet.InterruptedPassException;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.TimeGrid;
import io.tacet.reference.Propagator;

/** A layer on a time grid: what one step does to each LIF neuron, and delays in steps. */
final class GridLayer {
  private static final int MOST_HISTORY = 1 << 28;

  /** Steps between looks whether to stop; a power of 2. */
  private static final int BETWEEN_CHECKS = 64;

  final Layer layer;
  final TimeGrid grid;

  /** Steps 0 .. steps are simulated, V(0) = 0 at step 0. */
  final int steps;

  /** Length of a ring that reaches over the longest delay. */
  final int slots;

  final double[] alpha;
  final double[] beta;
  final double[] gamma;
  final double[] adjointGamma;

  /** Factors of the integrals over a step, see {@link Propagator}. */
  final double[] tauMemI;

  final double[] tauMemV;
  final double[] tauSynI;
  final double[] tauSynV;

  /** Part of the current that is lost within a step. */
  final double[] lost;

  /** Below the threshold by the margin of a graze: nothing happens up to there. */
  final double[] quiet;

  /** What the neurons have beyond LIF neurons; or null. */
  final VariantGrid variant;

  /** Delay steps per source or per synapse, as the delays of the layer, or null. */
  final int[] inputDelays;

  final int[] recurrentDelays;

  /** Looks now and then whether to stop. */
  static void checkInterrupt(int step) {
    if ((step & BETWEEN_CHECKS - 1) == 0) {
      InterruptedPassException.check();
    }
  }

  GridLayer(LifLayer lif, TimeGrid grid) {
    this.grid = grid;
    layer = new Layer(lif);
    steps = grid.steps(lif.duration());
    inputDelays = steps(layer.inputDelays);
    recurrentDelays = steps(layer.recurrentDelays);
    slots = Math.max(longest(inputDelays), longest(recurrentDelays)) + 1;
    int n = layer.neurons;
    if ((long) slots * n > MOST_HISTORY) {
      throw new IllegalArgumentException(
          "delays: expected (longest delay in steps + 1) x neurons up to "
              + MOST_HISTORY
              + ", got "
              + slots
              + " x "
              + n
              + "; use a larger dt or shorter delays.");
    }
    alpha = new double[n];
    beta = new double[n];
    gamma = new double[n];
    adjointGamma = new double[n];
    tauMemI = new double[n];
    tauMemV = new double[n];
    tauSynI = new double[n];
    tauSynV = new double[n];
    lost = new double[n];
    quiet = new double[n];
    variant = lif.variant() == null ? null : new VariantGrid(this, new VariantLayer(layer, lif));
    if (variant == null) {
      setLif();
    }
  }

  private void setLif() {
    Propagator p = null;
    for (int k = 0; k < layer.neurons; k++) {
      if (k == 0 || !layer.sharedTimeConstants) {
        p = Propagator.of(layer.tauMem[k], layer.tauSyn[k], grid.dt());
      }
      set(k, p);
    }
  }

  /** Whether weights below 0 are added to a current of their own. */
  boolean hasInhibition() {
    return variant != null && variant.has(VariantNeuron.J);
  }

  private void set(int k, Propagator p) {
    alpha[k] = Real.of(p.alpha());
    beta[k] = Real.of(p.beta());
    gamma[k] = Real.of(p.gamma());
    adjointGamma[k] = Real.of(p.gamma() * layer.tauMem[k] / layer.tauSyn[k]);
    tauMemI[k] = Real.of(p.tauMemI());
    tauMemV[k] = Real.of(p.tauMemV());
    tauSynI[k] = Real.of(p.tauSynI());
    tauSynV[k] = Real.of(p.tauSynV());
    lost[k] = Real.of(1 - p.beta());
    quiet[k] = layer.theta[k] - Membrane.Graze.MARGIN * Math.abs(layer.theta[k]);
  }

  private int[] steps(double[] delays) {
    if (delays == null) {
      return null;
    }
    int[] inSteps = new int[delays.length];
    for (int s = 0; s < delays.length; s++) {
      // Longer than the simulation is as good as any other way of never arriving.
      inSteps[s] = Math.min(grid.step(delays[s]), steps + 1);
    }
    return inSteps;
  }

  private int longest(int[] delays) {
    int longest = 0;
    if (delays != null) {
      for (int d : delays) {
        longest = Math.max(longest, Math.min(d, steps));
      }
    }
    return longest;
  }
}
