package io.tacet.reference.f64;

import io.tacet.InterruptedPassException;
import io.tacet.reference.Propagator;
import java.util.Arrays;

/**
 * The adjoint of {@link Walk}: neurons walk back along their queues, and a spike is passed once
 * everything it caused has been passed, so that its error is known. Between two entries the
 * gradients of time constants and bias are integrals of sums of exponentials, taken in closed form.
 */
final class WalkAdjoint {
  /** Spikes after which a look is taken whether to stop; a power of 2. */
  private static final int BETWEEN_CHECKS = 1024;

  private final Membrane membrane = new Membrane();
  private Layer layer;
  private Events in;
  private Events out;
  private int sample;
  private Gradients grads;
  private Queue[] queues;
  private double[] lv = new double[0];
  private double[] li;
  private double[] now;
  private int[] last;
  private double[] spikeErrors = new double[64];

  /** u and i after each queue entry; filled only where a gradient needs them. */
  private double[][] entryU = new double[0][];

  private double[][] entryI = new double[0][];

  private void reserve(int spikes) {
    int n = layer.neurons;
    if (lv.length < n) {
      lv = new double[n];
      li = new double[n];
      now = new double[n];
      last = new int[n];
      entryU = new double[n][0];
      entryI = new double[n][0];
    }
    if (spikeErrors.length < spikes) {
      spikeErrors = new double[2 * spikes];
    }
    Arrays.fill(spikeErrors, 0, spikes, 0);
  }

  /** Queues hold the input arrivals; recurrent ones and own spikes are added here. */
  void backward(
      Layer layer,
      Events in,
      Events out,
      int sample,
      Gradients grads,
      double[] kick,
      Queue[] inputQueues) {
    this.layer = layer;
    this.in = in;
    this.out = out;
    this.sample = sample;
    this.grads = grads;
    queues = inputQueues;
    int n = layer.neurons;
    int base = out.begin(sample);
    int spikes = out.count(sample);
    reserve(spikes);
    begin(layer, in, out, sample, grads, queues);
    for (int k = 0; k < n; k++) {
      lv[k] = 0;
      li[k] = 0;
      now[k] = layer.duration;
      last[k] = queues[k].size - 1;
      if (grads.needsStates) {
        recordStates(k);
      }
    }
    for (int k = spikes - 1; k >= 0; k--) {
      if ((k & BETWEEN_CHECKS - 1) == 0) {
        InterruptedPassException.check();
      }
      int m = out.units[base + k];
      double time = out.times[base + k];
      if (layer.recurrent != null) {
        for (int s = layer.recurrent.begin(m); s < layer.recurrent.end(m); s++) {
          back(layer.recurrent.target(m, s), time);
        }
      }
      back(m, time);
      retreat(m, time);
      lv[m] =
          Jump.before(
              layer,
              m,
              out.slopes[base + k],
              out.errors[base + k] + spikeErrors[k],
              lv[m],
              kick,
              grads);
      last[m]--;
    }
    for (int m = 0; m < n; m++) {
      back(m, 0);
      if (layer.biased || grads.bias != null) {
        retreat(m, 0);
      }
    }
  }

  /**
   * A sample begins: its spikes and what they cause are queued, the rows that gradients go to are
   * named, and errors of input events are 0.
   */
  static void begin(
      Layer layer, Events in, Events out, int sample, Gradients grads, Queue[] queues) {
    addSpikes(layer, out, sample, grads, queues);
    int first = in.begin(sample);
    if (in.errors != null) {
      Arrays.fill(in.errors, first, first + in.count(sample), 0);
    }
    for (int e = 0; e < in.count(sample); e++) {
      grads.row(layer.input, in.units[first + e]);
    }
  }

  /** Queues the spikes of a sample and what they cause. */
  private static void addSpikes(
      Layer layer, Events out, int sample, Gradients grads, Queue[] queues) {
    int base = out.begin(sample);
    for (int k = 0; k < out.count(sample); k++) {
      int m = out.units[base + k];
      double time = out.times[base + k];
      queues[m].add(time, Queue.OWN_SPIKE, k);
      if (layer.recurrent == null) {
        continue;
      }
      grads.recurrentRow(layer.recurrent, m);
      for (int s = layer.recurrent.begin(m); s < layer.recurrent.end(m); s++) {
        double arrival = time + layer.recurrentDelay(m, s);
        if (arrival <= layer.duration) {
          queues[layer.recurrent.target(m, s)].add(arrival, Queue.recurrent(s), k);
        }
      }
    }
  }

