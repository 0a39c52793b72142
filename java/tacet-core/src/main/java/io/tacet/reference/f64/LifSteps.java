package io.tacet.reference.f64;

import java.util.Arrays;

/** LIF neurons on a grid. Holds the scratch of one worker. */
final class LifSteps implements GridNeurons {
  private GridLayer grid;
  private double[] u = new double[0];
  private double[] i;

  /** u and i after each step but the last, where they are kept. */
  double[][] pathU = new double[0][];

  double[][] pathI = new double[0][];

  @Override
  public void begin(GridLayer grid) {
    this.grid = grid;
    int n = grid.layer.neurons;
    if (u.length < n) {
      u = new double[n];
      i = new double[n];
    }
    System.arraycopy(grid.layer.start, 0, u, 0, n);
    Arrays.fill(i, 0, n, 0);
  }

  @Override
  public double[] current() {
    return i;
  }

  @Override
  public double[] inhibition() {
    return null;
  }

  @Override
  public void reservePath() {
    pathU = GridForward.resized(pathU, grid.steps, grid.layer.neurons);
    pathI = GridForward.resized(pathI, grid.steps, grid.layer.neurons);
  }

  @Override
  public void keep(int step) {
    System.arraycopy(u, 0, pathU[step], 0, grid.layer.neurons);
    System.arraycopy(i, 0, pathI[step], 0, grid.layer.neurons);
  }

  @Override
  public boolean areFinite() {
    return Sweep.finite(u, i, grid.layer.neurons);
  }

  @Override
  public int advance(int step, Tape tape, int[] fired) {
    int n = grid.layer.neurons;
    double[] alpha = grid.alpha;
    double[] beta = grid.beta;
    double[] gamma = grid.gamma;
    double[] quiet = grid.quiet;
    for (int k = 0; k < n; k++) {
      u[k] = alpha[k] * u[k] + gamma[k] * i[k];
    }
    for (int k = 0; k < n; k++) {
      i[k] = beta[k] * i[k];
    }
    int spikes = 0;
    for (int k = 0; k < n; k++) {
      if (u[k] > quiet[k] && reaches(k, step, tape)) {
        fired[spikes++] = k;
      }
    }
    return spikes;
  }

  private boolean reaches(int k, int step, Tape tape) {
    double theta = grid.layer.theta[k];
    double slope = i[k] - theta;
    if (!(u[k] >= theta)) {
      if (slope <= 0) {
        tape.graze.count++;
      }
      return false;
    }
    // What the current may have lost since the crossing; a smaller slope is within the step's
    // error and would only blow up the gradient, which does not exist at 0.
    double least = grid.lost[k] * Math.abs(theta);
    if (slope < least) {
      tape.graze.count++;
      slope = least;
    }
    tape.add(Real.of(grid.grid.time(step)), k, slope);
    u[k] = grid.layer.reset[k];
    return true;
  }
}
