package io.tacet.reference.f64;

import io.tacet.eventprop.LayerGradients;
import io.tacet.reference.Workers;

/**
 * Backward pass of a feed-forward layer whose gradient is too large for copies. Neurons do not
 * influence one another, so a task owns a range of them and with it a range of each row of the
 * gradient, to which it adds in place. Samples follow one another, and ranges depend on the shape
 * alone: results do not depend on the number of threads.
 */
final class NeuronRanges {
  /** Layers with smaller gradients are split by samples, see {@link Parts}. */
  private static final long LEAST_ELEMENTS = 1L << 21;

  private static final int MOST_RANGES = 8;

  /** Shorter pieces of rows are fetched from memory one by one. */
  private static final int LEAST_NEURONS = 256;

  /** Errors of events that all ranges keep at a time, until they are summed. */
  private static final int MOST_ERRORS = 1 << 20;

  private final Workers workers;
  private final Sweep[] sweeps;
  private double[][] errors = new double[0][];

  NeuronRanges(Workers workers, Sweep[] sweeps) {
    this.workers = workers;
    this.sweeps = sweeps;
  }

  static boolean suit(LayerGradients wanted, int neurons) {
    return wanted.inputWeights() != null
        && wanted.inputWeights().length() >= LEAST_ELEMENTS
        && neurons >= 2 * LEAST_NEURONS;
  }

  /** Adds the gradients of all samples to {@code wanted} and writes the errors of the input. */
  void backward(Layer layer, Events in, Events out, LayerGradients wanted, double[] kick) {
    int ranges = Math.min(MOST_RANGES, layer.neurons / LEAST_NEURONS);
    Gradients grads = Gradients.inPlace(wanted, layer.input.sources, layer.neurons);
    boolean sums = in.errors != null || grads.inputDelays != null;
    int most = sums ? Math.max(1, MOST_ERRORS / ranges / in.capacity) : in.batch;
    for (int first = 0; first < in.batch; first += most) {
      int begin = first;
      int end = Math.min(in.batch, first + most);
      if (sums) {
        reserve(ranges, (end - begin) * in.capacity);
      }
      workers.run(
          ranges,
          (range, worker) -> {
            int low = from(range, ranges, layer.neurons);
            int high = from(range + 1, ranges, layer.neurons);
            for (int b = begin; b < end; b++) {
              int at = (b - begin) * in.capacity;
              sweeps[worker].backward(
                  layer, in, out, b, grads, kick, low, high, sums ? errors[range] : null, at);
            }
          });
      for (int b = begin; sums && b < end; b++) {
        addErrors(in, b, (b - begin) * in.capacity, ranges, grads);
      }
    }
    grads.addRestTo(wanted);
  }

  private void reserve(int ranges, int events) {
    if (errors.length < ranges || errors[0].length < events) {
      errors = new double[ranges][events];
    }
  }

  private static int from(int range, int ranges, int neurons) {
    return (int) ((long) range * neurons / ranges);
  }

  private void addErrors(Events in, int sample, int at, int ranges, Gradients grads) {
    int begin = in.begin(sample);
    for (int e = 0; e < in.count(sample); e++) {
      double error = 0;
      for (int range = 0; range < ranges; range++) {
        error += errors[range][at + e];
      }
      if (in.errors != null) {
        in.errors[begin + e] = error;
      }
      if (grads.inputDelays != null) {
        grads.inputDelays[in.units[begin + e]] += error;
      }
    }
  }
}
