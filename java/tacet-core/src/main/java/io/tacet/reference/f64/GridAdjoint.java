package io.tacet.reference.f64;

import io.tacet.reference.Workers;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * The adjoint of {@link GridForward}: the exact transpose of a step between spikes and, at a spike,
 * the jump of the continuous adjoint with the state of its step. What an event adds to a gradient
 * depends on the adjoint when it arrived, so a ring keeps the adjoints of as many steps as the
 * longest delay has.
 *
 * <p>Holds the scratch of one worker. Where the gradients are in place, no other sample is under
 * way, and the events of a step that reach many synapses are shared among all workers by their
 * sources: each row of a gradient has one owner, which adds to it in the same order as a single
 * worker.
 */
final class GridAdjoint {
  /** Synapses of the events of a step from which it pays to wake other workers. */
  private static final long LEAST_SHARED = 1 << 14;

  private static final int TASKS_PER_WORKER = 4;

  private final Workers workers;
  private final LifRetreat lif = new LifRetreat();
  private final VariantRetreat variant = new VariantRetreat();
  private Slot[] ring = {};
  private double[] spikeErrors = new double[0];

  private GridLayer grid;
  private Gradients grads;

  GridAdjoint(Workers workers) {
    this.workers = workers;
  }

  /**
   * The adjoint after a step, as arrivals see it: of a variable y that decays with a time constant
   * tau in units of -1/tau dL/dy.
   */
  static final class Slot {
    /**
     * Of what moves when i is there, V or with alpha synapses the current: the loss of arriving
     * late.
     */
    final double[] v;

    /** Of what arrivals reach, a current or with alpha synapses its onset. */
    final double[] i;

    /** As v, for weights below 0 with alpha synapses and a current of their own; else v is. */
    final double[] w;

    /** As i, for weights below 0 with a current of their own. */
    final double[] j;

    private Slot(int neurons) {
      v = new double[neurons];
      i = new double[neurons];
      w = new double[neurons];
      j = new double[neurons];
    }

    private void zero() {
      Arrays.fill(v, 0);
      Arrays.fill(i, 0);
      Arrays.fill(w, 0);
      Arrays.fill(j, 0);
    }
  }

  private void reserve(int n, int slots) {
    if (ring.length < slots || ring[0].v.length < n) {
      ring = new Slot[slots];
      Arrays.setAll(ring, slot -> new Slot(n));
    }
    for (int slot = 0; slot < slots; slot++) {
      ring[slot].zero();
    }
    if (spikeErrors.length < n) {
      spikeErrors = new double[n];
    }
  }

  /**
   * Adjoint of one sample: adds to the gradients and writes the errors of the input events if they
   * are wanted.
   *
   * @param path the recorded states of the sample where a gradient or the neurons need them
   */
  void backward(
      GridLayer grid,
      Events in,
      Events out,
      int sample,
      Gradients grads,
      double[] kick,
      GridForward path) {
    this.grid = grid;
    this.grads = grads;
    reserve(grid.layer.neurons, grid.slots);
    GridRetreat neurons = grid.variant == null ? lif : variant;
    neurons.begin(grid, out, sample, grads, kick, path);
    int firstEvent = in.begin(sample);
    int event = firstEvent + in.count(sample) - 1;
    while (event >= firstEvent && grid.grid.step(in.times[event]) > grid.steps) {
      setError(in, event--, 0);
    }
    int firstSpike = out.begin(sample);
    int spike = firstSpike + out.count(sample) - 1;
    for (int step = grid.steps; step >= 0; step--) {
      GridLayer.checkInterrupt(step);
      int lastEvent = event;
      while (event >= firstEvent && grid.grid.step(in.times[event]) >= step) {
        event--;
      }
      inputEvents(in, event + 1, lastEvent, step);
      int last = spike;
      while (spike >= firstSpike && grid.grid.step(out.times[spike]) >= step) {
        spike--;
      }
      if (step > 0) {
        spikeErrors(out, spike + 1, last, step);
        neurons.back(step, spike + 1, last, spikeErrors, at(step), at(step - 1));
      }
    }
    neurons.end();
  }

