package io.tacet.neuron;

import io.tacet.InterruptedPassException;
import java.util.Arrays;

/**
 * Simulates one sample: each neuron runs ahead along its arrivals to its next spike; in a recurrent
 * layer the neuron whose next spike is the earliest goes first, and those that its spike reaches
 * before they have spiked go back to the arrival. Holds the scratch of one worker.
 */
final class SampleForward {
  private final LayerValues layer;
  private final RungeKutta flow;
  private final int most;
  private final double[] nextTime;
  private final double[] slope;
  private final double[] gradient;
  private final double[] ignored;
  private SampleTape tape;
  private int running = -1;

  /**
   * @param most spikes of a sample, beyond which the pass fails
   */
  SampleForward(LayerValues layer, RungeKutta flow, int most) {
    this.layer = layer;
    this.flow = flow;
    this.most = most;
    nextTime = new double[layer.neurons];
    slope = new double[layer.variables];
    gradient = new double[layer.variables];
    ignored = new double[layer.neuron.parameters().size()];
  }

  /**
   * Simulates.
   *
   * @param times of input events, ascending
   * @param units source of each
   * @param from index of the first
   * @param to index behind the last
   */
  void run(SampleTape into, double[] times, int[] units, int from, int to) {
    tape = into;
    tape.clear();
    flow.begin();
    for (int e = from; e < to; e++) {
      for (int s = layer.input.begin(units[e]); s < layer.input.end(units[e]); s++) {
        double time = times[e] + layer.input.delay(units[e], s);
        if (time <= layer.duration) {
          tape.traces[layer.input.target(s)].arrive(time, s, e - from);
        }
      }
    }
    for (int n = 0; n < layer.neurons; n++) {
      Trace trace = tape.traces[n];
      trace.begin(0, 0, Trace.Cause.START, 0, 0);
      layer.neuron.start(layer.parameters[n], trace.first(0));
      predict(n);
    }
    if (layer.recurrent == null) {
      for (int n = 0; n < layer.neurons; n++) {
        while (nextTime[n] <= layer.duration) {
          fire(n);
          predict(n);
        }
      }
    } else {
      runRecurrent();
    }
    tape.end(flow.grazes());
  }

  private void runRecurrent() {
    for (int n = earliest(); nextTime[n] <= layer.duration; n = earliest()) {
      double time = nextTime[n];
      int spike = fire(n);
      predict(n);
      send(n, time, spike);
    }
  }

  private int earliest() {
    int first = 0;
    for (int n = 1; n < layer.neurons; n++) {
      first = nextTime[n] < nextTime[first] ? n : first;
    }
    return first;
  }

  private void send(int source, double time, int spike) {
    for (int s = layer.recurrent.begin(source); s < layer.recurrent.end(source); s++) {
      double arrival = time + layer.recurrent.delay(source, s);
      if (arrival <= layer.duration) {
        int m = layer.recurrent.target(s);
        Trace trace = tape.traces[m];
        trace.arrive(arrival, -1 - s, spike);
        if (arrival <= nextTime[m]) {
          trace.dropAfter(arrival);
          predict(m);
        }
      }
    }
  }

  /** Runs from the beginning of the last segment to the next spike or the end. */
  private void predict(int n) {
    Trace trace = tape.traces[n];
    double[] p = layer.parameters[n];
    if (running != n) {
      flow.set(p);
      running = n;
    }
    while (true) {
      int i = trace.top();
      int head = trace.head(i);
      boolean arrives = head < trace.arrivals();
      double to = arrives ? trace.arrivalTime(head) : layer.duration;
      double[] x = trace.last(i);
      System.arraycopy(trace.first(i), 0, x, 0, x.length);
      double elapsed = flow.advance(trace.mode(i), x, to - trace.start(i));
      double end = flow.met() ? after(trace.start(i), elapsed, to) : to;
      trace.end(i, end);
      checkFinite(x, n);
      if (flow.met()) {
        if (layer.neuron.spikes(trace.mode(i))) {
          nextTime[n] = end;
          return;
        }
        enter(n, Trace.Cause.CHANGE, 0);
      } else if (arrives) {
        int next = trace.begin(to, trace.mode(i), Trace.Cause.ARRIVAL, head, head + 1);
        double[] begin = trace.first(next);
        System.arraycopy(x, 0, begin, 0, x.length);
        double weight = layer.weight(trace.synapse(head));
        begin[layer.neuron.receptor(weight)] += weight;
      } else {
        nextTime[n] = Double.POSITIVE_INFINITY;
        return;
      }
    }
  }

  /** An event is never at the very time of the arrival that led to it. */
  private static double after(double from, double elapsed, double to) {
    return Math.min(to, Math.max(from + elapsed, Math.nextUp(from)));
  }

  /** Begins the segment behind the event that the last one has ended with. */
  private void enter(int n, Trace.Cause cause, int reason) {
    Trace trace = tape.traces[n];
    double[] p = layer.parameters[n];
    int i = trace.top();
    int next = trace.begin(trace.end(i), 0, cause, reason, trace.head(i));
    double[] begin = trace.first(next);
    int mode = layer.neuron.transition(trace.mode(i), trace.last(i), p, begin);
    trace.mode(next, mode);
    double condition = layer.neuron.condition(mode, begin, p);
    if (!(condition < 0)) {
      throw new ArithmeticException(
          layer.neuron.name()
              + ": expected a transition after which the condition of the next mode is not met, got "
              + condition
              + " in neuron "
              + n
              + " at "
              + trace.start(next)
              + " ms. Check its reset and its threshold.");
    }
  }

  private int fire(int n) {
    Trace trace = tape.traces[n];
    int i = trace.top();
    double[] x = trace.last(i);
    double[] p = layer.parameters[n];
    layer.neuron.field(trace.mode(i), x, p, slope);
    Arrays.fill(gradient, 0);
    layer.neuron.conditionAdjoint(trace.mode(i), x, p, 1, gradient, ignored);
    double rise = 0;
    for (int v = 0; v < slope.length; v++) {
      rise += gradient[v] * slope[v];
    }
    int spike = tape.add(trace.end(i), n, rise);
    if (spike >= most) {
      throw new ArithmeticException(
          "More than "
              + most
              + " spikes in a sample, the last of neuron "
              + n
              + " at "
              + trace.end(i)
              + " ms; expected a network that settles. Check the size of the weights and the"
              + " parameters of the neurons.");
    }
    if ((spike & 1023) == 1023) {
      InterruptedPassException.check();
    }
    enter(n, Trace.Cause.SPIKE, spike);
    return spike;
  }

  private void checkFinite(double[] x, int n) {
    for (int v = 0; v < x.length; v++) {
      if (!Double.isFinite(x[v])) {
        throw new ArithmeticException(
            layer.neuron.name()
                + ": expected finite states, got "
                + layer.neuron.variables().get(v)
                + " = "
                + x[v]
                + " in neuron "
                + n
                + ". Check the weights, the parameters and the learning rate.");
      }
    }
  }
}
