package io.tacet.reference.f64;

import java.util.Arrays;

/**
 * Exact simulation and adjoint of any layer: recurrent, with a delay per synapse, with time
 * constants per neuron. Each neuron walks along a queue of its own; in a recurrent layer the neuron
 * whose next spike is the earliest of all goes first and its spike enters the queues of its
 * targets. Holds the scratch of one worker.
 */
final class Walk {
  private final Membrane membrane = new Membrane();
  private final Tape tape = new Tape();
  private final WalkAdjoint adjoint = new WalkAdjoint();
  private Queue[] queues = new Queue[0];

  /** State of each neuron at {@code now}, with the next queue entry at {@code head}. */
  private double[] u;

  private double[] i;
  private double[] now;
  private int[] head;

  /** Predicted next spike: its time (infinite for none), the current then, and the queue entry. */
  private double[] nextTime;

  private double[] nextCurrent;
  private int[] nextHead;

  private void reserve(int n) {
    if (queues.length < n) {
      int had = queues.length;
      queues = Arrays.copyOf(queues, n);
      for (int k = had; k < n; k++) {
        queues[k] = new Queue();
      }
      u = new double[n];
      i = new double[n];
      now = new double[n];
      head = new int[n];
      nextTime = new double[n];
      nextCurrent = new double[n];
      nextHead = new int[n];
    }
  }

  /** Simulates one sample and writes its spikes. */
  void forward(Layer layer, Events in, int sample, Events out) {
    int n = layer.neurons;
    reserve(n);
    tape.begin(out.capacity, out.mostSpikes);
    fillInputs(queues, layer, in, sample);
    for (int k = 0; k < n; k++) {
      u[k] = layer.start[k];
      i[k] = 0;
      now[k] = 0;
      head[k] = 0;
      predict(layer, k);
    }
    if (layer.recurrent == null) {
      for (int k = 0; k < n; k++) {
        while (nextTime[k] <= layer.duration && tape.settles()) {
          fire(layer, k);
          predict(layer, k);
        }
      }
    } else {
      int first = earliest(n);
      while (nextTime[first] <= layer.duration && tape.settles()) {
        int spike = tape.count();
        double time = nextTime[first];
        fire(layer, first);
        predict(layer, first);
        send(layer, first, time, spike);
        first = earliest(n);
      }
    }
    tape.write(out, sample, finite(n));
  }

  /** Adjoint of one sample; see {@link Sweep#backward}. */
  void backward(Layer layer, Events in, Events out, int sample, Gradients grads, double[] kick) {
    reserve(layer.neurons);
    fillInputs(queues, layer, in, sample);
    adjoint.backward(layer, in, out, sample, grads, kick, queues);
  }

  private boolean finite(int n) {
    for (int k = 0; k < n; k++) {
      if (!Double.isFinite(u[k] + i[k] + nextCurrent[k])) {
        return false;
      }
    }
    return true;
  }

  /** Queues the input arrivals of a sample. */
  static void fillInputs(Queue[] queues, Layer layer, Events in, int sample) {
    for (int k = 0; k < layer.neurons; k++) {
      queues[k].clear();
    }
    int begin = in.begin(sample);
    for (int e = 0; e < in.count(sample); e++) {
      int source = in.units[begin + e];
      for (int s = layer.input.begin(source); s < layer.input.end(source); s++) {
        double time = in.times[begin + e] + layer.inputDelay(source, s);
        if (time <= layer.duration) {
          queues[layer.input.target(source, s)].add(time, s, e);
        }
      }
    }
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
  private void predict(Layer layer, int k) {
    Queue queue = queues[k];
    membrane.set(layer.tauMem[k], layer.tauSyn[k]);
    double theta = layer.theta[k];
    double uk = u[k];
    double ik = i[k];
    double t = now[k];
    int next = head[k];
    while (true) {
      double to = next < queue.size ? queue.times[next] : layer.duration;
      double d = to - t;
      if (d > 0) {
        membrane.span(d);
        double uEnd = membrane.alpha * uk + membrane.gamma * ik;
        double iEnd = membrane.beta * ik;
        if (ik > layer.gate[k]) {
          double at = membrane.crossing(uk, ik, theta, d, uEnd, iEnd, tape.graze);
          if (at >= 0) {
            nextTime[k] = Tape.after(t, at, to);
            nextCurrent[k] = ik * Real.exp(-at / layer.tauSyn[k]);
            nextHead[k] = next;
            return;
          }
        }
        uk = uEnd;
        ik = iEnd;
        t = to;
      }
      if (next == queue.size) {
        nextTime[k] = Double.POSITIVE_INFINITY;
        nextCurrent[k] = ik;
        return;
      }
      ik += weight(layer, queue.synapses[next]);
      next++;
    }
  }

  private static double weight(Layer layer, int synapse) {
    return synapse >= 0 ? layer.input.weights[synapse] : layer.recurrent.weights[-2 - synapse];
  }

  private void fire(Layer layer, int k) {
    tape.add(nextTime[k], k, nextCurrent[k] - layer.theta[k]);
    u[k] = layer.reset[k];
    i[k] = nextCurrent[k];
    now[k] = nextTime[k];
    head[k] = nextHead[k];
  }

  private void send(Layer layer, int source, double time, int spike) {
    Rows rows = layer.recurrent;
    for (int s = rows.begin(source); s < rows.end(source); s++) {
      double arrival = time + layer.recurrentDelay(source, s);
      if (arrival <= layer.duration) {
        int m = rows.target(source, s);
        queues[m].add(arrival, Queue.recurrent(s), spike);
        if (arrival <= nextTime[m]) {
          advance(layer, m, time);
          predict(layer, m);
        }
      }
    }
  }

  /** Moves a neuron through the arrivals before {@code time}, which no later event can change. */
  private void advance(Layer layer, int m, double time) {
    Queue queue = queues[m];
    membrane.set(layer.tauMem[m], layer.tauSyn[m]);
    while (head[m] < queue.size && queue.times[head[m]] < time) {
      double to = queue.times[head[m]];
      if (to > now[m]) {
        membrane.span(to - now[m]);
        u[m] = membrane.alpha * u[m] + membrane.gamma * i[m];
        i[m] = membrane.beta * i[m];
        now[m] = to;
      }
      i[m] += weight(layer, queue.synapses[head[m]]);
      head[m]++;
    }
  }
}
