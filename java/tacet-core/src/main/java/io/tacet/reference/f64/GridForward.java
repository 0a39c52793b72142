package io.tacet.reference.f64;

/**
 * A layer simulated step by step. In a step all neurons advance, those at or above threshold spike
 * and are reset, and what arrives is added to the currents, so that a spike with no delay arrives
 * in its own step. Only rows of active sources are read; a delayed one is added to the slot of its
 * step in a ring. Holds the scratch of one worker.
 */
final class GridForward {
  final LifSteps lif = new LifSteps();
  final VariantSteps variant = new VariantSteps();
  private final Tape tape = new Tape();
  private final GridArrivals arrivals = new GridArrivals();

  /** Of weights below 0, where they have a current of their own. */
  private final GridArrivals inhibition = new GridArrivals();

  private int[] fired = new int[0];

  private GridNeurons begin(GridLayer grid) {
    GridNeurons neurons = grid.variant == null ? lif : variant;
    neurons.begin(grid);
    if (fired.length < grid.layer.neurons) {
      fired = new int[grid.layer.neurons];
    }
    arrivals.begin(grid, neurons.current());
    if (neurons.inhibition() != null) {
      inhibition.begin(grid, neurons.inhibition());
    }
    return neurons;
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
    GridNeurons neurons = begin(grid);
    tape.begin(out.capacity, out.mostSpikes);
    simulate(grid, neurons, in, sample, false);
    tape.write(out, sample, neurons.areFinite());
  }

  /** Simulates one sample again and keeps the states of all steps. */
  void record(GridLayer grid, Events in, int sample) {
    GridNeurons neurons = begin(grid);
    neurons.reservePath();
    tape.begin(0, Integer.MAX_VALUE - 1);
    simulate(grid, neurons, in, sample, true);
  }

  private void simulate(
      GridLayer grid, GridNeurons neurons, Events in, int sample, boolean record) {
    Layer layer = grid.layer;
    int next = in.begin(sample);
    int end = next + in.count(sample);
    for (int step = 0; step <= grid.steps; step++) {
      GridLayer.checkInterrupt(step);
      int spikes = step == 0 ? 0 : neurons.advance(step, tape, fired);
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
      arrivals.receive(step);
      if (neurons.inhibition() != null) {
        inhibition.receive(step);
      }
      if (record && step < grid.steps) {
        neurons.keep(step);
      }
    }
  }

  private void send(
      GridLayer grid, Rows rows, int[] delays, boolean perSource, int source, int step) {
    if (grid.hasInhibition()) {
      sendBySign(grid, rows, delays, perSource, source, step);
    } else if (delays == null) {
      rows.add(source, arrivals.now());
    } else if (perSource) {
      int arrival = step + delays[source];
      if (arrival <= grid.steps) {
        rows.add(source, arrivals.at(arrival));
      }
    } else {
      for (int s = rows.begin(source); s < rows.end(source); s++) {
        int arrival = step + delays[s];
        if (arrival <= grid.steps) {
          arrivals.at(arrival)[rows.target(source, s)] += rows.weights[s];
        }
      }
    }
  }

  private void sendBySign(
      GridLayer grid, Rows rows, int[] delays, boolean perSource, int source, int step) {
    for (int s = rows.begin(source); s < rows.end(source); s++) {
      int arrival = delays == null ? step : step + delays[perSource ? source : s];
      if (arrival <= grid.steps) {
        GridArrivals reached = rows.weights[s] < 0 ? inhibition : arrivals;
        double[] at = delays == null ? reached.now() : reached.at(arrival);
        at[rows.target(source, s)] += rows.weights[s];
      }
    }
  }
}
