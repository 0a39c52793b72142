package io.tacet.reference.f64;

import io.tacet.InterruptedPassException;
import java.util.Arrays;

/**
 * The adjoint of {@link VariantWalk}: lambda = dL/dx of each neuron goes back along its queue, and
 * a spike is passed once everything it caused has been passed. At a spike with the state x before
 * and x' after, the slope s of the distance from the threshold and the error E,
 *
 * <pre>mu = (E + lambda^T (h_x f(x) - f(x'))) / s,   lambda(-) = h_x^T lambda - mu g_x^T</pre>
 *
 * where a refractory period makes dV'/dt 0 and adds what its end, which moves with the spike, does;
 * see docs/hybrid-neurons.md. {@link PotentialAdjoint} goes the same way.
 */
class VariantAdjoint {
  /** Spikes after which a look is taken whether to stop; a power of 2. */
  private static final int BETWEEN_CHECKS = 1024;

  final VariantNeuron neuron = new VariantNeuron();
  private final VariantJump jump = new VariantJump();

  /** The state that {@link #loadEntry} has loaded. */
  final double[] x = new double[VariantNeuron.VARIABLES];

  VariantLayer layer;
  private Events in;
  Events out;
  private int sample;
  private Gradients grads;
  Queue[] queues;
  double[][] lambda = new double[0][];
  double[][] sums;

  /** dL/dt of the end of the refractory period that has just been passed. */
  double[] ends;

  private double[] now;
  int[] last;

  /** By neuron and entry: the state after it, and the end of the refractory period. */
  private double[][] entries;

  /** Variables of an entry. */
  private int variables;

  /** What arrivals have given to the errors of the spikes that caused them. */
  double[] spikeErrors = new double[64];

  private void reserve(int spikes) {
    int n = layer.base.neurons;
    if (lambda.length < n) {
      lambda = new double[n][VariantNeuron.VARIABLES];
      sums = new double[n][VariantNeuron.SUMS];
      ends = new double[n];
      now = new double[n];
      last = new int[n];
      entries = new double[n][0];
    }
    if (spikeErrors.length < spikes) {
      spikeErrors = new double[2 * spikes];
    }
    Arrays.fill(spikeErrors, 0, spikes, 0);
  }

  /** Queues hold the input arrivals; recurrent ones and own spikes are added here. */
  void backward(
      VariantLayer layer,
      Events in,
      Events out,
      int sample,
      Gradients grads,
      double[] kick,
      Queue[] inputQueues) {
    int spikes = out.count(sample);
    enter(layer, in, out, sample, grads, inputQueues);
    for (int m = 0; m < layer.base.neurons; m++) {
      begin(m);
    }
    for (int k = spikes - 1; k >= 0; k--) {
      if ((k & BETWEEN_CHECKS - 1) == 0) {
        InterruptedPassException.check();
      }
      spike(k, kick);
    }
    for (int m = 0; m < layer.base.neurons; m++) {
      back(m, 0);
      retreat(m, 0);
      grads.addSums(m, sums[m]);
    }
  }

  /** Takes a sample, and queues its spikes and what they cause. */
  final void enter(
      VariantLayer layer, Events in, Events out, int sample, Gradients grads, Queue[] inputQueues) {
    this.layer = layer;
    this.in = in;
    this.out = out;
    this.sample = sample;
    this.grads = grads;
    queues = inputQueues;
    variables = layer.variables();
    Arrays.fill(x, 0);
    reserve(out.count(sample));
    WalkAdjoint.begin(layer.base, in, out, sample, grads, queues);
  }

  private void begin(int m) {
    Arrays.fill(lambda[m], 0);
    Arrays.fill(sums[m], 0);
    ends[m] = 0;
    now[m] = layer.base.duration;
    last[m] = queues[m].size - 1;
    recordStates(m);
  }

  private void spike(int k, double[] kick) {
    int base = out.begin(sample);
    int m = out.units[base + k];
    double time = out.times[base + k];
    Rows rows = layer.base.recurrent;
    if (rows != null) {
      for (int s = rows.begin(m); s < rows.end(m); s++) {
        back(rows.target(m, s), time);
      }
    }
    back(m, time);
    retreat(m, time);
    neuron.set(layer, m);
    loadEntry(m);
    jump(m, k, base + k);
    ends[m] = 0;
    if (kick != null) {
      lambda[m][VariantNeuron.V] -= layer.base.tauMem[m] * kick[m];
    }
    last[m]--;
  }

  /**
   * Over the spike that neuron m has come to, after which its state is {@link #x}.
   *
   * @param k its number in the sample
   * @param at its place in the events
   */
  void jump(int m, int k, int at) {
    double slope = out.slopes[at];
    double error = out.errors[at] + spikeErrors[k];
    double[] own = lambda[m];
    jump.v = own[VariantNeuron.V];
    jump.rise = own[VariantNeuron.A];
    jump.adaptation = own[VariantNeuron.W];
    double resting = layer.refractory == null ? neuron.rise(x, x[VariantNeuron.V]) : 0;
    double caused = error - jump.v * resting - ends[m];
    if (layer.reset == null) {
      double approach =
          layer.thresholdJump == null
              ? 0
              : neuron.rates[VariantNeuron.A] * (x[VariantNeuron.A] - layer.thresholdJump[m]);
      caused += jump.v * (slope - approach);
    }
    jump.over(layer, m, slope, caused, sums[m]);
    own[VariantNeuron.V] = jump.v;
    if (layer.thresholdJump != null) {
      own[VariantNeuron.A] = jump.rise;
    }
  }

