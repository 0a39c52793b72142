package io.tacet.reference.f64;

/** The adjoint of {@link LifSteps}. Holds the scratch of one worker. */
final class LifRetreat implements GridRetreat {
  private GridLayer grid;
  private Events out;
  private Gradients grads;
  private double[] kick;
  private LifSteps path;

  /** lambdaV before the spikes of a step. */
  private double[] before = new double[0];

  @Override
  public void begin(
      GridLayer grid, Events out, int sample, Gradients grads, double[] kick, GridForward path) {
    this.grid = grid;
    this.out = out;
    this.grads = grads;
    this.kick = kick;
    this.path = path.lif;
    if (before.length < grid.layer.neurons) {
      before = new double[grid.layer.neurons];
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
    double[] minus = jump(first, last, errors, later.v);
    if (grads.needsStates) {
      integrate(minus, later.i, path.pathU[step - 1], path.pathI[step - 1]);
    }
    retreat(minus, later.i, earlier);
  }

  @Override
  public void end() {}

  /** lambdaV before the spikes {@code first .. last} of a step. */
  private double[] jump(int first, int last, double[] errors, double[] after) {
    if (first > last) {
      return after;
    }
    System.arraycopy(after, 0, before, 0, grid.layer.neurons);
    for (int k = first; k <= last; k++) {
      int n = out.units[k];
      double error = errors[k - first];
      before[n] = Jump.before(grid.layer, n, out.slopes[k], error, after[n], kick, grads);
    }
    return before;
  }

  /** The transpose of a step, from the adjoint before its spikes. */
  private void retreat(double[] minus, double[] current, GridAdjoint.Slot earlier) {
    double[] earlierV = earlier.v;
    double[] earlierI = earlier.i;
    double[] alpha = grid.alpha;
    double[] beta = grid.beta;
    double[] gamma = grid.adjointGamma;
    int n = grid.layer.neurons;
    for (int k = 0; k < n; k++) {
      earlierI[k] = beta[k] * current[k] + gamma[k] * minus[k];
    }
    for (int k = 0; k < n; k++) {
      earlierV[k] = alpha[k] * minus[k];
    }
  }

  /** Integrals over the step that begins with state (u, i) and ends with the adjoint. */
  private void integrate(double[] minus, double[] current, double[] u, double[] i) {
    int n = grid.layer.neurons;
    if (grads.tauMem != null) {
      for (int k = 0; k < n; k++) {
        grads.tauMem[k] += minus[k] * (grid.tauMemI[k] * i[k] + grid.tauMemV[k] * u[k]);
      }
    }
    if (grads.tauSyn != null) {
      for (int k = 0; k < n; k++) {
        grads.tauSyn[k] += i[k] * (grid.tauSynI[k] * current[k] + grid.tauSynV[k] * minus[k]);
      }
    }
    if (grads.bias != null) {
      for (int k = 0; k < n; k++) {
        grads.bias[k] -= minus[k] * grid.layer.tauMem[k] * (1 - grid.alpha[k]);
      }
    }
  }
}
