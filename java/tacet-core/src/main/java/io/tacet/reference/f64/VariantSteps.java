package io.tacet.reference.f64;

import java.util.Arrays;

/**
 * Neurons of a variant on a grid. A soft reset lowers V by the threshold, so that what V is above
 * it is not lost. Holds the scratch of one worker.
 */
final class VariantSteps implements GridNeurons {
  private GridLayer grid;
  private VariantGrid constants;

  /** [variables][neurons]; null for those that the neurons do not have. */
  private double[][] x = new double[VariantNeuron.VARIABLES][];

  /** The step from which on V moves. */
  private int[] freeFrom = new int[0];

  /** [variables][steps][neurons]: the states after each step but the last, where they are kept. */
  final double[][][] path = new double[VariantNeuron.VARIABLES][0][];

  /** The same of {@link #freeFrom}, where the neurons have a refractory period. */
  int[][] pathFree = new int[0][];

  @Override
  public void begin(GridLayer grid) {
    this.grid = grid;
    constants = grid.variant;
    int n = grid.layer.neurons;
    x = zeroed(x, constants, n);
    if (freeFrom.length < n) {
      freeFrom = new int[n];
    }
    Arrays.fill(freeFrom, 0);
  }

  /** States of a layer, all 0; the arrays of another one where they are large enough. */
  static double[][] zeroed(double[][] had, VariantGrid constants, int n) {
    double[][] x = new double[VariantNeuron.VARIABLES][];
    for (int k = 0; k < x.length; k++) {
      if (constants.has(k)) {
        x[k] = had[k] == null || had[k].length < n ? new double[n] : had[k];
        Arrays.fill(x[k], 0);
      }
    }
    return x;
  }

  @Override
  public double[] current() {
    return x[constants.layer.reached(VariantNeuron.I)];
  }

  @Override
  public double[] inhibition() {
    return x[constants.layer.reached(VariantNeuron.J)];
  }

  @Override
  public void reservePath() {
    for (int k = 0; k < x.length; k++) {
      if (x[k] != null) {
        path[k] = GridForward.resized(path[k], grid.steps, grid.layer.neurons);
      }
    }
    if (constants.refractory != null) {
      reserveFree();
    }
  }

  private void reserveFree() {
    int n = grid.layer.neurons;
    if (pathFree.length < grid.steps || pathFree[0].length < n) {
      pathFree = new int[grid.steps][n];
    }
  }

  @Override
  public void keep(int step) {
    for (int k = 0; k < x.length; k++) {
      if (x[k] != null) {
        System.arraycopy(x[k], 0, path[k][step], 0, grid.layer.neurons);
      }
    }
    if (constants.refractory != null) {
      System.arraycopy(freeFrom, 0, pathFree[step], 0, grid.layer.neurons);
    }
  }

  @Override
  public boolean areFinite() {
    double sum = 0;
    for (double[] values : x) {
      for (int m = 0; values != null && m < grid.layer.neurons; m++) {
        // 0 for a finite number; NaN for any other.
        sum += values[m] * 0;
      }
    }
    return !Double.isNaN(sum);
  }

  @Override
  public int advance(int step, Tape tape, int[] fired) {
    int spikes = 0;
    for (int m = 0; m < grid.layer.neurons; m++) {
      boolean moves = step > freeFrom[m];
      if (moves) {
        double v = constants.fade[VariantNeuron.V][m] * x[VariantNeuron.V][m] + constants.push[m];
        for (int k : constants.moving) {
          v += constants.spread[k][m] * x[k][m];
        }
        x[VariantNeuron.V][m] = v;
      }
      for (int k : constants.moving) {
        x[k][m] *= constants.fade[k][m];
      }
      for (int k : constants.rising) {
        // The onset has decayed already, as has what it adds.
        x[k][m] += constants.ramp[k][m] * x[k + VariantNeuron.ONSET][m];
      }
      if (moves && reaches(m, step, tape)) {
        fired[spikes++] = m;
      }
    }
    return spikes;
  }

  private boolean reaches(int m, int step, Tape tape) {
    double theta = constants.layer.threshold[m];
    boolean adapts = constants.has(VariantNeuron.A);
    double above = adapts ? x[VariantNeuron.A][m] : 0;
    double distance = x[VariantNeuron.V][m] - (theta + above);
    if (!(distance > -Membrane.Graze.MARGIN * theta)) {
      return false;
    }
    double slope = constants.rise(m, x, theta + above);
    if (adapts) {
      slope += constants.rates[VariantNeuron.A][m] * above;
    }
    if (!(distance >= 0)) {
      if (slope <= 0) {
        tape.graze.count++;
      }
      return false;
    }
    // As of LIF neurons: a smaller slope is within the error of the step.
    if (slope < constants.least[m]) {
      tape.graze.count++;
      slope = constants.least[m];
    }
    tape.add(Real.of(grid.grid.time(step)), m, slope);
    spike(m, step);
    return true;
  }

  private void spike(int m, int step) {
    VariantLayer layer = constants.layer;
    if (layer.reset == null) {
      x[VariantNeuron.V][m] -= layer.threshold[m];
    } else {
      x[VariantNeuron.V][m] = layer.reset[m];
    }
    if (layer.thresholdJump != null) {
      x[VariantNeuron.A][m] += layer.thresholdJump[m];
    }
    if (layer.adaptationJump != null) {
      x[VariantNeuron.W][m] += layer.adaptationJump[m];
    }
    freeFrom[m] = constants.freeFrom(m, step);
  }
}
