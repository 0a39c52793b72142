package io.tacet.systems.multitask;

import io.tacet.analysis.Rdm;

/**
 * The stimuli of both publications: 25 Gaussian blobs on a grid of 5 x 5 pixels, with centres on a
 * grid of 5 x 5, in two contexts. The reward of a stimulus is one coordinate of its centre in
 * context A and the other in context B, from -2 to 2. Stimulus s is in row s / 5 and column s % 5.
 */
final class Blobs {
  /** Stimuli of a context. */
  static final int COUNT = 25;

  /** Inputs of a network: pixels, then contexts. */
  static final int INPUTS = 27;

  static final int CONTEXTS = 2;
  private static final int SIDE = 5;
  private static final double VARIANCE = 0.08;

  private Blobs() {}

  /** Pixels, [stimuli][pixels], each stimulus with a maximum of 1. */
  static double[][] pixels() {
    double[][] all = new double[COUNT][COUNT];
    for (int s = 0; s < COUNT; s++) {
      double most = 0;
      for (int p = 0; p < COUNT; p++) {
        double x = centre(s % SIDE) - pixel(p % SIDE);
        double y = centre(s / SIDE) - pixel(p / SIDE);
        all[s][p] = Math.exp(-(x * x + y * y) / (2 * VARIANCE));
        most = Math.max(most, all[s][p]);
      }
      for (int p = 0; p < COUNT; p++) {
        all[s][p] /= most;
      }
    }
    return all;
  }

  private static double pixel(int k) {
    return k / (SIDE - 1.0);
  }

  private static double centre(int k) {
    return 0.2 + 0.6 * k / (SIDE - 1.0);
  }

  /**
   * Reward of a stimulus.
   *
   * @param context 0 for A, 1 for B
   * @param columnsInA whether that in A is the column and that in B the row, as in the first
   *     publication; the other way round as in the second
   */
  static int reward(int context, int stimulus, boolean columnsInA) {
    return (context == 0) == columnsInA ? column(stimulus) : row(stimulus);
  }

  private static int column(int stimulus) {
    return stimulus % SIDE - 2;
  }

  private static int row(int stimulus) {
    return stimulus / SIDE - 2;
  }

  /** Whether both contexts ask for an answer, and they are different ones. */
  static boolean isIncongruent(int stimulus) {
    return row(stimulus) * column(stimulus) < 0;
  }

  /** What a representation may keep of a stimulus in a context. */
  enum Model {
    /** Both coordinates in both contexts. */
    GRID,
    /** The coordinate that counts, on an axis of its own for each context. */
    ORTHOGONAL,
    /** The coordinate that counts, on one axis for both. */
    PARALLEL,
    /** The mean of both coordinates in both contexts. */
    DIAGONAL;

    private double[] features(int context, int stimulus, boolean columnsInA) {
      double relevant = reward(context, stimulus, columnsInA);
      double other = reward(1 - context, stimulus, columnsInA);
      return switch (this) {
        case GRID -> new double[] {column(stimulus), row(stimulus)};
        case ORTHOGONAL -> context == 0 ? new double[] {relevant, 0} : new double[] {0, relevant};
        case PARALLEL -> new double[] {relevant};
        case DIAGONAL -> new double[] {(relevant + other) / 2};
      };
    }

    /** Distances of all stimuli in context A and then B. */
    Rdm rdm(boolean columnsInA) {
      double[][] patterns = new double[CONTEXTS * COUNT][];
      for (int k = 0; k < patterns.length; k++) {
        patterns[k] = features(k / COUNT, k % COUNT, columnsInA);
      }
      return Rdm.euclidean(patterns);
    }
  }
}
