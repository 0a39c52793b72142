package io.tacet.reference.f64;

import java.util.Arrays;

/** {@link Walk} of neurons of a variant. Holds the scratch of one worker. */
final class VariantWalk {
  private final VariantNeuron neuron = new VariantNeuron();
  private final VariantCrossing crossing = new VariantCrossing(neuron);
  private final Tape tape = new Tape();
  private final VariantAdjoint adjoint = new VariantAdjoint();
  private Queue[] queues = new Queue[0];

  /** State of each neuron at {@code now}, with the next queue entry at {@code head}. */
  private double[][] states;

  private double[] now;
  private int[] head;

  /** End of the refractory period. */
  private double[] freeFrom;

  /** Predicted next spike: its time (infinite for none), the state before it, the queue entry. */
  private double[] nextTime;

  private double[][] nextStates;
  private int[] nextHead;

  private void reserve(int n) {
    if (queues.length < n) {
      int had = queues.length;
      queues = Arrays.copyOf(queues, n);
      for (int k = had; k < n; k++) {
        queues[k] = new Queue();
      }
      states = new double[n][VariantNeuron.VARIABLES];
      now = new double[n];
      head = new int[n];
      freeFrom = new double[n];
      nextTime = new double[n];
      nextStates = new double[n][VariantNeuron.VARIABLES];
      nextHead = new int[n];
    }
  }

  /** Simulates one sample and writes its spikes. */
  void forward(VariantLayer layer, Events in, int sample, Events out) {
    int n = layer.base.neurons;
    reserve(n);
    tape.begin(out.capacity, out.mostSpikes);
    Walk.fillInputs(queues, layer.base, in, sample);
    for (int k = 0; k < n; k++) {
      Arrays.fill(states[k], 0);
      now[k] = 0;
      head[k] = 0;
      freeFrom[k] = 0;
      predict(layer, k);
    }
    if (layer.base.recurrent == null) {
      for (int k = 0; k < n; k++) {
        while (nextTime[k] <= layer.base.duration && tape.settles()) {
          fire(layer, k);
          predict(layer, k);
        }
      }
    } else {
      together(layer);
    }
    tape.write(out, sample, finite(n));
  }

  private void together(VariantLayer layer) {
    int first = earliest(layer.base.neurons);
    while (nextTime[first] <= layer.base.duration && tape.settles()) {
      int spike = tape.count();
      double time = nextTime[first];
      fire(layer, first);
      predict(layer, first);
      send(layer, first, time, spike);
      first = earliest(layer.base.neurons);
    }
  }

  /** Adjoint of one sample. */
  void backward(
      VariantLayer layer, Events in, Events out, int sample, Gradients grads, double[] kick) {
    reserve(layer.base.neurons);
    Walk.fillInputs(queues, layer.base, in, sample);
    adjoint.backward(layer, in, out, sample, grads, kick, queues);
  }

  private boolean finite(int n) {
    for (int k = 0; k < n; k++) {
      double sum = 0;
      for (int v = 0; v < VariantNeuron.VARIABLES; v++) {
        sum += states[k][v] + nextStates[k][v];
      }
      if (!Double.isFinite(sum)) {
        return false;
      }
    }
    return true;
  }

  private int earliest(int n) {
    int first = 0;
    for (int k = 1; k < n; k++) {
      if (nextTime[k] < nextTime[first]) {
        first = k;
      }
    }
    return first;
  }

  /** Finds the next spike of neuron k from its state and its queue as they are. */
  private void predict(VariantLayer layer, int k) {
    Queue queue = queues[k];
    neuron.set(layer, k);
    double[] x = nextStates[k];
    System.arraycopy(states[k], 0, x, 0, x.length);
    double t = now[k];
    int next = head[k];
    while (true) {
      double to = next < queue.size ? queue.times[next] : layer.base.duration;
      if (to > t) {
        double offset = advance(x, t, to, freeFrom[k]);
        if (offset >= 0) {
          nextTime[k] = Tape.after(t, offset, to);
          nextHead[k] = next;
          return;
        }
        t = to;
      }
      if (next == queue.size) {
        nextTime[k] = Double.POSITIVE_INFINITY;
        return;
      }
      receive(layer, x, queue.synapses[next]);
      next++;
    }
  }

  /** Moves a state from one time to another or to a crossing between; its offset, or -1. */
  private double advance(double[] x, double from, double to, double free) {
    double held = Math.min(to, free) - from;
    double d = to - from;
    if (held > 0) {
      neuron.rest(x, held);
      if (free > to) {
        return -1;
      }
      d -= held;
    } else {
      held = 0;
    }
    double at = d > 0 ? crossing.first(x, d, tape.graze) : -1;
    neuron.move(x, at >= 0 ? at : d);
    return at >= 0 ? held + at : -1;
  }

  private static void receive(VariantLayer layer, double[] x, int synapse) {
    double weight = layer.weight(synapse);
    x[layer.receptor(weight)] += weight;
  }

  private void fire(VariantLayer layer, int k) {
    neuron.set(layer, k);
    double[] x = states[k];
    System.arraycopy(nextStates[k], 0, x, 0, x.length);
    double v = neuron.theta + x[VariantNeuron.A];
    double slope = neuron.rise(x, v) + neuron.rates[VariantNeuron.A] * x[VariantNeuron.A];
    tape.add(nextTime[k], k, slope);
    x[VariantNeuron.V] = layer.reset == null ? x[VariantNeuron.A] : layer.reset[k];
    if (layer.thresholdJump != null) {
      x[VariantNeuron.A] += layer.thresholdJump[k];
    }
    if (layer.adaptationJump != null) {
      x[VariantNeuron.W] += layer.adaptationJump[k];
    }
    now[k] = nextTime[k];
    head[k] = nextHead[k];
    freeFrom[k] = layer.freeFrom(k, nextTime[k]);
  }

  private void send(VariantLayer layer, int source, double time, int spike) {
    Rows rows = layer.base.recurrent;
    for (int s = rows.begin(source); s < rows.end(source); s++) {
      double arrival = time + layer.base.recurrentDelay(source, s);
      if (arrival <= layer.base.duration) {
        int m = rows.target(source, s);
        queues[m].add(arrival, Queue.recurrent(s), spike);
        if (arrival <= nextTime[m]) {
          passArrivals(layer, m, time);
          predict(layer, m);
        }
      }
    }
  }

  /** Moves a neuron through the arrivals before {@code time}, which no later event can change. */
  private void passArrivals(VariantLayer layer, int m, double time) {
    Queue queue = queues[m];
    neuron.set(layer, m);
    double[] x = states[m];
    while (head[m] < queue.size && queue.times[head[m]] < time) {
      double to = queue.times[head[m]];
      if (to > now[m]) {
        double held = Math.max(0, Math.min(to, freeFrom[m]) - now[m]);
        neuron.rest(x, held);
        if (to > freeFrom[m]) {
          neuron.move(x, to - now[m] - held);
        }
        now[m] = to;
      }
      receive(layer, x, queue.synapses[head[m]]);
      head[m]++;
    }
  }
}