  /** Back over a free motion of neuron m that began with the state in {@link #x}. */
  void move(int m, double d) {
    neuron.retreat(x, d, lambda[m], sums[m]);
  }

  /** Back over a time in which V stood still, which began with the state in {@link #x}. */
  void rest(int m, double d) {
    neuron.retreatAtRest(x, d, lambda[m], sums[m]);
  }

  /** Passes the arrivals of neuron m at {@code time} and later; own spikes there are done. */
  private void back(int m, double time) {
    Queue queue = queues[m];
    while (last[m] >= 0
        && queue.synapses[last[m]] != Queue.OWN_SPIKE
        && queue.times[last[m]] >= time) {
      retreat(m, queue.times[last[m]]);
      arrival(m, queue.synapses[last[m]], queue.causes[last[m]]);
      last[m]--;
    }
  }

  private void arrival(int m, int synapse, int cause) {
    double weight = layer.weight(synapse);
    neuron.set(layer, m);
    int k = layer.receptor(weight);
    double direct = lambda[m][k];
    boolean held = entries[m][last[m] * (variables + 1) + variables] > now[m];
    double error = weight * neuron.arrivalError(k, lambda[m], held);
    Layer base = layer.base;
    if (synapse >= 0) {
      int event = in.begin(sample) + cause;
      if (grads.input != null) {
        grads.input.values[synapse] += direct;
      }
      if (grads.inputDelays != null) {
        grads.inputDelays[base.inputDelaysPerSource ? in.units[event] : synapse] += error;
      }
      if (in.errors != null) {
        in.errors[event] += error;
      }
      return;
    }
    int s = -2 - synapse;
    if (grads.recurrent != null) {
      grads.recurrent.values[s] += direct;
    }
    if (grads.recurrentDelays != null) {
      int source = out.units[out.begin(sample) + cause];
      grads.recurrentDelays[base.recurrentDelaysPerSource ? source : s] += error;
    }
    spikeErrors[cause] += error;
  }

  /** Takes the adjoint of neuron m back to {@code time}, where its last entry is, or the start. */
  private void retreat(int m, double time) {
    double d = now[m] - time;
    if (!(d > 0)) {
      return;
    }
    neuron.set(layer, m);
    double freeFrom = loadEntry(m);
    if (!(freeFrom > time)) {
      move(m, d);
    } else if (freeFrom > now[m]) {
      rest(m, d);
    } else {
      double held = freeFrom - time;
      neuron.rest(x, held);
      if (d > held) {
        move(m, d - held);
      }
      ends[m] = lambda[m][VariantNeuron.V] * neuron.rise(x, x[VariantNeuron.V]);
      sums[m][VariantNeuron.REFRACTORY] -= ends[m];
      loadEntry(m);
      rest(m, held);
    }
    now[m] = time;
  }

  /** Loads the state after the last entry of neuron m; returns the end of its refractory period. */
  final double loadEntry(int m) {
    if (last[m] < 0) {
      Arrays.fill(x, 0);
      return 0;
    }
    int at = last[m] * (variables + 1);
    System.arraycopy(entries[m], at, x, 0, variables);
    return entries[m][at + variables];
  }

  final void recordStates(int m) {
    Queue queue = queues[m];
    int needed = queue.size * (variables + 1);
    if (entries[m].length < needed) {
      entries[m] = new double[2 * needed];
    }
    neuron.set(layer, m);
    Arrays.fill(x, 0);
    double t = 0;
    double freeFrom = 0;
    for (int k = 0; k < queue.size; k++) {
      double to = queue.times[k];
      if (to > t) {
        double held = Math.max(0, Math.min(to, freeFrom) - t);
        neuron.rest(x, held);
        if (to > freeFrom) {
          neuron.move(x, to - t - held);
        }
        t = to;
      }
      int synapse = queue.synapses[k];
      if (synapse == Queue.OWN_SPIKE) {
        x[VariantNeuron.V] = layer.reset == null ? x[VariantNeuron.A] : layer.reset[m];
        x[VariantNeuron.A] += layer.thresholdJump == null ? 0 : layer.thresholdJump[m];
        x[VariantNeuron.W] += layer.adaptationJump == null ? 0 : layer.adaptationJump[m];
        freeFrom = layer.freeFrom(m, t);
      } else {
        double weight = layer.weight(synapse);
        x[layer.receptor(weight)] += weight;
      }
      System.arraycopy(x, 0, entries[m], k * (variables + 1), variables);
      entries[m][k * (variables + 1) + variables] = freeFrom;
    }
  }
}