  private Slot at(int step) {
    return ring[step % grid.slots];
  }

  private static void setError(Events in, int event, double error) {
    if (in.errors != null) {
      in.errors[event] = error;
    }
  }

  /** Passes the input events {@code first .. last} of a step. */
  private void inputEvents(Events in, int first, int last, int step) {
    bySource(
        grid.layer.input,
        in.units,
        first,
        last,
        k -> setError(in, k, inputEvent(in.units[k], step)));
  }

  /**
   * Passes the events {@code first .. last} of a step, those of one source by one worker and from
   * the last to the first.
   */
  private void bySource(Rows rows, int[] sources, int first, int last, IntConsumer event) {
    long synapses = (last - first + 1L) * rows.weights.length / Math.max(1, rows.sources);
    boolean shared = grads.areInPlace() && workers.count() > 1 && synapses >= LEAST_SHARED;
    int tasks = shared ? TASKS_PER_WORKER * workers.count() : 1;
    if (tasks == 1) {
      for (int k = last; k >= first; k--) {
        event.accept(k);
      }
      return;
    }
    workers.run(
        tasks,
        (task, worker) -> {
          for (int k = last; k >= first; k--) {
            if (sources[k] % tasks == task) {
              event.accept(k);
            }
          }
        });
  }

  private double inputEvent(int source, int step) {
    Layer layer = grid.layer;
    return pull(
        layer.input,
        grid.inputDelays,
        layer.inputDelaysPerSource,
        source,
        step,
        grads.row(layer.input, source),
        grads.inputDelays);
  }

  private double recurrentEvent(int source, int step) {
    Layer layer = grid.layer;
    return pull(
        layer.recurrent,
        grid.recurrentDelays,
        layer.recurrentDelaysPerSource,
        source,
        step,
        grads.recurrentRow(layer.recurrent, source),
        grads.recurrentDelays);
  }

  /** Adds an event of a source at a step to the gradients and returns its error. */
  private double pull(
      Rows rows,
      int[] delays,
      boolean perSource,
      int source,
      int step,
      double[] weightGradient,
      double[] delayGradient) {
    double[] tauSyn = grid.layer.tauSyn;
    boolean signed = grid.hasInhibition();
    boolean apart = signed && grid.variant.layer.alphaSynapses;
    if (!signed && (delays == null || perSource)) {
      int arrival = delays == null ? step : step + delays[source];
      if (arrival > grid.steps) {
        return 0;
      }
      Slot slot = at(arrival);
      double error = rows.adjoint(source, slot.v, slot.i, tauSyn, weightGradient);
      if (delayGradient != null) {
        delayGradient[source] += error;
      }
      return error;
    }
    double total = 0;
    for (int s = rows.begin(source); s < rows.end(source); s++) {
      int arrival = delays == null ? step : step + delays[perSource ? source : s];
      if (arrival > grid.steps) {
        continue;
      }
      Slot slot = at(arrival);
      int m = rows.target(source, s);
      boolean inhibitory = signed && rows.weights[s] < 0;
      double current = inhibitory ? slot.j[m] : slot.i[m];
      double moved = apart && inhibitory ? slot.w[m] : slot.v[m];
      double error = rows.weights[s] * (moved - current);
      if (weightGradient != null) {
        weightGradient[s] -= (inhibitory ? grid.variant.layer.tauInhibitory : tauSyn)[m] * current;
      }
      if (delayGradient != null) {
        delayGradient[perSource ? source : s] += error;
      }
      total += error;
    }
    return total;
  }

  /**
   * The errors of the spikes {@code first .. last} of a step. They are taken before any of them is
   * passed, since a spike without a delay arrives after the resets of its step.
   */
  private void spikeErrors(Events out, int first, int last, int step) {
    System.arraycopy(out.errors, first, spikeErrors, 0, last - first + 1);
    Rows recurrent = grid.layer.recurrent;
    if (recurrent != null) {
      bySource(
          recurrent,
          out.units,
          first,
          last,
          k -> spikeErrors[k - first] += recurrentEvent(out.units[k], step));
    }
  }
}
