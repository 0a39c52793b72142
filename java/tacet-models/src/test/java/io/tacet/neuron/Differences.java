package io.tacet.neuron;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import java.util.Arrays;

/** Compares the gradients of a net with finite differences of fourth order of its loss. */
final class Differences {
  private static final double STEP = 2e-5;

  private final Backend backend;
  private final HybridNet net;
  private final int spikes;
  private final int first;
  private final int stride;
  private double largest;
  private boolean comparable = true;

  private Differences(Backend backend, HybridNet net, int spikes, int first, int stride) {
    this.backend = backend;
    this.net = net;
    this.spikes = spikes;
    this.first = first;
    this.stride = stride;
  }

  /**
   * The largest error of any gradient, relative to the largest of its kind; NaN where a spike
   * appears or vanishes within the differences.
   *
   * @param first of the values of each kind that are changed
   * @param stride from one to the next
   */
  static double largestError(Backend backend, HybridNet net, int first, int stride) {
    HybridNet.Result r = net.run(backend);
    Differences all = new Differences(backend, net, r.times().length, first, stride);
    all.add("input weight", net.inputWeights, r.inputWeights());
    all.add("input delay", net.inputDelays, r.inputDelays());
    if (net.recurrentWeights != null) {
      all.add("recurrent weight", net.recurrentWeights, r.recurrentWeights());
      all.add("recurrent delay", net.recurrentDelays, r.recurrentDelays());
    }
    all.add("input time", net.inputTimes, r.inputErrors());
    for (int i = 0; i < net.parameters.length; i++) {
      String name = net.dynamics.parameters().get(i).name();
      all.add(name, net.parameters[i], r.parameters()[i]);
    }
    return all.comparable ? all.largest : Double.NaN;
  }

  /** Delays near 0 are left out, which differences would make negative. */
  private void add(String kind, double[] values, double[] gradient) {
    if (values == null || !comparable) {
      return;
    }
    double scale = Math.max(1e-3, Arrays.stream(gradient).map(Math::abs).max().orElse(0));
    boolean delay = kind.endsWith("delay");
    for (int k = first; k < values.length && comparable; k += stride) {
      if (delay && values[k] < 4 * STEP) {
        continue;
      }
      double measured = slope(values, k);
      double error = Math.abs(measured - gradient[k]) / scale;
      if (comparable) {
        largest = Math.max(largest, error);
        assertThat(error)
            .as(
                "%s, %s %d: gradient %s, measured %s, spikes %d",
                net.dynamics.name(), kind, k, gradient[k], measured, spikes)
            .isLessThan(1e-6);
      }
    }
  }

  private double slope(double[] values, int k) {
    double was = values[k];
    double h = STEP * Math.max(1, Math.abs(was));
    double[] at = new double[4];
    int[] steps = {-2, -1, 1, 2};
    for (int s = 0; s < at.length; s++) {
      values[k] = was + steps[s] * h;
      HybridNet.Result r = net.forward(backend);
      comparable &= r.times().length == spikes;
      at[s] = r.loss();
    }
    values[k] = was;
    return (8 * (at[2] - at[1]) - (at[3] - at[0])) / (12 * h);
  }
}
