package io.tacet.nir;

import java.util.Arrays;

/** A row of a {@link LinearMap} that is being summed, by target. */
final class RowSum {
  private final double[] weights;
  private final double[] delays;
  private final boolean[] there;
  private final int[] touched;
  private int count;

  RowSum(int targets) {
    weights = new double[targets];
    delays = new double[targets];
    there = new boolean[targets];
    touched = new int[targets];
  }

  /** Adds a row of a map, times a weight and behind a delay. */
  void addRow(LinearMap map, int row, double weight, double delay) {
    for (int k = map.offsets[row]; k < map.offsets[row + 1]; k++) {
      add(map.indices[k], weight * map.weights[k], delay + map.delay(k));
    }
  }

  private void add(int target, double weight, double delay) {
    if (!there[target]) {
      there[target] = true;
      touched[count++] = target;
      weights[target] = weight;
      delays[target] = delay;
      return;
    }
    if (delays[target] != delay) {
      throw new NirProblem(
          "expected one delay between any two neurons, found "
              + delays[target]
              + " s and "
              + delay
              + " s on two paths to element "
              + target,
          "Lead one of the paths through a layer of its own.");
    }
    weights[target] += weight;
  }

  /** The rows of a new map. */
  static final class Rows {
    private final int[] offsets;
    private final boolean delayed;
    private int[] indices = new int[64];
    private double[] weights = new double[64];
    private double[] delays = new double[64];
    private int row;
    private int count;

    Rows(int rows, boolean delayed) {
      this.offsets = new int[rows + 1];
      this.delayed = delayed;
    }

    /** Takes the sum as the next row, and empties it. */
    void take(RowSum sum) {
      Arrays.sort(sum.touched, 0, sum.count);
      reserve(Math.addExact(count, sum.count));
      for (int k = 0; k < sum.count; k++) {
        int target = sum.touched[k];
        indices[count] = target;
        weights[count] = sum.weights[target];
        delays[count++] = sum.delays[target];
        sum.there[target] = false;
      }
      sum.count = 0;
      offsets[++row] = count;
    }

    private void reserve(int needed) {
      if (needed > indices.length) {
        int room = (int) Math.min(Integer.MAX_VALUE - 8, Math.max(2L * indices.length, needed));
        indices = Arrays.copyOf(indices, room);
        weights = Arrays.copyOf(weights, room);
        delays = Arrays.copyOf(delays, room);
      }
    }

    int[] offsets() {
      return offsets;
    }

    int[] indices() {
      return Arrays.copyOf(indices, count);
    }

    double[] weights() {
      return Arrays.copyOf(weights, count);
    }

    double[] delays() {
      return delayed ? Arrays.copyOf(delays, count) : null;
    }
  }
}
