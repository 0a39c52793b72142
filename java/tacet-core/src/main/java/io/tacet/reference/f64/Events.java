package io.tacet.reference.f64;

import io.tacet.eventprop.Spikes;

/** The events of a batch as Java arrays; sample b begins at b * capacity. */
final class Events {
  /** A count that says a state of the sample was not a number. */
  static final int NOT_FINITE = -1;

  /** A count that says the sample spiked without end. */
  static final int RUNAWAY = -2;

  /** A count that says an input event named a source that does not exist. */
  private static final int BAD_UNIT = -4;

  /** A count that says an input event was at a time that no event can have, or out of order. */
  private static final int BAD_TIME = -6;

  /** A count that says the input's own count was negative or beyond its capacity. */
  private static final int BAD_COUNT = -7;

  final int batch;
  final int capacity;
  final int[] counts;
  final double[] times;
  final int[] units;
  final double[] slopes;
  final double[] errors;
  final int[] grazes;

  /** More spikes of a sample than that are without end. */
  int mostSpikes = Integer.MAX_VALUE - 1;

  private final Spikes spikes;

  Events(Spikes spikes) {
    this.spikes = spikes;
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

  /** The count that says what is wrong with a sample as input of a layer; 0 if nothing is. */
  int fault(int sample, int sources) {
    if (counts[sample] < 0 || counts[sample] > capacity) {
      return BAD_COUNT;
    }
    int end = begin(sample) + count(sample);
    double before = 0;
    for (int e = begin(sample); e < end; e++) {
      if (units[e] < 0 || units[e] >= sources) {
        return BAD_UNIT;
      }
      if (!(times[e] >= before && times[e] < Double.POSITIVE_INFINITY)) {
        return BAD_TIME;
      }
      before = times[e];
    }
    return 0;
  }

  /** Fails if a sample is not valid input of a layer. */
  void require(int sources) {
    for (int b = 0; b < batch; b++) {
      if (fault(b, sources) != 0) {
        spikes.check(sources);
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
