package io.tacet.eventprop;

import java.util.Locale;

/** Finds the neuron with runaway spiking, and its rate. */
final class Runaway {
  private static final int SPIKES = 4096;
  private static final int SPIKES_PER_NEURON = 16;
  private static final int LEAST_SPIKES = 256;

  /** For a batch, so that the message does not need the memory that the limit saves. */
  private static final int MOST_SPIKES = 1 << 22;

  private Runaway() {}

  /**
   * Repeats the pass up to a few spikes per neuron, to see which neurons spike.
   *
   * @param output of the pass that was aborted
   * @param sample that had more spikes than the limit
   */
  static ArithmeticException describe(
      Simulator simulator, LifLayer layer, Spikes input, Spikes output, int sample) {
    int limit = layer.mostSpikes(simulator, output);
    int few = SPIKES + SPIKES_PER_NEURON * layer.neurons();
    int room = Math.min(limit, Math.max(LEAST_SPIKES, Math.min(few, MOST_SPIKES / output.batch())));
    try (Spikes seen =
        Spikes.outputs(output.counts().backend(), output.type(), output.batch(), room)) {
      simulator.forward(layer.limit(SpikeLimit.perSample(room)), input, seen);
      return new ArithmeticException(
          "Sample "
              + sample
              + ": more than "
              + limit
              + " spikes in "
              + layer.neurons()
              + (layer.neurons() == 1 ? " neuron" : " neurons")
              + " and "
              + layer.duration()
              + " ms; expected a network that settles. "
              + busiest(seen, sample, layer.neurons())
              + "Check the size of the weights, the time constants, the threshold and the reset"
              + " value. Where so many spikes are meant, raise the limit: LifLayer.limit or"
              + " -Dtacet.spikes.sample.");
    }
  }

  /** The neuron with the most spikes among those stored. */
  private static String busiest(Spikes seen, int sample, int neurons) {
    int count = seen.counts().toInts()[sample];
    int kept = count == PassFailure.RUNAWAY ? seen.capacity() : Math.min(count, seen.capacity());
    int[] units = seen.units().toInts();
    double[] times = seen.times().toDoubles();
    int first = sample * seen.capacity();
    int[] spikes = new int[neurons];
    int most = 0;
    for (int k = 0; k < kept; k++) {
      int unit = units[first + k];
      spikes[unit]++;
      most = spikes[unit] > spikes[most] ? unit : most;
    }
    if (spikes[most] < 2) {
      return "";
    }
    double from = Double.POSITIVE_INFINITY;
    double to = 0;
    for (int k = 0; k < kept; k++) {
      if (units[first + k] == most) {
        from = Math.min(from, times[first + k]);
        to = Math.max(to, times[first + k]);
      }
    }
    return String.format(
        Locale.ROOT,
        "Neuron %d alone spikes %d times between %s and %s ms, %.3g per ms. ",
        most,
        spikes[most],
        from,
        to,
        (spikes[most] - 1) / (to - from));
  }
}
