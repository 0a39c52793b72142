package io.tacet.training;

import io.tacet.Backend;
import io.tacet.network.Positions;

/**
 * A cost of wiring {@code strength sum A o D o C} at the strengths A of edges, and its derivative
 * by them, in double precision. With {@code s_i = sum_j A_ij}, {@code d = s^-1/2} and {@code M_ij =
 * d_i A_ij d_j}, the communicability is {@code C = exp M} (Crofts and Higham 2009); its diagonal
 * does not count.
 *
 * @param value the cost
 * @param direct derivative by each edge while C stays: {@code strength D o C}
 * @param through what is added to it since C follows the strengths; null without communicability
 */
record WiringSlopes(double value, double[] direct, double[] through) {

  /** Of {@code cost} at the strengths of the edges of a graph. */
  static WiringSlopes of(WiringGraph graph, double[] strengths, WiringCost cost, Backend backend) {
    double[] direct = factors(graph, cost);
    double[] through = null;
    if (cost.communicability()) {
      double[] scales = scales(graph, strengths);
      double[] m = between(graph, strengths, scales);
      double[] g = new double[direct.length];
      for (int e = 0; e < g.length; e++) {
        g[e] = strengths[e] * direct[e];
      }
      Exponential exponential = Exponential.of(graph, m, g, cost.terms(), backend);
      for (int e = 0; e < direct.length; e++) {
        direct[e] *= exponential.values()[e];
      }
      through = through(graph, strengths, scales, exponential.adjoint());
    }
    double value = 0;
    for (int e = 0; e < direct.length; e++) {
      value += strengths[e] * direct[e];
    }
    return new WiringSlopes(value, direct, through);
  }

  /**
   * Strength times distance; connections of a unit with itself cost nothing but as plain weights.
   */
  private static double[] factors(WiringGraph graph, WiringCost cost) {
    Positions positions = cost.positions();
    boolean plain = positions == null && !cost.communicability();
    double[] factors = new double[graph.count()];
    for (int i = 0; i < graph.units(); i++) {
      for (int e = graph.begin(i); e < graph.begin(i + 1); e++) {
        int j = graph.target(e);
        double distance = positions == null ? 1 : positions.distance(i, j);
        factors[e] = i == j && !plain ? 0 : cost.strength() * distance;
      }
    }
    return factors;
  }

  /** d; 0 for units without outgoing strength. */
  private static double[] scales(WiringGraph graph, double[] strengths) {
    double[] scales = new double[graph.units()];
    for (int i = 0; i < scales.length; i++) {
      double sum = 0;
      for (int e = graph.begin(i); e < graph.begin(i + 1); e++) {
        sum += strengths[e];
      }
      scales[i] = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    }
    return scales;
  }

  /** Values of edges times the scales of their ends. */
  private static double[] between(WiringGraph graph, double[] values, double[] scales) {
    double[] scaled = new double[values.length];
    for (int i = 0; i < scales.length; i++) {
      for (int e = graph.begin(i); e < graph.begin(i + 1); e++) {
        scaled[e] = scales[i] * values[e] * scales[graph.target(e)];
      }
    }
    return scaled;
  }

  /** dM brought back to the strengths: as factors of M, and within the sums of rows. */
  private static double[] through(
      WiringGraph graph, double[] strengths, double[] scales, double[] adjoint) {
    double[] through = between(graph, adjoint, scales);
    double[] ofScales = new double[scales.length];
    for (int i = 0; i < scales.length; i++) {
      for (int e = graph.begin(i); e < graph.begin(i + 1); e++) {
        int j = graph.target(e);
        double both = adjoint[e] * strengths[e];
        ofScales[i] += both * scales[j];
        ofScales[j] += both * scales[i];
      }
    }
    for (int i = 0; i < scales.length; i++) {
      double ofSum = -0.5 * ofScales[i] * scales[i] * scales[i] * scales[i];
      for (int e = graph.begin(i); e < graph.begin(i + 1); e++) {
        through[e] += ofSum;
      }
    }
    return through;
  }
}
