package io.tacet.neuron;

import java.util.Arrays;

/**
 * The adjoint of {@link SampleForward}. lambda = dL/dx of each neuron goes back along its segments;
 * a spike is passed once everything it caused has been passed, so that E = dL/dt of it is known.
 *
 * <p>At an event with the state x before, h after it, and the slope {@code s = g_x f(x)} of its
 * condition,
 *
 * <pre>mu = (E + lambda^T (h_x f(x) - f(h))) / s
 * lambda(-) = h_x^T lambda - mu g_x^T,   dL/dp += h_p^T lambda - mu g_p^T</pre>
 *
 * where a least slope takes the place of a smaller s of a spike, and at an arrival of weight w at
 * variable c {@code dL/dw = lambda_c} and {@code dL/dt = lambda^T (f(-) - f(+))}. A loss by the
 * mean of V drives lambda_V between events, with c = dL/d(integral of V), and adds c (V(-) - V(+))
 * to dL/dt of an event, since a later one leaves V where it was for longer.
 */
final class SampleBackward {
  /** Least slope by which is divided, in units of rounding, as for a grazing spike. */
  private static final double LEAST_SLOPE = 16 * 0x1p-52;

  private final LayerValues layer;
  private final RungeKutta flow;
  private final PartGradients grads;
  private final double leastSlope;
  private final double[][] lambda;
  private final int[] at;
  private final double[] fieldBefore;
  private final double[] fieldAfter;
  private final double[] before;
  private final double[] scratch;
  private SampleTape tape;
  private double[] spikeErrors = new double[64];
  private double[] inputErrors = new double[64];
  private int[] inputUnits = {};
  private int inputFrom;
  private double[] kick;

  /** dL/d(integral of V) of each neuron; null for 0. */
  private double[] drives;

  private int running = -1;

  /**
   * @param leastSlope of spikes, see {@link HybridLayer}
   */
  SampleBackward(LayerValues layer, RungeKutta flow, PartGradients grads, double leastSlope) {
    this.layer = layer;
    this.flow = flow;
    this.grads = grads;
    this.leastSlope = Math.max(leastSlope, LEAST_SLOPE);
    lambda = new double[layer.neurons][layer.variables];
    at = new int[layer.neurons];
    fieldBefore = new double[layer.variables];
    fieldAfter = new double[layer.variables];
    before = new double[layer.variables];
    scratch = new double[layer.neuron.parameters().size()];
  }

  /**
   * Adds the gradients of a sample.
   *
   * @param errors dL/dt of its spikes in ascending time, from {@code first} on
   * @param units of input events, from {@code from} on
   * @param push on the spikes of each neuron, or null
   * @param byIntegrals dL/d(integral of V) of each neuron; or null
   */
  void run(
      SampleTape sample,
      double[] errors,
      int first,
      int[] units,
      int from,
      int events,
      double[] push,
      double[] byIntegrals) {
    tape = sample;
    inputUnits = units;
    inputFrom = from;
    kick = push;
    drives = byIntegrals;
    int spikes = tape.count();
    if (spikeErrors.length < spikes) {
      spikeErrors = new double[2 * spikes];
    }
    if (inputErrors.length < events) {
      inputErrors = new double[2 * events];
    }
    Arrays.fill(inputErrors, 0, events, 0);
    for (int k = 0; k < spikes; k++) {
      spikeErrors[tape.ordered(k)] = errors[first + k];
    }
    for (int n = 0; n < layer.neurons; n++) {
      Arrays.fill(lambda[n], 0);
      at[n] = tape.traces[n].top();
    }
    for (int k = spikes - 1; k >= 0; k--) {
      spike(tape.ordered(k));
    }
    for (int n = 0; n < layer.neurons; n++) {
      back(n, Double.NEGATIVE_INFINITY);
      retreat(n);
      if (grads.parameters != null) {
        layer.neuron.startAdjoint(layer.parameters[n], lambda[n], grads.parameters[n]);
      }
    }
  }

  /** dL/dt of an input event of the last sample. */
  double inputError(int event) {
    return inputErrors[event];
  }

