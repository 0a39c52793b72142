package io.tacet.reference.f64;

import io.tacet.eventprop.Spikes;

/** The events of a batch as Java arrays; sample b begins at b * capacity. */
final class Events {
  /** A count that says a state of the sample was not a number. */
  static final int NOT_FINITE = -1;

  /** A count that says the sample spiked without end. */
  static final int RUNAWAY = -2;

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

  /** Number of stored events of a sample. */
  int count(int sample) {
    return Math.max(0, Math.min(counts[sample], capacity));
  }
}
