package io.tacet.reference.f64;

import java.util.Arrays;

/**
 * What arrives at the currents of one kind, now or later: a ring of the steps of the longest delay.
 */
final class GridArrivals {
  private int slots;
  private int neurons;

  /** Those that arrive in the current step. */
  private double[] now;

  private double[][] ring = new double[0][];
  private boolean[] filled = new boolean[0];

  void begin(GridLayer grid, double[] currents) {
    slots = grid.slots;
    neurons = grid.layer.neurons;
    now = currents;
    int delayed = slots == 1 ? 0 : slots;
    ring = GridForward.resized(ring, delayed, neurons);
    if (filled.length < delayed) {
      filled = new boolean[delayed];
    }
    for (int slot = 0; slot < delayed; slot++) {
      Arrays.fill(ring[slot], 0);
    }
    Arrays.fill(filled, false);
  }

  double[] now() {
    return now;
  }

  /** Where what arrives at a step is added. */
  double[] at(int arrival) {
    if (slots == 1) {
      return now;
    }
    int slot = arrival % slots;
    filled[slot] = true;
    return ring[slot];
  }

  /** Adds what arrives at a step to the currents. */
  void receive(int step) {
    int slot = step % slots;
    if (slots == 1 || !filled[slot]) {
      return;
    }
    double[] arriving = ring[slot];
    for (int k = 0; k < neurons; k++) {
      now[k] += arriving[k];
    }
    Arrays.fill(arriving, 0, neurons, 0);
    filled[slot] = false;
  }
}
