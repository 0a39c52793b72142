package io.tacet.analysis;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A graph without weights, directions, loops and double edges, and its measures. Immutable.
 *
 * @see Louvain
 */
public final class UndirectedGraph {
  private final boolean[][] joined;
  private final int[][] neighbours;
  private final int edges;

  private UndirectedGraph(boolean[][] joined) {
    this.joined = joined;
    neighbours = new int[joined.length][];
    int ends = 0;
    for (int i = 0; i < joined.length; i++) {
      boolean[] row = joined[i];
      neighbours[i] = IntStream.range(0, row.length).filter(j -> row[j]).toArray();
      ends += neighbours[i].length;
    }
    edges = ends / 2;
  }

  /**
   * A graph of given edges.
   *
   * @param nodes their number, at least 1
   * @param edges pairs of different nodes; a pair may come more than once
   */
  public static UndirectedGraph of(int nodes, int[][] edges) {
    if (nodes < 1) {
      throw new IllegalArgumentException("nodes: expected at least 1, got " + nodes + ".");
    }
    boolean[][] joined = new boolean[nodes][nodes];
    for (int[] edge : edges) {
      if (edge.length != 2
          || edge[0] == edge[1]
          || Math.min(edge[0], edge[1]) < 0
          || Math.max(edge[0], edge[1]) >= nodes) {
        throw new IllegalArgumentException(
            "edges: expected pairs of different nodes below "
                + nodes
                + ", got "
                + Arrays.toString(edge)
                + ".");
      }
      joined[edge[0]][edge[1]] = true;
      joined[edge[1]][edge[0]] = true;
    }
    return new UndirectedGraph(joined);
  }

  /**
   * The pairs with the largest weights.
   *
   * @param weights symmetric [nodes][nodes]; the diagonal does not count
   * @param fraction of all pairs that are kept, (0, 1]; of equal weights, pairs of lower numbers
   */
  public static UndirectedGraph strongest(double[][] weights, double fraction) {
    if (!(fraction > 0 && fraction <= 1)) {
      throw new IllegalArgumentException("fraction: expected (0, 1], got " + fraction + ".");
    }
    List<int[]> pairs = allPairs(weights.length);
    pairs.sort(Comparator.comparingDouble(pair -> -weights[pair[0]][pair[1]]));
    int kept = (int) Math.round(fraction * pairs.size());
    return of(weights.length, pairs.subList(0, kept).toArray(int[][]::new));
  }

  /** A graph drawn uniformly among those with as many edges (Erdos and Renyi 1959). */
  public static UndirectedGraph random(int nodes, int edges, SplittableRandom random) {
    List<int[]> pairs = allPairs(nodes);
    for (int k = 0; k < edges; k++) {
      int other = random.nextInt(k, pairs.size());
      int[] drawn = pairs.get(other);
      pairs.set(other, pairs.get(k));
      pairs.set(k, drawn);
    }
    return of(nodes, pairs.subList(0, edges).toArray(int[][]::new));
  }

  private static List<int[]> allPairs(int nodes) {
    List<int[]> pairs = new ArrayList<>();
    for (int i = 0; i < nodes; i++) {
      for (int j = i + 1; j < nodes; j++) {
        pairs.add(new int[] {i, j});
      }
    }
    return pairs;
  }

  /** Number of nodes. */
  public int nodes() {
    return joined.length;
  }

  /** Number of edges. */
  public int edges() {
    return edges;
  }

  /** Whether there is an edge. */
  public boolean joins(int one, int other) {
    return joined[one][other];
  }

  /** The edges, each once as a pair in ascending order. */
  public int[][] pairs() {
    return allPairs(nodes()).stream()
        .filter(pair -> joined[pair[0]][pair[1]])
        .toArray(int[][]::new);
  }

  /** As a matrix of 0 and 1. */
  public double[][] matrix() {
    double[][] matrix = new double[nodes()][nodes()];
    for (int i = 0; i < nodes(); i++) {
      for (int j : neighbours[i]) {
        matrix[i][j] = 1;
      }
    }
    return matrix;
  }

  /**
   * Mean over all nodes of the fraction of pairs of neighbours that are joined (Watts and Strogatz
   * 1998); 0 for nodes with fewer than two.
   */
  public double clustering() {
    double sum = 0;
    for (int[] around : neighbours) {
      int triangles = 0;
      for (int a = 0; a < around.length; a++) {
        for (int b = a + 1; b < around.length; b++) {
          triangles += joined[around[a]][around[b]] ? 1 : 0;
        }
      }
      if (around.length > 1) {
        sum += 2.0 * triangles / around.length / (around.length - 1);
      }
    }
    return sum / nodes();
  }

  /**
   * Global efficiency: mean over all pairs of the inverse of the number of edges between them, 0
   * where there is no way (Latora and Marchiori 2001).
   */
  public double efficiency() {
    double sum = 0;
    int[] queue = new int[nodes()];
    int[] distance = new int[nodes()];
    for (int start = 0; start < nodes(); start++) {
      Arrays.fill(distance, -1);
      distance[start] = 0;
      queue[0] = start;
      int end = 1;
      for (int at = 0; at < end; at++) {
        for (int next : neighbours[queue[at]]) {
          if (distance[next] < 0) {
            distance[next] = distance[queue[at]] + 1;
            sum += 1.0 / distance[next];
            queue[end++] = next;
          }
        }
      }
    }
    return nodes() == 1 ? 0 : sum / nodes() / (nodes() - 1);
  }

  /**
   * Small-worldness: clustering and efficiency, each divided by its mean over random graphs with as
   * many edges, multiplied (after Humphries and Gurney 2008, with efficiency for path length).
   *
   * @param nulls number of random graphs, at least 1
   * @param seed of these
   * @return NaN where random graphs have no triangle
   */
  public double smallWorldness(int nulls, long seed) {
    if (nulls < 1) {
      throw new IllegalArgumentException("nulls: expected at least 1, got " + nulls + ".");
    }
    SplittableRandom random = new SplittableRandom(seed);
    double clusterings = 0;
    double efficiencies = 0;
    for (int k = 0; k < nulls; k++) {
      UndirectedGraph graph = random(nodes(), edges, random);
      clusterings += graph.clustering() / nulls;
      efficiencies += graph.efficiency() / nulls;
    }
    return clustering() / clusterings * (efficiency() / efficiencies);
  }
}
