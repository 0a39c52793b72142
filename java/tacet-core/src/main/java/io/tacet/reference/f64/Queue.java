package io.tacet.reference.f64;

import java.util.Arrays;

/**
 * What happens to one neuron, in ascending time: arrivals over input or recurrent synapses and, in
 * the backward pass, its own spikes. At equal times an own spike comes before arrivals, since what
 * an arrival causes is always later ({@link Tape#after}), and arrivals keep the order they were put
 * in.
 */
final class Queue {
  /** Marks an own spike instead of a synapse. */
  static final int OWN_SPIKE = -1;

  double[] times = new double[8];

  /** s for input synapse s, -2-s for recurrent synapse s, or {@link #OWN_SPIKE}. */
  int[] synapses = new int[8];

  /** Index of the input event, or of the spike that caused the arrival or that this is. */
  int[] causes = new int[8];

  int size;

  static int recurrent(int synapse) {
    return -2 - synapse;
  }

  void clear() {
    size = 0;
  }

  void add(double time, int synapse, int cause) {
    if (size == times.length) {
      times = Arrays.copyOf(times, 2 * size);
      synapses = Arrays.copyOf(synapses, 2 * size);
      causes = Arrays.copyOf(causes, 2 * size);
    }
    int at = size++;
    while (at > 0
        && (times[at - 1] > time
            || (synapse == OWN_SPIKE && times[at - 1] == time && synapses[at - 1] != OWN_SPIKE))) {
      times[at] = times[at - 1];
      synapses[at] = synapses[at - 1];
      causes[at] = causes[at - 1];
      at--;
    }
    times[at] = time;
    synapses[at] = synapse;
    causes[at] = cause;
  }
}
