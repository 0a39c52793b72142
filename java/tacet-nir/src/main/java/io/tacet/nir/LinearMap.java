package io.tacet.nir;

import java.util.Arrays;

/**
 * What linear nodes do to the spikes of sources until they reach targets: compressed sparse rows by
 * source, each path with a weight and a delay. Targets ascend in a row. Immutable.
 */
final class LinearMap {
  final int sources;
  final int targets;
  final int[] offsets;
  final int[] indices;
  final double[] weights;

  /** In seconds; null where all are 0. */
  final double[] delays;

  private LinearMap(
      int sources, int targets, int[] offsets, int[] indices, double[] weights, double[] delays) {
    this.sources = sources;
    this.targets = targets;
    this.offsets = offsets;
    this.indices = indices;
    this.weights = weights;
    this.delays = delays;
  }

  /** Takes paths one by one, those of each source in ascending order of their targets. */
  @FunctionalInterface
  interface Taps {
    void add(int source, int target, double weight);
  }

  /** Gives paths, the same whenever it is asked. */
  @FunctionalInterface
  interface Paths {
    void giveTo(Taps taps);
  }

  static LinearMap of(int sources, int targets, Paths paths) {
    int[] offsets = new int[sources + 1];
    paths.giveTo((source, target, weight) -> offsets[source + 1]++);
    Arrays.parallelPrefix(offsets, Math::addExact);
    int[] next = Arrays.copyOf(offsets, sources);
    int[] indices = new int[offsets[sources]];
    double[] weights = new double[indices.length];
    paths.giveTo(
        (source, target, weight) -> {
          indices[next[source]] = target;
          weights[next[source]++] = weight;
        });
    return new LinearMap(sources, targets, offsets, indices, weights, null);
  }

  /** Each element to itself. */
  static LinearMap identity(int count) {
    double[] ones = new double[count];
    Arrays.fill(ones, 1);
    return diagonal(ones, null);
  }

  /** Each element to itself with a weight, and a delay in seconds unless {@code delays} is null. */
  static LinearMap diagonal(double[] weights, double[] delays) {
    int count = weights.length;
    int[] offsets = new int[count + 1];
    Arrays.setAll(offsets, k -> k);
    int[] indices = Arrays.copyOf(offsets, count);
    boolean delayed = delays != null && Arrays.stream(delays).anyMatch(d -> d != 0);
    return new LinearMap(
        count, count, offsets, indices, weights.clone(), delayed ? delays.clone() : null);
  }

  /**
   * A matrix. Where at most half of its elements are not 0, those that are 0 are no paths, unless
   * all are.
   *
   * @param matrix [targets][sources]
   */
  static LinearMap matrix(double[] matrix, int targets, int sources) {
    long filled = Arrays.stream(matrix).filter(w -> w != 0).count();
    boolean sparse = filled > 0 && 2 * filled <= matrix.length;
    return of(
        sources,
        targets,
        taps -> {
          for (int t = 0; t < targets; t++) {
            for (int s = 0; s < sources; s++) {
              double weight = matrix[t * sources + s];
              if (!sparse || weight != 0) {
                taps.add(s, t, weight);
              }
            }
          }
        });
  }

  int count() {
    return indices.length;
  }

  boolean isDense() {
    return (long) sources * targets == count();
  }

  /** Whether each element reaches itself alone, with weight 1 and without delay. */
  boolean isIdentity() {
    if (sources != targets || count() != sources || delays != null) {
      return false;
    }
    for (int k = 0; k < sources; k++) {
      if (offsets[k] != k || indices[k] != k || weights[k] != 1) {
        return false;
      }
    }
    return true;
  }

  /**
   * This map, and then another.
   *
   * @throws NirProblem if there are two paths between a source and a target with different delays
   */
  LinearMap then(LinearMap next) {
    if (isIdentity()) {
      return next;
    }
    if (next.isIdentity()) {
      return this;
    }
    RowSum row = new RowSum(next.targets);
    RowSum.Rows rows = new RowSum.Rows(sources, delays != null || next.delays != null);
    for (int s = 0; s < sources; s++) {
      for (int k = offsets[s]; k < offsets[s + 1]; k++) {
        row.addRow(next, indices[k], weights[k], delay(k));
      }
      rows.take(row);
    }
    return new LinearMap(
        sources, next.targets, rows.offsets(), rows.indices(), rows.weights(), rows.delays());
  }

  /** The sum of this map and another of the same sources and targets. */
  LinearMap plus(LinearMap other) {
    RowSum row = new RowSum(targets);
    RowSum.Rows rows = new RowSum.Rows(sources, delays != null || other.delays != null);
    for (int s = 0; s < sources; s++) {
      row.addRow(this, s, 1, 0);
      row.addRow(other, s, 1, 0);
      rows.take(row);
    }
    return new LinearMap(
        sources, targets, rows.offsets(), rows.indices(), rows.weights(), rows.delays());
  }

  /** This map among more sources and targets, of which its own are next to one another. */
  LinearMap within(int allSources, int firstSource, int allTargets, int firstTarget) {
    int[] all = new int[allSources + 1];
    Arrays.setAll(all, s -> offsets[Math.max(0, Math.min(sources, s - firstSource))]);
    int[] moved = Arrays.stream(indices).map(target -> target + firstTarget).toArray();
    return new LinearMap(allSources, allTargets, all, moved, weights, delays);
  }

  double delay(int path) {
    return delays == null ? 0 : delays[path];
  }

  /** What a constant becomes; delays do not matter to it. */
  double[] applyTo(double[] constant) {
    double[] result = new double[targets];
    for (int s = 0; s < sources; s++) {
      for (int k = offsets[s]; k < offsets[s + 1]; k++) {
        result[indices[k]] += weights[k] * constant[s];
      }
    }
    return result;
  }

  /** Weights times a factor of each target. */
  double[] scaled(double[] factors) {
    double[] all = new double[weights.length];
    Arrays.setAll(all, k -> weights[k] * factors[indices[k]]);
    return all;
  }
}
