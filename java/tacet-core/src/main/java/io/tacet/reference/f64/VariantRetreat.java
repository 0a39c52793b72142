package io.tacet.reference.f64;

import java.util.Arrays;

/**
 * The adjoint of {@link VariantSteps}: that of {@link VariantAdjoint} along the events at their
 * steps. Here lambda = dL/dx; slots hold -lambda_k / tau_k, and of V what a later arrival changes:
 * 0 while a neuron is refractory. Holds the scratch of one worker.
 */
final class VariantRetreat implements GridRetreat {
  private GridLayer grid;
  private VariantGrid constants;
  private Events out;
  private Gradients grads;
  private double[] kick;
  private VariantSteps path;

  /** Of V, of the threshold's rise and of the adaptation; [variables][neurons]. */
  private double[][] lambda = new double[VariantNeuron.VARIABLES][];

  /** dL/dt of the end of the refractory period that has just been passed. */
  private double[] ends = new double[0];

  /** [neurons][sums] of {@link VariantNeuron}. */
  private double[][] sums = new double[0][];

  private final double[] x = new double[VariantNeuron.VARIABLES];
  private final VariantJump jump = new VariantJump();

  @Override
  public void begin(
      GridLayer grid, Events out, int sample, Gradients grads, double[] kick, GridForward path) {
    this.grid = grid;
    this.out = out;
    this.grads = grads;
    this.kick = kick;
    this.path = path.variant;
    constants = grid.variant;
    int n = grid.layer.neurons;
    lambda = VariantSteps.zeroed(lambda, constants, n);
    if (ends.length < n) {
      ends = new double[n];
      sums = new double[n][VariantNeuron.SUMS];
    }
    Arrays.fill(ends, 0);
    Arrays.fill(x, 0);
    for (int m = 0; m < n; m++) {
      Arrays.fill(sums[m], 0);
    }
  }

  @Override
  public void back(
      int step,
      int first,
      int last,
      double[] errors,
      GridAdjoint.Slot later,
      GridAdjoint.Slot earlier) {
    for (int k = first; k <= last; k++) {
      jump(out.units[k], k, errors[k - first], step);
    }
    for (int m = 0; m < grid.layer.neurons; m++) {
      loadState(m, step - 1);
      int freeFrom = constants.refractory == null ? 0 : path.pathFree[step - 1][m];
      if (step > freeFrom) {
        retreat(m, later, earlier);
      } else {
        if (step == freeFrom) {
          endRefractory(m);
        }
        rest(m, later, earlier);
      }
      if (!constants.layer.alphaSynapses) {
        boolean free = step - 1 >= freeFrom;
        earlier.v[m] = free ? -lambda[VariantNeuron.V][m] / grid.layer.tauMem[m] : 0;
      }
    }
  }

  /** The state after a step and its arrivals. */
  private void loadState(int m, int step) {
    x[VariantNeuron.V] = path.path[VariantNeuron.V][step][m];
    for (int k : constants.moving) {
      x[k] = path.path[k][step][m];
    }
  }

  /** A variable at the end of the step that begins with the state. */
  private double after(int k, int m) {
    return constants.fade[k][m] * (x[k] + constants.ramp[k][m] * VariantNeuron.onset(x, k));
  }

  /** The refractory period ends at the step after that state, with the spike that it follows. */
  private void endRefractory(int m) {
    double rise = constants.drive[m] - constants.leak[m] * x[VariantNeuron.V];
    for (int k : constants.decaying) {
      rise += constants.couplings[k][m] * after(k, m);
    }
    ends[m] = lambda[VariantNeuron.V][m] * rise;
    sums[m][VariantNeuron.REFRACTORY] -= ends[m];
  }

  /** Over spike k of neuron m at a step; the jump of {@link VariantAdjoint}. */
  private void jump(int m, int k, double error, int step) {
    VariantLayer layer = constants.layer;
    loadState(m, step - 1);
    boolean adapts = layer.thresholdJump != null;
    jump.v = lambda[VariantNeuron.V][m];
    jump.rise = adapts ? lambda[VariantNeuron.A][m] : 0;
    jump.adaptation = layer.adaptationJump == null ? 0 : lambda[VariantNeuron.W][m];
    double slope = out.slopes[k];
    double caused = error + jump.v * changeOfRise(m, slope);
    if (layer.refractory != null) {
      caused -= endOf(m);
    }
    jump.over(layer, m, slope, caused, sums[m]);
    lambda[VariantNeuron.V][m] = jump.v;
    if (adapts) {
      lambda[VariantNeuron.A][m] = jump.rise;
    }
    if (kick != null) {
      lambda[VariantNeuron.V][m] -= grid.layer.tauMem[m] * kick[m];
    }
  }

  /** dV/dt just before a spike, where V is not reset to a value, less that just after it. */
  private double changeOfRise(int m, double slope) {
    VariantLayer layer = constants.layer;
    boolean soft = layer.reset == null;
    if (layer.refractory != null) {
      return soft ? slope - approach(m) : 0;
    }
    double adapted =
        layer.adaptationJump == null ? 0 : layer.adaptationJump[m] / grid.layer.tauMem[m];
    if (soft) {
      return adapted - constants.leak[m] * layer.threshold[m];
    }
    // By the slope rather than the state, which is the same unless the slope is the least.
    double above = layer.threshold[m] + rise(m) - layer.reset[m];
    return adapted - (slope - approach(m) + constants.leak[m] * above);
  }

