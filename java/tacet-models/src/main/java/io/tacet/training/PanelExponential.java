package io.tacet.training;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Exponential of a sparse matrix and its adjoint where there are edges only. Powers of a sparse
 * matrix fill up, so they are computed for a panel of rows at a time, sampled at the edges of these
 * rows and forgotten: with P_0 rows of the identity, {@code P_k = P_(k-1) M / k}, and for the
 * transposed adjoint {@code X_k = (X_(k-1) M + P_(k-1) G') / k}, which is the upper right block of
 * the exponential of {@code [M G'; 0 M]}. Memory is that of a few panels for each thread, work
 * {@code 3 terms N edges} multiplications; results do not depend on the number of threads.
 */
final class PanelExponential {
  /** Rows of a panel. */
  private static final int ROWS = 16;

  private final WiringGraph graph;
  private final double[] m;
  private final double[] g;
  private final int terms;
  private final double[] values;
  private final double[] adjoint;

  /** Edges by target: first in the list of each unit. */
  private final int[] arriving;

  /** Edges by target. */
  private final int[] byTarget;

  /** Source of each edge. */
  private final int[] sources;

  PanelExponential(WiringGraph graph, double[] m, double[] g, int terms) {
    this.graph = graph;
    this.m = m;
    this.g = g;
    this.terms = terms;
    values = new double[graph.count()];
    adjoint = new double[graph.count()];
    arriving = new int[graph.units() + 1];
    byTarget = new int[graph.count()];
    sources = new int[graph.count()];
    transpose();
  }

  private void transpose() {
    for (int edge = 0; edge < byTarget.length; edge++) {
      arriving[graph.target(edge) + 1]++;
    }
    Arrays.parallelPrefix(arriving, Integer::sum);
    int[] at = arriving.clone();
    for (int i = 0; i < graph.units(); i++) {
      for (int edge = graph.begin(i); edge < graph.begin(i + 1); edge++) {
        sources[edge] = i;
        byTarget[at[graph.target(edge)]++] = edge;
      }
    }
  }

  Exponential compute() {
    IntStream.range(0, (graph.units() + ROWS - 1) / ROWS).parallel().forEach(this::panel);
    return new Exponential(values, adjoint);
  }

  /** The rows from {@code ROWS number} on; panels are stored as [units][rows]. */
  private void panel(int number) {
    int first = number * ROWS;
    int rows = Math.min(ROWS, graph.units() - first);
    double[] power = new double[graph.units() * ROWS];
    double[] nextPower = new double[power.length];
    double[] mixed = new double[power.length];
    double[] nextMixed = new double[power.length];
    double[] sum = new double[power.length];
    double[] mixedSum = new double[power.length];
    for (int r = 0; r < rows; r++) {
      power[(first + r) * ROWS + r] = 1;
      sum[(first + r) * ROWS + r] = 1;
    }
    for (int k = 1; k <= terms; k++) {
      Arrays.fill(nextPower, 0);
      Arrays.fill(nextMixed, 0);
      for (int i = 0; i < graph.units(); i++) {
        for (int edge = graph.begin(i); edge < graph.begin(i + 1); edge++) {
          int j = graph.target(edge);
          add(m[edge] / k, power, i, nextPower, j);
          add(m[edge] / k, mixed, i, nextMixed, j);
          add(g[edge] / k, power, j, nextMixed, i);
        }
      }
      double[] free = power;
      power = nextPower;
      nextPower = free;
      free = mixed;
      mixed = nextMixed;
      nextMixed = free;
      addAll(power, sum);
      addAll(mixed, mixedSum);
    }
    sample(first, rows, sum, mixedSum);
  }

  private static void add(double factor, double[] from, int i, double[] into, int j) {
    int a = i * ROWS;
    int b = j * ROWS;
    for (int r = 0; r < ROWS; r++) {
      into[b + r] += factor * from[a + r];
    }
  }

  private static void addAll(double[] from, double[] into) {
    for (int i = 0; i < into.length; i++) {
      into[i] += from[i];
    }
  }

  private void sample(int first, int rows, double[] sum, double[] mixedSum) {
    for (int r = 0; r < rows; r++) {
      int row = first + r;
      for (int edge = graph.begin(row); edge < graph.begin(row + 1); edge++) {
        values[edge] = sum[graph.target(edge) * ROWS + r];
      }
      for (int at = arriving[row]; at < arriving[row + 1]; at++) {
        int edge = byTarget[at];
        adjoint[edge] = mixedSum[sources[edge] * ROWS + r];
      }
    }
  }
}