  private void spike(int spike) {
    int n = tape.unit(spike);
    double time = tape.time(spike);
    if (layer.recurrent != null) {
      for (int s = layer.recurrent.begin(n); s < layer.recurrent.end(n); s++) {
        back(layer.recurrent.target(s), time);
      }
    }
    back(n, time);
    retreat(n);
    event(n, spikeErrors[spike], leastSlope);
    if (kick != null) {
      lambda[n][0] -= layer.neuron.pushScale(layer.parameters[n]) * kick[n];
    }
    at[n]--;
  }

  /** Passes the arrivals and changes of mode of a neuron at {@code time} and later. */
  private void back(int n, double time) {
    Trace trace = tape.traces[n];
    while (isPassable(trace, at[n]) && trace.start(at[n]) >= time) {
      retreat(n);
      if (trace.cause(at[n]) == Trace.Cause.ARRIVAL) {
        arrival(n);
      } else {
        event(n, 0, LEAST_SLOPE);
      }
      at[n]--;
    }
  }

  private static boolean isPassable(Trace trace, int segment) {
    Trace.Cause cause = trace.cause(segment);
    return cause == Trace.Cause.ARRIVAL || cause == Trace.Cause.CHANGE;
  }

  private double drive(int n) {
    return drives == null ? 0 : drives[n];
  }

  /** To the beginning of the segment. */
  private void retreat(int n) {
    Trace trace = tape.traces[n];
    if (running != n) {
      flow.set(layer.parameters[n]);
      running = n;
    }
    int i = at[n];
    double[] dp = grads.parameters == null ? null : grads.parameters[n];
    flow.retreat(trace.mode(i), trace.first(i), trace.span(i), drive(n), lambda[n], dp);
  }

  private void arrival(int n) {
    Trace trace = tape.traces[n];
    int i = at[n];
    int arrival = trace.reason(i);
    int synapse = trace.synapse(arrival);
    int cause = trace.source(arrival);
    double weight = layer.weight(synapse);
    double[] own = lambda[n];
    double[] p = layer.parameters[n];
    layer.neuron.field(trace.mode(i), trace.last(i - 1), p, fieldBefore);
    layer.neuron.field(trace.mode(i), trace.first(i), p, fieldAfter);
    double error = drive(n) * (trace.last(i - 1)[0] - trace.first(i)[0]);
    for (int v = 0; v < own.length; v++) {
      error += own[v] * (fieldBefore[v] - fieldAfter[v]);
    }
    double byWeight = own[layer.neuron.receptor(weight)];
    if (synapse >= 0) {
      inputErrors[cause] += error;
      grads.addInput(synapse, byWeight);
      grads.addInputDelay(layer.input, inputUnits[inputFrom + cause], synapse, error);
    } else {
      int s = -1 - synapse;
      spikeErrors[cause] += error;
      grads.addRecurrent(s, byWeight);
      grads.addRecurrentDelay(layer.recurrent, tape.unit(cause), s, error);
    }
  }

  /**
   * The event that the segment begins with.
   *
   * @param least slope that is divided by
   */
  private void event(int n, double error, double least) {
    Trace trace = tape.traces[n];
    int i = at[n];
    double[] p = layer.parameters[n];
    double[] x = trace.last(i - 1);
    int mode = trace.mode(i - 1);
    double[] own = lambda[n];
    double[] dp = grads.parameters == null ? scratch : grads.parameters[n];
    layer.neuron.field(mode, x, p, fieldBefore);
    layer.neuron.field(trace.mode(i), trace.first(i), p, fieldAfter);
    double numerator = error + drive(n) * (x[0] - trace.first(i)[0]);
    for (int v = 0; v < own.length; v++) {
      numerator -= own[v] * fieldAfter[v];
    }
    Arrays.fill(before, 0);
    layer.neuron.transitionAdjoint(mode, x, p, own, before, dp);
    for (int v = 0; v < own.length; v++) {
      numerator += before[v] * fieldBefore[v];
    }
    Arrays.fill(own, 0);
    layer.neuron.conditionAdjoint(mode, x, p, 1, own, scratch);
    double rise = 0;
    for (int v = 0; v < own.length; v++) {
      rise += own[v] * fieldBefore[v];
    }
    double mu = numerator / Math.max(rise, least);
    System.arraycopy(before, 0, own, 0, own.length);
    layer.neuron.conditionAdjoint(mode, x, p, -mu, own, dp);
  }
}