  /** Passes the arrivals of neuron m at {@code time} and later; own spikes there are done. */
  private void back(int m, double time) {
    Queue queue = queues[m];
    while (last[m] >= 0
        && queue.synapses[last[m]] != Queue.OWN_SPIKE
        && queue.times[last[m]] >= time) {
      retreat(m, queue.times[last[m]]);
      int synapse = queue.synapses[last[m]];
      int cause = queue.causes[last[m]];
      double difference = lv[m] - li[m];
      if (synapse >= 0) {
        double error = layer.input.weights[synapse] * difference;
        if (grads.input != null) {
          grads.input.values[synapse] -= layer.tauSyn[m] * li[m];
        }
        if (grads.inputDelays != null) {
          int source = in.units[in.begin(sample) + cause];
          grads.inputDelays[layer.inputDelaysPerSource ? source : synapse] += error;
        }
        if (in.errors != null) {
          in.errors[in.begin(sample) + cause] += error;
        }
      } else {
        recurrentArrival(m, -2 - synapse, cause, difference);
      }
      last[m]--;
    }
  }

  private void recurrentArrival(int m, int synapse, int cause, double difference) {
    double error = layer.recurrent.weights[synapse] * difference;
    if (grads.recurrent != null) {
      grads.recurrent.values[synapse] -= layer.tauSyn[m] * li[m];
    }
    if (grads.recurrentDelays != null) {
      int source = out.units[out.begin(sample) + cause];
      grads.recurrentDelays[layer.recurrentDelaysPerSource ? source : synapse] += error;
    }
    spikeErrors[cause] += error;
  }

  /** Takes the adjoint of neuron m back to {@code time}; between entries nothing jumps. */
  private void retreat(int m, double time) {
    double d = now[m] - time;
    if (!(d > 0)) {
      return;
    }
    membrane.set(layer.tauMem[m], layer.tauSyn[m]);
    membrane.span(d);
    if (grads.needsStates) {
      integrate(m, d);
    }
    li[m] = membrane.beta * li[m] + membrane.adjointGamma() * lv[m];
    lv[m] = membrane.alpha * lv[m];
    now[m] = time;
  }

  /**
   * Adds the integrals over a span that begins with the state after queue entry {@code last[m]} and
   * ends with the adjoint as it is: tau_m: integral of lambdaV V', tau_s: of lambdaI I', bias: of
   * -lambdaV.
   */
  private void integrate(int m, double d) {
    double tm = layer.tauMem[m];
    double ts = layer.tauSyn[m];
    double u0 = last[m] < 0 ? layer.start[m] : entryU[m][last[m]];
    double i0 = last[m] < 0 ? 0 : entryI[m][last[m]];
    double x = d * (tm - ts) / (tm * ts);
    if (grads.tauMem != null) {
      double lvI = i0 * tm * membrane.gamma;
      double lvU = u0 * d * membrane.alpha + i0 * (d * d / tm) * membrane.alpha * secondOrder(x);
      grads.tauMem[m] += lv[m] / tm * (lvI - lvU);
    }
    if (grads.tauSyn != null) {
      double direct = li[m] * d * membrane.beta;
      double indirect = lv[m] * (d * d / ts) * membrane.beta * secondOrder(-x);
      grads.tauSyn[m] -= i0 / ts * (direct + indirect);
    }
    if (grads.bias != null) {
      grads.bias[m] -= lv[m] * tm * (1 - membrane.alpha);
    }
  }

  private static double secondOrder(double x) {
    return Real.of(Propagator.secondOrder(x));
  }

  private void recordStates(int m) {
    Queue queue = queues[m];
    if (entryU[m].length < queue.size) {
      entryU[m] = new double[2 * queue.size];
      entryI[m] = new double[2 * queue.size];
    }
    membrane.set(layer.tauMem[m], layer.tauSyn[m]);
    double u = layer.start[m];
    double i = 0;
    double t = 0;
    for (int k = 0; k < queue.size; k++) {
      if (queue.times[k] > t) {
        membrane.span(queue.times[k] - t);
        u = membrane.alpha * u + membrane.gamma * i;
        i = membrane.beta * i;
        t = queue.times[k];
      }
      int synapse = queue.synapses[k];
      if (synapse == Queue.OWN_SPIKE) {
        u = layer.reset[m];
      } else {
        i += synapse >= 0 ? layer.input.weights[synapse] : layer.recurrent.weights[-2 - synapse];
      }
      entryU[m][k] = u;
      entryI[m][k] = i;
    }
  }
}
