package io.tacet.neuron;

import java.util.Arrays;

/**
 * What happens to one neuron in one sample: its arrivals in ascending time, and its segments, the
 * spans without events, with the state at both ends. A segment begins with the start of the sample,
 * an arrival, a change of mode or a spike.
 */
final class Trace {
  /** How a segment begins. */
  enum Cause {
    START,
    ARRIVAL,
    CHANGE,
    SPIKE
  }

  private final int variables;

  private double[] arrivalTimes = new double[8];

  /** s for input synapse s, -1-s for recurrent synapse s. */
  private int[] synapses = new int[8];

  /** Index of the input event, or of the spike that caused the arrival. */
  private int[] sources = new int[8];

  private int arrivals;

  private double[] starts = new double[8];
  private double[] ends = new double[8];
  private double[][] first = new double[8][];
  private double[][] last = new double[8][];
  private int[] modes = new int[8];
  private Cause[] causes = new Cause[8];

  /** The arrival or spike that a segment begins with. */
  private int[] reasons = new int[8];

  /** The arrival that comes next in a segment. */
  private int[] heads = new int[8];

  private int segments;

  Trace(int variables) {
    this.variables = variables;
  }

  void clear() {
    arrivals = 0;
    segments = 0;
  }

  int arrivals() {
    return arrivals;
  }

  double arrivalTime(int a) {
    return arrivalTimes[a];
  }

  int synapse(int a) {
    return synapses[a];
  }

  int source(int a) {
    return sources[a];
  }

  /** Adds an arrival behind those of the same time. */
  void arrive(double time, int synapse, int source) {
    if (arrivals == arrivalTimes.length) {
      arrivalTimes = Arrays.copyOf(arrivalTimes, 2 * arrivals);
      synapses = Arrays.copyOf(synapses, 2 * arrivals);
      sources = Arrays.copyOf(sources, 2 * arrivals);
    }
    int at = arrivals++;
    while (at > 0 && arrivalTimes[at - 1] > time) {
      arrivalTimes[at] = arrivalTimes[at - 1];
      synapses[at] = synapses[at - 1];
      sources[at] = sources[at - 1];
      at--;
    }
    arrivalTimes[at] = time;
    synapses[at] = synapse;
    sources[at] = source;
  }

  /** The last segment. */
  int top() {
    return segments - 1;
  }

  /** Begins a segment; its state is to be written to {@link #first}. */
  int begin(double time, int mode, Cause cause, int reason, int head) {
    if (segments == starts.length) {
      grow();
    }
    int i = segments++;
    if (first[i] == null) {
      first[i] = new double[variables];
      last[i] = new double[variables];
    }
    starts[i] = time;
    modes[i] = mode;
    causes[i] = cause;
    reasons[i] = reason;
    heads[i] = head;
    return i;
  }

  private void grow() {
    int size = 2 * segments;
    starts = Arrays.copyOf(starts, size);
    ends = Arrays.copyOf(ends, size);
    first = Arrays.copyOf(first, size);
    last = Arrays.copyOf(last, size);
    modes = Arrays.copyOf(modes, size);
    causes = Arrays.copyOf(causes, size);
    reasons = Arrays.copyOf(reasons, size);
    heads = Arrays.copyOf(heads, size);
  }

  /** Drops the segments that begin after a time. */
  void dropAfter(double time) {
    while (segments > 1 && starts[segments - 1] > time) {
      segments--;
    }
  }

  void end(int segment, double time) {
    ends[segment] = time;
  }

  double start(int segment) {
    return starts[segment];
  }

  double end(int segment) {
    return ends[segment];
  }

  double span(int segment) {
    return ends[segment] - starts[segment];
  }

  int mode(int segment) {
    return modes[segment];
  }

  void mode(int segment, int mode) {
    modes[segment] = mode;
  }

  Cause cause(int segment) {
    return causes[segment];
  }

  int reason(int segment) {
    return reasons[segment];
  }

  int head(int segment) {
    return heads[segment];
  }

  /** State at the beginning of a segment, not a copy. */
  double[] first(int segment) {
    return first[segment];
  }

  /** State at its end, just before the event there, not a copy. */
  double[] last(int segment) {
    return last[segment];
  }
}
