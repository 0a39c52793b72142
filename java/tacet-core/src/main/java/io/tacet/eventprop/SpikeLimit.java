package io.tacet.eventprop;

/**
 * Maximum number of spikes of a layer per sample, beyond which a pass is aborted as runaway
 * activity: self-sustaining excitation, or a reset just below the threshold. Without a limit such a
 * pass would exhaust the memory and practically never end.
 *
 * <p>If both parts are 0, the limit is the smaller of what fits in half of the backend's memory and
 * of 2 spikes per neuron and ms, or 256 per neuron and 65536 in total if that is more.
 *
 * @param perSample maximum spikes per sample, up to 2^24; 0 for as many as fit in half of the
 *     memory
 * @param perNeuronAndMs maximum spikes per neuron and ms, averaged over the neurons and the
 *     simulation; 0 for the default above, or for none if {@code perSample} is given
 */
public record SpikeLimit(int perSample, double perNeuronAndMs) {
  /** Upper bound of spike counts; larger counts are not distinguished. */
  static final int MOST = 1 << 24;

  private static final double DEFAULT_RATE = 2;
  private static final int LEAST_PER_NEURON = 256;
  private static final int LEAST_PER_SAMPLE = 1 << 16;
  private static final int LEAST_BY_MEMORY = 1024;

  public SpikeLimit {
    if (perSample < 0 || perSample > MOST) {
      throw new IllegalArgumentException(
          "perSample: expected 1 to "
              + MOST
              + " spikes, or 0 for the default, got "
              + perSample
              + ".");
    }
    if (!(perNeuronAndMs >= 0)) {
      throw new IllegalArgumentException(
          "perNeuronAndMs: expected a positive rate, or 0 for the default, got "
              + perNeuronAndMs
              + ".");
    }
  }

  /**
   * The limit by the available memory, or as the properties {@code tacet.spikes.sample} and {@code
   * tacet.spikes.rate} (per neuron and ms) specify.
   */
  public static SpikeLimit standard() {
    return new SpikeLimit(
        (int) property("tacet.spikes.sample", MOST),
        property("tacet.spikes.rate", Double.POSITIVE_INFINITY));
  }

  private static double property(String name, double most) {
    String text = System.getProperty(name);
    if (text == null) {
      return 0;
    }
    try {
      double value = Double.parseDouble(text);
      if (value > 0 && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Reported below, like a number out of range.
    }
    throw new IllegalArgumentException(
        "-D" + name + ": expected a number above 0 and up to " + most + ", got \"" + text + "\".");
  }

  /** At most that many spikes per sample. */
  public static SpikeLimit perSample(int spikes) {
    return new SpikeLimit(spikes, 0);
  }

  /** At most that many spikes per neuron and ms, averaged over the layer and the simulation. */
  public static SpikeLimit rate(double perNeuronAndMs) {
    return new SpikeLimit(0, perNeuronAndMs);
  }

  /** The limit for the samples of a batch. */
  int of(LifLayer layer, Simulator simulator, Spikes output) {
    double most = perSample > 0 ? perSample : byMemory(layer, simulator, output);
    if (perNeuronAndMs > 0) {
      most = Math.min(most, Math.max(1, perNeuronAndMs * layer.neurons() * layer.duration()));
    } else if (perSample == 0) {
      double perNeuron = Math.max(LEAST_PER_NEURON, DEFAULT_RATE * layer.duration());
      most = Math.min(most, Math.max(LEAST_PER_SAMPLE, perNeuron * layer.neurons()));
    }
    return (int) Math.min(MOST, most);
  }

  /**
   * What fits: the output and, for each sample in progress, another copy of its spikes and, where
   * they are queued, the arrivals that they cause, in lists that double as they grow.
   */
  private static double byMemory(LifLayer layer, Simulator simulator, Spikes output) {
    int number = output.type().bytes();
    double spike = 3.0 * number + Integer.BYTES;
    double arrival = number + 2.0 * Integer.BYTES;
    boolean queued = simulator.queuesArrivals() && layer.recurrent() != null;
    double fanOut = queued ? (double) layer.recurrent().count() / layer.neurons() : 0;
    int underWay = Math.min(output.batch(), Runtime.getRuntime().availableProcessors());
    double bytes = output.batch() * spike + underWay * 2 * (spike + fanOut * arrival);
    long memory = output.counts().backend().memory();
    return Math.max(LEAST_BY_MEMORY, memory / (2 * bytes));
  }
}
