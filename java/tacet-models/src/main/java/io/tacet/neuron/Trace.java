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

  private static final int LEAST = 8;

  /** Of an array beside its elements. */
  private static final int ARRAY_BYTES = 16;

  private static final int OBJECT_BYTES = 96;

  /** A time, a synapse and a source. */
  private static final int BYTES_OF_ARRIVAL = 8 + 4 + 4;

  /** Two times, references of two states and a cause, a mode, a reason and a head. */
  private static final int BYTES_OF_SEGMENT = 2 * 8 + 3 * 4 + 3 * 4;

  private static final int ARRAYS = 11;

  private final int variables;

  private double[] arrivalTimes = new double[LEAST];

  /** s for input synapse s, -1-s for recurrent synapse s. */
  private int[] synapses = new int[LEAST];

  /** Index of the input event, or of the spike that caused the arrival. */
  private int[] sources = new int[LEAST];

  private int arrivals;

  private double[] starts = new double[LEAST];
  private double[] ends = new double[LEAST];
  private double[][] first = new double[LEAST][];
  private double[][] last = new double[LEAST][];
  private int[] modes = new int[LEAST];
  private Cause[] causes = new Cause[LEAST];

  /** The arrival or spike that a segment begins with. */
  private int[] reasons = new int[LEAST];

  /** The arrival that comes next in a segment. */
  private int[] heads = new int[LEAST];

  private int segments;

  Trace(int variables) {
    this.variables = variables;
  }

  /** Bytes on the heap once a neuron has had so many arrivals and segments. */
  static long bytes(int variables, long arrivals, long segments) {
    long states = 2 * segments * (ARRAY_BYTES + 8L * variables);
    return OBJECT_BYTES
        + ARRAYS * ARRAY_BYTES
        + BYTES_OF_ARRIVAL * room(LEAST, arrivals)
        + BYTES_OF_SEGMENT * room(LEAST, segments)
        + states;
  }

  /** The length of an array that doubles where it is full. */
  static long room(int least, long count) {
    return count <= least ? least : Long.highestOneBit(count - 1) << 1;
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
