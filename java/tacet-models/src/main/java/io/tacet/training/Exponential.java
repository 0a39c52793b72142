package io.tacet.training;

import io.tacet.Backend;

/**
 * The exponential C of a matrix M of non-negative numbers on the edges of a graph, and its adjoint:
 * the derivative of {@code sum G o C} by M, which is the Frechet derivative of the exponential at
 * the transpose of M in the direction of G (Al-Mohy and Higham 2009).
 *
 * @param values C of each edge
 * @param adjoint dM of each edge
 */
record Exponential(double[] values, double[] adjoint) {

  /**
   * Of M with spectral radius 1.
   *
   * @param m M of each edge
   * @param g G of each edge
   * @param terms powers of M that count where the graph is sparse
   * @param backend for dense products; on the CPU and with double precision
   */
  static Exponential of(WiringGraph graph, double[] m, double[] g, int terms, Backend backend) {
    if (!graph.isDense()) {
      return new PanelExponential(graph, m, g, terms).compute();
    }
    try (DenseExponential dense = new DenseExponential(backend, graph.units(), m)) {
      return new Exponential(dense.value(), dense.adjoint(g));
    }
  }
}
