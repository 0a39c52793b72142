package io.tacet.reference.f64;

import io.tacet.eventprop.Spikes;

/** The events of a batch as Java arrays; sample b begins at b * capacity. */
final class Events {
  /** A count that says a state of the sample was not a number. */
  static final int NOT_FINITE = -1;

  /** A count that says the sample spiked without end. */
  static final int RUNAWAY = -2;

  /** A count that says an input event named a source that does not exist. */
  static final int BAD_UNIT = -4;

  static final int MOST_SPIKES = 1 << 24;

  final int batch;
  final int capacity;
  final int[] counts;
  final double[] times;
  final int[] units;
  final double[] slopes;
  final double[] errors;
  final int[] grazes;

  Events(Spikes spikes) {
    batch = spikes.batch();
    capacity = spikes.capacity();
    counts = (int[]) spikes.counts().storage().heap();
    times = Real.array(spikes.times());
    units = (int[]) spikes.units().storage().heap();
    slopes = spikes.slopes() == null ? null : Real.array(spikes.slopes());
    errors = spikes.errors() == null ? null : Real.array(spikes.errors());
    grazes = spikes.grazes() == null ? null : (int[]) spikes.grazes().storage().heap();
  }

  int begin(int sample) {
    return sample * capacity;
  }

  /** Whether every event of a sample names one of {@code sources} units. */
  boolean names(int sample, int sources) {
    int end = begin(sample) + count(sample);
    for (int e = begin(sample); e < end; e++) {
      if (units[e] < 0 || units[e] >= sources) {
        return false;
      }
    }
    return true;
  }

  /** Fails where an event of the batch names a source that does not exist. */
  void requireSources(int sources) {
    for (int b = 0; b < batch; b++) {
      if (!names(b, sources)) {
        throw new IllegalArgumentException(
            "input: expected units from 0 to "
                + (sources - 1)
                + ", the sources of the input synapses, got another one in sample "
                + b
                + ".");
      }
    }
  }

  /** Reports a sample that was not simulated. */
  void fail(int sample, int why) {
    counts[sample] = why;
    grazes[sample] = 0;
  }

  /** Number of stored events of a sample. */
  int count(int sample) {
    return Math.max(0, Math.min(counts[sample], capacity));
  }
}
