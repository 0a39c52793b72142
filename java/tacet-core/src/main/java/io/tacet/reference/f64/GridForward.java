package io.tacet.reference.f64;

import java.util.Arrays;

/**
 * A LIF layer simulated step by step. In a step all neurons advance, those at or above threshold
 * spike and are reset, and what arrives is added to the currents, so that a spike with no delay
 * arrives in its own step. Only rows of active sources are read; a delayed one is added to the slot
 * of its step in a ring. Holds the scratch of one worker.
 */
final class GridForward {
  private final Tape tape = new Tape();
  private double[] u = new double[0];
  private double[] i;
  private int[] fired;
  private double[][] ring = new double[0][];
  private boolean[] filled = new boolean[0];

  /** u and i after each step but the last; only for {@link #record}. */
  double[][] pathU = new double[0][];

  double[][] pathI = new double[0][];

  private void reserve(GridLayer grid) {
    int n = grid.layer.neurons;
    if (u.length < n) {
      u = new double[n];
      i = new double[n];
      fired = new int[n];
    }
    int delayed = grid.slots == 1 ? 0 : grid.slots;
    ring = resized(ring, delayed, n);
    if (filled.length < delayed) {
      filled = new boolean[delayed];
    }
    for (int slot = 0; slot < delayed; slot++) {
      Arrays.fill(ring[slot], 0);
    }
    Arrays.fill(filled, false);
  }

  /** Rows of at least n elements, at least as many as requested. */
  static double[][] resized(double[][] rows, int count, int n) {
    if (rows.length >= count && (count == 0 || rows[0].length >= n)) {
      return rows;
    }
    return new double[count][n];
  }

  /** Simulates one sample and writes its spikes. */
  void forward(GridLayer grid, Events in, int sample, Events out) {
    tape.begin(out.capacity, out.mostSpikes);
    simulate(grid, in, sample, false);
    tape.write(out, sample, Sweep.finite(u, i, grid.layer.neurons));
  }

  /** Simulates one sample again and keeps the states of all steps. */
  void record(GridLayer grid, Events in, int sample) {
    pathU = resized(pathU, grid.steps, grid.layer.neurons);
    pathI = resized(pathI, grid.steps, grid.layer.neurons);
    tape.begin(0, Integer.MAX_VALUE - 1);
    simulate(grid, in, sample, true);
  }

  private void simulate(GridLayer grid, Events in, int sample, boolean record) {
    reserve(grid);
    Layer layer = grid.layer;
    int n = layer.neurons;
    System.arraycopy(layer.start, 0, u, 0, n);
    Arrays.fill(i, 0, n, 0);
    int next = in.begin(sample);
    int end = next + in.count(sample);
    for (int step = 0; step <= grid.steps; step++) {
      GridLayer.checkInterrupt(step);
      int spikes = step == 0 ? 0 : advance(grid, step);
      if (layer.recurrent != null) {
        for (int k = 0; k < spikes; k++) {
          send(
              grid,
              layer.recurrent,
              grid.recurrentDelays,
              layer.recurrentDelaysPerSource,
              fired[k],
              step);
        }
      }
      while (next < end && grid.grid.step(in.times[next]) <= step) {
        send(
            grid,
            layer.input,
            grid.inputDelays,
            layer.inputDelaysPerSource,
            in.units[next++],
            step);
      }
      receive(grid, step);
      if (record && step < grid.steps) {
        System.arraycopy(u, 0, pathU[step], 0, n);
        System.arraycopy(i, 0, pathI[step], 0, n);
      }
    }
  }

  /** Advances all neurons to a step and returns how many of them spike there. */
  private int advance(GridLayer grid, int step) {
    int n = grid.layer.neurons;
    double[] alpha = grid.alpha;
    double[] beta = grid.beta;
    double[] gamma = grid.gamma;
    double[] quiet = grid.quiet;
    for (int k = 0; k < n; k++) {
      u[k] = alpha[k] * u[k] + gamma[k] * i[k];
    }
    for (int k = 0; k < n; k++) {
      i[k] = beta[k] * i[k];
    }
    int spikes = 0;
    for (int k = 0; k < n; k++) {
      if (u[k] > quiet[k] && reaches(grid, k, step)) {
        fired[spikes++] = k;
      }
    }
    return spikes;
  }

  private boolean reaches(GridLayer grid, int k, int step) {
    double theta = grid.layer.theta[k];
    double slope = i[k] - theta;
    if (!(u[k] >= theta)) {
      if (slope <= 0) {
        tape.graze.count++;
      }
      return false;
    }
    // What the current may have lost since the crossing; a smaller slope is within the step's
    // error and would only blow up the gradient, which does not exist at 0.
    double least = grid.lost[k] * Math.abs(theta);
    if (slope < least) {
      tape.graze.count++;
      slope = least;
    }
    tape.add(Real.of(grid.grid.time(step)), k, slope);
    u[k] = grid.layer.reset[k];
    return true;
  }

  private void send(
      GridLayer grid, Rows rows, int[] delays, boolean perSource, int source, int step) {
    if (delays == null) {
      rows.add(source, i);
    } else if (perSource) {
      int arrival = step + delays[source];
      if (arrival <= grid.steps) {
        rows.add(source, at(grid, arrival));
      }
    } else {
      for (int s = rows.begin(source); s < rows.end(source); s++) {
        int arrival = step + delays[s];
        if (arrival <= grid.steps) {
          at(grid, arrival)[rows.target(source, s)] += rows.weights[s];
        }
      }
    }
  }

  private double[] at(GridLayer grid, int arrival) {
    if (grid.slots == 1) {
      return i;
    }
    int slot = arrival % grid.slots;
    filled[slot] = true;
    return ring[slot];
  }

  private void receive(GridLayer grid, int step) {
    int slot = step % grid.slots;
    if (grid.slots == 1 || !filled[slot]) {
      return;
    }
    double[] arriving = ring[slot];
    for (int k = 0; k < grid.layer.neurons; k++) {
      i[k] += arriving[k];
    }
    Arrays.fill(arriving, 0, grid.layer.neurons, 0);
    filled[slot] = false;
  }
}
