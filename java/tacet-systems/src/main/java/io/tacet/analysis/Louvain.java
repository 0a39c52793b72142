package io.tacet.analysis;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Communities of a graph by the method of Louvain: nodes move to the neighbouring community that
 * raises modularity most until none does, communities become nodes, and so on (Blondel et al.
 * 2008).
 */
public final class Louvain {
  /** Gains below this part of all weight are rounding. */
  private static final double LEAST_GAIN = 1e-12;

  private Louvain() {}

  /**
   * A division of nodes.
   *
   * @param community of each node, from 0 on without gaps
   * @param modularity Newman's, with a resolution of 1
   */
  public record Partition(int[] community, double modularity) {}

  /**
   * Newman's modularity of a division with a resolution of 1: the part of all weight within
   * communities less what is expected from the strengths of nodes (Newman and Girvan 2004).
   *
   * @param weights symmetric, at least 0, [nodes][nodes]
   * @param community of each node
   */
  public static double modularity(double[][] weights, int[] community) {
    double[] strengths = strengths(weights);
    double all = Arrays.stream(strengths).sum();
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      for (int j = 0; j < weights.length; j++) {
        if (community[i] == community[j]) {
          sum += weights[i][j] - strengths[i] * strengths[j] / all;
        }
      }
    }
    return sum / all;
  }

  /**
   * The best of several runs in random orders.
   *
   * @param weights symmetric, at least 0 and not all 0, [nodes][nodes]
   * @param runs at least 1
   * @param seed of the orders
   */
  public static Partition best(double[][] weights, int runs, long seed) {
    check(weights, runs);
    SplittableRandom random = new SplittableRandom(seed);
    Partition best = null;
    for (int run = 0; run < runs; run++) {
      int[] community = communities(weights, random);
      double modularity = modularity(weights, community);
      if (best == null || modularity > best.modularity) {
        best = new Partition(community, modularity);
      }
    }
    return best;
  }

  private static void check(double[][] weights, int runs) {
    if (runs < 1) {
      throw new IllegalArgumentException("runs: expected at least 1, got " + runs + ".");
    }
    double sum = 0;
    for (int i = 0; i < weights.length; i++) {
      for (int j = 0; j < weights.length; j++) {
        if (weights[i].length != weights.length
            || !(weights[i][j] >= 0 && weights[i][j] < Double.POSITIVE_INFINITY)
            || weights[i][j] != weights[j][i]) {
          throw new IllegalArgumentException(
              "weights: expected a symmetric matrix of finite numbers of at least 0, got another"
                  + " at row "
                  + i
                  + ", column "
                  + j
                  + ".");
        }
        sum += weights[i][j];
      }
    }
    if (!(sum > 0)) {
      throw new IllegalArgumentException("weights: expected some that are not 0, got none.");
    }
  }

  private static int[] communities(double[][] weights, SplittableRandom random) {
    int[] ofNode = new int[weights.length];
    Arrays.setAll(ofNode, i -> i);
    double[][] level = weights;
    while (true) {
      int[] moved = new int[level.length];
      boolean any = move(level, moved, random);
      int count = renumber(moved);
      for (int i = 0; i < ofNode.length; i++) {
        ofNode[i] = moved[ofNode[i]];
      }
      if (!any) {
        return ofNode;
      }
      level = merged(level, moved, count);
    }
  }

  /** Moves nodes, each from a community of its own, until none gains; whether any moved. */
  private static boolean move(double[][] weights, int[] community, SplittableRandom random) {
    int nodes = weights.length;
    double[] strengths = strengths(weights);
    double all = Arrays.stream(strengths).sum();
    Arrays.setAll(community, i -> i);
    double[] totals = strengths.clone();
    double[] links = new double[nodes];
    int[] order = shuffled(nodes, random);
    boolean any = false;
    boolean moving = true;
    while (moving) {
      moving = false;
      for (int node : order) {
        int own = community[node];
        totals[own] -= strengths[node];
        Arrays.fill(links, 0);
        for (int other = 0; other < nodes; other++) {
          if (other != node) {
            links[community[other]] += weights[node][other];
          }
        }
        int best = own;
        double most = links[own] - strengths[node] * totals[own] / all + LEAST_GAIN * all;
        for (int to = 0; to < nodes; to++) {
          double gain = links[to] - strengths[node] * totals[to] / all;
          if (links[to] > 0 && gain > most) {
            most = gain;
            best = to;
          }
        }
        totals[best] += strengths[node];
        community[node] = best;
        moving |= best != own;
      }
      any |= moving;
    }
    return any;
  }

  private static int[] shuffled(int count, SplittableRandom random) {
    int[] order = new int[count];
    Arrays.setAll(order, i -> i);
    for (int k = count - 1; k > 0; k--) {
      int other = random.nextInt(k + 1);
      int swapped = order[k];
      order[k] = order[other];
      order[other] = swapped;
    }
    return order;
  }

  /** Makes numbers of communities run from 0; returns how many there are. */
  private static int renumber(int[] community) {
    int[] numbers = new int[community.length];
    Arrays.fill(numbers, -1);
    int count = 0;
    for (int i = 0; i < community.length; i++) {
      if (numbers[community[i]] < 0) {
        numbers[community[i]] = count++;
      }
      community[i] = numbers[community[i]];
    }
    return count;
  }

  private static double[][] merged(double[][] weights, int[] community, int count) {
    double[][] merged = new double[count][count];
    for (int i = 0; i < weights.length; i++) {
      for (int j = 0; j < weights.length; j++) {
        merged[community[i]][community[j]] += weights[i][j];
      }
    }
    return merged;
  }

  private static double[] strengths(double[][] weights) {
    return Arrays.stream(weights).mapToDouble(row -> Arrays.stream(row).sum()).toArray();
  }
}
