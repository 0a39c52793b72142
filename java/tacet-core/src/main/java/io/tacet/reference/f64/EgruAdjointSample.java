package io.tacet.reference.f64;

import java.util.Arrays;

/** The adjoint of one sample on its way back, and its share of the parameters' gradients. */
final class EgruAdjointSample {
  /** Whether the sample has the step under way. */
  boolean live;

  /** dL/d(y R), the errors of the recurrent sums of the step, as {@link GateWeights#put} does. */
  final double[] sums;

  final double[] dy;
  final double[] dh;
  final double[] dtrace;
  final double[] dv;
  final double[] theta;

  /** Where the product with R^T goes: dy or dv. */
  double[] received;

  /**
   * Units whose dy of the step before matters, ascending: first {@link #needed} of them. Only of
   * weights on a pattern; dense ones compute all.
   */
  final int[] sources;

  int needed;

  /** How many of them a product under way has done. */
  int at;

  /** Sums over the steps of the errors of what enters gates and candidate. */
  final double[] updateBias;

  final double[] resetBias;
  final double[] candidateBias;

  /** The same of the recurrent sum inside the reset gate; 0 in the paper's variant. */
  final double[] productBias;

  EgruAdjointSample(GateWeights weights, int units) {
    sums = new double[weights.places(units)];
    dy = new double[units];
    dh = new double[units];
    dtrace = new double[units];
    dv = new double[units];
    theta = new double[units];
    sources = new int[units];
    updateBias = new double[units];
    resetBias = new double[units];
    candidateBias = new double[units];
    productBias = new double[units];
  }

  /** Before a sample's last step. */
  void begin() {
    Arrays.fill(dy, 0);
    Arrays.fill(dh, 0);
    Arrays.fill(dtrace, 0);
    Arrays.fill(theta, 0);
    Arrays.fill(updateBias, 0);
    Arrays.fill(resetBias, 0);
    Arrays.fill(candidateBias, 0);
    Arrays.fill(productBias, 0);
  }

  /** Notes which units' errors matter in the step before t, for weights that leave out others. */
  void needBefore(EgruCell cell, EgruTapeArrays tape, EgruErrorArrays errors, int t, int n) {
    if (t > 0 && cell.events) {
      needEvents(cell, tape, cell.row(t - 1, n));
      return;
    }
    // Without events all do; before the first step, the initial state may.
    boolean all = t > 0 || cell.firstY != null || errors.keepsStart();
    needed = 0;
    for (int m = 0; all && m < sources.length; m++) {
      sources[needed++] = m;
    }
  }

  /**
   * The units matter that had an event in a step, or were so near to one that the surrogate is not
   * 0: dy of any other is multiplied by 0.
   */
  private void needEvents(EgruCell cell, EgruTapeArrays tape, int position) {
    needed = 0;
    double[] theta = cell.thresholds;
    double k = cell.sharpness;
    int at = position * sources.length;
    for (int m = 0; m < sources.length; m++) {
      // The state of a silent unit is its cell state, in both variants.
      if (tape.isEvent(position, m) || 1 - k * Math.abs(tape.h[at + m] - theta[m]) > 0) {
        sources[needed++] = m;
      }
    }
  }
}