  /** What the threshold has risen by just before a spike. */
  private double rise(int m) {
    return constants.has(VariantNeuron.A)
        ? constants.fade[VariantNeuron.A][m] * x[VariantNeuron.A]
        : 0;
  }

  /** How fast the adaptive threshold comes down to V just before a spike. */
  private double approach(int m) {
    return constants.has(VariantNeuron.A) ? constants.rates[VariantNeuron.A][m] * rise(m) : 0;
  }

  /** dV/dt after the spike of the step that begins with the state. */
  private double riseAfterSpike(int m, double v) {
    double rise = constants.drive[m] - constants.leak[m] * v;
    for (int k : constants.decaying) {
      rise += constants.couplings[k][m] * after(k, m);
    }
    double[] jump = constants.layer.adaptationJump;
    return jump == null ? rise : rise - jump[m] / grid.layer.tauMem[m];
  }

  /** dL/dt of the end of the refractory period after a spike, which may be in the same step. */
  private double endOf(int m) {
    VariantLayer layer = constants.layer;
    if (constants.refractory[m] == 0) {
      double v = layer.reset == null ? potential(m) - layer.threshold[m] : layer.reset[m];
      ends[m] = lambda[VariantNeuron.V][m] * riseAfterSpike(m, v);
      sums[m][VariantNeuron.REFRACTORY] -= ends[m];
    }
    double end = ends[m];
    ends[m] = 0;
    return end;
  }

  /** V at the end of the step that begins with the state. */
  private double potential(int m) {
    double v = constants.fade[VariantNeuron.V][m] * x[VariantNeuron.V] + constants.push[m];
    for (int k : constants.moving) {
      v += constants.spread[k][m] * x[k];
    }
    return v;
  }

  /** Back over a step in which V stood still. */
  private void rest(int m, GridAdjoint.Slot later, GridAdjoint.Slot earlier) {
    for (int k : constants.rising) {
      retreatOnset(k, m, 0, later, earlier);
    }
    for (int k : constants.decaying) {
      double fade = constants.fade[k][m];
      double[] from = adjoint(k, later);
      double unit = unit(k, m);
      sums[m][k] += x[k] * constants.own[k][m] * unit * from[m];
      adjoint(k, earlier)[m] = fade * from[m];
    }
  }

  /** Back over a free step. */
  private void retreat(int m, GridAdjoint.Slot later, GridAdjoint.Slot earlier) {
    double v = lambda[VariantNeuron.V][m];
    double[] sum = sums[m];
    double integral =
        constants.constant[m] + constants.membrane[VariantNeuron.V][m] * x[VariantNeuron.V];
    for (int k : constants.rising) {
      int onset = k + VariantNeuron.ONSET;
      integral += constants.membrane[onset][m] * x[onset];
      retreatOnset(k, m, v, later, earlier);
    }
    for (int k : constants.decaying) {
      double[] from = adjoint(k, later);
      double unit = unit(k, m);
      integral += constants.membrane[k][m] * x[k];
      sum[k] += x[k] * (constants.own[k][m] * unit * from[m] + constants.cross[k][m] * v);
      adjoint(k, earlier)[m] = constants.fade[k][m] * from[m] + constants.spread[k][m] * v / unit;
    }
    sum[VariantNeuron.TAU_MEM] -= v * integral;
    sum[VariantNeuron.BIAS] += v * constants.ones[m];
    lambda[VariantNeuron.V][m] = v * constants.fade[VariantNeuron.V][m];
  }

  /** The adjoint of the onset of current k, which has not gone back yet, where that of V is v. */
  private void retreatOnset(
      int k, int m, double v, GridAdjoint.Slot later, GridAdjoint.Slot earlier) {
    int onset = k + VariantNeuron.ONSET;
    double own = adjoint(onset, later)[m];
    double current = adjoint(k, later)[m];
    double unit = unit(k, m);
    double tau =
        unit * (constants.own[k][m] * own - constants.late[k][m] * current)
            + constants.cross[onset][m] * v;
    sums[m][k] += x[onset] * tau;
    adjoint(onset, earlier)[m] =
        constants.fade[k][m] * (own + constants.ramp[k][m] * current)
            + constants.spread[onset][m] * v / unit;
  }

  /** Where the adjoint of a variable is: in a slot what arrivals reach and what that moves. */
  private double[] adjoint(int k, GridAdjoint.Slot slot) {
    boolean rises = constants.layer.alphaSynapses;
    return switch (k) {
      case VariantNeuron.I -> rises ? slot.v : slot.i;
      case VariantNeuron.J -> rises ? slot.w : slot.j;
      case VariantNeuron.I + VariantNeuron.ONSET -> slot.i;
      case VariantNeuron.J + VariantNeuron.ONSET -> slot.j;
      default -> lambda[k];
    };
  }

  /** What an element of {@link #adjoint} is multiplied by to be dL/dx. */
  private double unit(int k, int m) {
    return switch (k) {
      case VariantNeuron.I -> -grid.layer.tauSyn[m];
      case VariantNeuron.J -> -constants.layer.tauInhibitory[m];
      default -> 1;
    };
  }

  @Override
  public void end() {
    for (int m = 0; m < grid.layer.neurons; m++) {
      grads.addSums(m, sums[m]);
    }
  }
}
