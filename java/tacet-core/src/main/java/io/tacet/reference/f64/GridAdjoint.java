package io.tacet.reference.f64;

import io.tacet.reference.Workers;
import java.util.Arrays;
import java.util.function.IntConsumer;

/**
 * The adjoint of {@link GridForward}: the exact transpose of a step between spikes and, at a spike,
 * the jump of the continuous adjoint with the current of its step. What an event adds to a gradient
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
  private double[][] lv = new double[0][];
  private double[][] li = new double[0][];

  /** lambdaV before the spikes of a step. */
  private double[] before = new double[0];

  private double[] spikeErrors = new double[16];

  private GridLayer grid;
  private Gradients grads;

  GridAdjoint(Workers workers) {
    this.workers = workers;
  }

  private void reserve(int n, int slots) {
    lv = GridForward.resized(lv, slots, n);
    li = GridForward.resized(li, slots, n);
    for (int slot = 0; slot < slots; slot++) {
      Arrays.fill(lv[slot], 0);
      Arrays.fill(li[slot], 0);
    }
    if (before.length < n) {
      before = new double[n];
      spikeErrors = new double[n];
    }
  }

  /**
   * Adjoint of one sample: adds to the gradients and writes the errors of the input events if they
   * are wanted.
   *
   * @param path the recorded states of the sample where a gradient needs them
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
        double[] minus = jump(out, spike + 1, last, step, kick);
        if (grads.needsStates) {
          integrate(minus, li[step % grid.slots], path.pathU[step - 1], path.pathI[step - 1]);
        }
        retreat(minus, step);
      }
    }
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
    if (delays == null || perSource) {
      int arrival = delays == null ? step : step + delays[source];
      if (arrival > grid.steps) {
        return 0;
      }
      int slot = arrival % grid.slots;
      double error = rows.adjoint(source, lv[slot], li[slot], tauSyn, weightGradient);
      if (delayGradient != null) {
        delayGradient[source] += error;
      }
      return error;
    }
    double total = 0;
    for (int s = rows.begin(source); s < rows.end(source); s++) {
      int arrival = step + delays[s];
      if (arrival > grid.steps) {
        continue;
      }
      int slot = arrival % grid.slots;
      int m = rows.target(source, s);
      double current = li[slot][m];
      double error = rows.weights[s] * (lv[slot][m] - current);
      if (weightGradient != null) {
        weightGradient[s] -= tauSyn[m] * current;
      }
      if (delayGradient != null) {
        delayGradient[s] += error;
      }
      total += error;
    }
    return total;
  }

  /**
   * lambdaV before the spikes {@code first .. last} of a step. The errors of all of them are taken
   * first, since a spike without a delay arrives after the resets of its step.
   */
  private double[] jump(Events out, int first, int last, int step, double[] kick) {
    double[] after = lv[step % grid.slots];
    if (first > last) {
      return after;
    }
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
    System.arraycopy(after, 0, before, 0, grid.layer.neurons);
    for (int k = first; k <= last; k++) {
      int n = out.units[k];
      double error = spikeErrors[k - first];
      before[n] = Jump.before(grid.layer, n, out.slopes[k], error, after[n], kick, grads);
    }
    return before;
  }

  /** The transpose of a step, from the adjoint before the spikes of {@code step}. */
  private void retreat(double[] minus, int step) {
    double[] current = li[step % grid.slots];
    double[] earlierV = lv[(step - 1) % grid.slots];
    double[] earlierI = li[(step - 1) % grid.slots];
    double[] alpha = grid.alpha;
    double[] beta = grid.beta;
    double[] gamma = grid.adjointGamma;
    int n = grid.layer.neurons;
    for (int k = 0; k < n; k++) {
      earlierI[k] = beta[k] * current[k] + gamma[k] * minus[k];
    }
    for (int k = 0; k < n; k++) {
      earlierV[k] = alpha[k] * minus[k];
    }
  }

  /** Integrals over the step that begins with state (u, i) and ends with the adjoint. */
  private void integrate(double[] minus, double[] current, double[] u, double[] i) {
    int n = grid.layer.neurons;
    if (grads.tauMem != null) {
      for (int k = 0; k < n; k++) {
        grads.tauMem[k] += minus[k] * (grid.tauMemI[k] * i[k] + grid.tauMemV[k] * u[k]);
      }
    }
    if (grads.tauSyn != null) {
      for (int k = 0; k < n; k++) {
        grads.tauSyn[k] += i[k] * (grid.tauSynI[k] * current[k] + grid.tauSynV[k] * minus[k]);
      }
    }
    if (grads.bias != null) {
      for (int k = 0; k < n; k++) {
        grads.bias[k] -= minus[k] * grid.layer.tauMem[k] * (1 - grid.alpha[k]);
      }
    }
  }
}
