package io.tacet.training;

import io.tacet.network.RecurrentSynapses;
import io.tacet.sparse.SparsePattern;
import java.util.Arrays;

/**
 * The units of a layer as nodes, and as edges the pairs of them that recurrent synapses connect: a
 * pair that several gates connect is one edge. Edges are in rows of their source, with ascending
 * targets.
 */
final class WiringGraph {
  private final int units;

  /** Where the edges of each unit begin; null where all pairs are edges. */
  private final int[] offsets;

  /** Targets of edges; null where all pairs are edges. */
  private final int[] targets;

  /** Edge of each weight; -1 for places without a synapse. */
  private final int[] edges;

  private WiringGraph(int units, int[] offsets, int[] targets, int[] edges) {
    this.units = units;
    this.offsets = offsets;
    this.targets = targets;
    this.edges = edges;
  }

  static WiringGraph of(RecurrentSynapses synapses) {
    int units = synapses.units();
    int gates = synapses.gates();
    int[] edges = new int[Math.toIntExact(synapses.weights().length())];
    if (synapses.isDense()) {
      int row = gates * units;
      Arrays.setAll(edges, w -> w / row * units + w % units);
      return new WiringGraph(units, null, null, edges);
    }
    SparsePattern pattern = synapses.pattern();
    int[] offsets = pattern.rowOffsets().toInts();
    int[] columns = pattern.indices().toInts();
    if (pattern.targets() > units) {
      return union(units, offsets, columns, edges);
    }
    int shared = edges.length / columns.length;
    int count = offsets[units];
    Arrays.setAll(edges, w -> w / shared < count ? w / shared : -1);
    return new WiringGraph(units, offsets, Arrays.copyOf(columns, count), edges);
  }

  /** The pairs that any gate connects. */
  private static WiringGraph union(int units, int[] offsets, int[] columns, int[] edges) {
    Arrays.fill(edges, -1);
    int[] begins = new int[units + 1];
    int[] targets = new int[offsets[units]];
    int count = 0;
    for (int i = 0; i < units; i++) {
      int from = offsets[i];
      int[] own = Arrays.stream(columns, from, offsets[i + 1]).map(c -> c % units).toArray();
      int[] distinct = Arrays.stream(own).sorted().distinct().toArray();
      for (int k = 0; k < own.length; k++) {
        edges[from + k] = count + Arrays.binarySearch(distinct, own[k]);
      }
      System.arraycopy(distinct, 0, targets, count, distinct.length);
      count += distinct.length;
      begins[i + 1] = count;
    }
    return new WiringGraph(units, begins, Arrays.copyOf(targets, count), edges);
  }

  int units() {
    return units;
  }

  boolean isDense() {
    return offsets == null;
  }

  /** Number of edges. */
  int count() {
    return isDense() ? units * units : targets.length;
  }

  /** First edge of a unit. */
  int begin(int unit) {
    return isDense() ? unit * units : offsets[unit];
  }

  /** Target of an edge. */
  int target(int edge) {
    return isDense() ? edge % units : targets[edge];
  }

  /** Edge of a weight; -1 for a place without a synapse. */
  int edge(int weight) {
    return edges[weight];
  }

  /** A, the strength of each edge: the sum of the absolute weights of its gates. */
  double[] strengths(double[] weights) {
    double[] strengths = new double[count()];
    for (int w = 0; w < weights.length; w++) {
      if (edges[w] >= 0) {
        strengths[edges[w]] += Math.abs(weights[w]);
      }
    }
    return strengths;
  }
}
