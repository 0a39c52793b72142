package io.tacet.network;

import io.tacet.eventprop.Spikes;
import io.tacet.memory.HostCopies;

/**
 * How near spikes were to vanishing: gradients grow as the inverse of the slope with which the
 * condition of a spike is met, and do not exist where it is only touched.
 *
 * @param slope smallest slope of a condition at a spike, per ms, in units of its distance from 0 at
 *     the start, with the parameters that the layer was given (of a LIF neuron dV/dt = (I -
 *     threshold + bias)/tau_m over the threshold); infinity without spikes, or where it is not
 *     measured, as on a grid
 * @param grazes maxima of a condition that stayed below 0 by less than a thousandth of that
 *     distance, so that a spike nearly appeared
 * @param layer name of the layer with the smallest slope; empty where there is none
 * @param sample its sample, by number in the data set; -1 where there is none
 */
public record SpikeMargin(double slope, long grazes, String layer, int sample) {
  /** Nothing was measured. */
  public static final SpikeMargin NONE = new SpikeMargin(Double.POSITIVE_INFINITY, 0, "", -1);

  /** A slope below this makes gradients so large that a training may be upset by it. */
  public static final double NARROW = 1e-4;

  /**
   * Of the output of a layer.
   *
   * @param copies with counts, slopes and grazes of the spikes
   * @param unit what slopes are divided by, positive
   * @param name of the layer
   * @param numbers of the samples in the data set; null for their numbers in the batch
   */
  static SpikeMargin of(Spikes spikes, HostCopies copies, double unit, String name, int[] numbers) {
    int[] counts = copies.ints(spikes.counts());
    double smallest = Double.POSITIVE_INFINITY;
    int sample = -1;
    long grazes = 0;
    int[] missed = copies.ints(spikes.grazes());
    for (int b = 0; b < counts.length; b++) {
      grazes += missed[b];
      int from = b * spikes.capacity();
      int least = copies.least(spikes.slopes(), from, from + counts[b]);
      if (least >= 0 && copies.real(spikes.slopes(), least) < smallest) {
        smallest = copies.real(spikes.slopes(), least);
        sample = b;
      }
    }
    if (sample < 0) {
      return new SpikeMargin(smallest, grazes, "", -1);
    }
    return new SpikeMargin(
        smallest / unit, grazes, name, numbers == null ? sample : numbers[sample]);
  }

  /** Of both: the smaller slope and where it was, and all grazes. */
  public SpikeMargin and(SpikeMargin other) {
    SpikeMargin smaller = other.slope < slope ? other : this;
    return new SpikeMargin(smaller.slope, grazes + other.grazes, smaller.layer, smaller.sample);
  }

  /** Whether a spike nearly vanished. */
  public boolean isNarrow() {
    return slope < NARROW;
  }
}
