package io.tacet.neuron;

import io.tacet.Backend;
import io.tacet.InterruptedPassException;
import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.MeanPotentials;
import io.tacet.eventprop.Simulator;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.sparse.Synapses;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Passes of batches through a layer of hybrid neurons: the simulation, event-driven in continuous
 * time unless it is on a grid, and its adjoint. Results do not depend on the number of threads. Not
 * thread-safe.
 *
 * <p>Layers with a tolerance of 0 are {@link io.tacet.eventprop.ExactEventProp} or, on a grid,
 * {@link io.tacet.eventprop.GridEventProp} of a {@link io.tacet.eventprop.LifVariant}, on any
 * backend and in its precision. Others are integrated numerically on the java backend, in double
 * precision whatever that of the arrays; the states at the events of the last forward pass are
 * kept, from which the backward pass starts.
 */
public final class HybridPass {
  private static final int MOST_PARTS = 16;
  private static final int LEAST_PER_SAMPLE = 1 << 16;
  private static final int LEAST_PER_NEURON = 256;
  private static final double RATE = 2;

  private final HybridLayer layer;
  private final Simulator simulator;

  /** The layer where it has a closed form, else null. */
  private final LifLayer closed;

  private SampleTape[] tapes = {};

  /** The values as of the last forward pass. */
  private LayerValues values;

  /** Passes of the exact simulator through a layer, whose parameters are read anew by each. */
  public HybridPass(HybridLayer layer) {
    this(layer, Simulator.exact());
  }

  /**
   * Passes of a simulator.
   *
   * @param simulator the exact one, or a grid for layers with a tolerance of 0
   * @throws IllegalArgumentException if the layer has no closed form and the simulator is a grid
   */
  public HybridPass(HybridLayer layer, Simulator simulator) {
    checkSimulator(layer.neuron(), layer.tolerance(), simulator);
    this.layer = layer;
    this.simulator = simulator;
    closed = layer.tolerance() == 0 ? ClosedForm.layer(layer) : null;
  }

  /**
   * Checks that a neuron can be simulated so.
   *
   * @throws IllegalArgumentException if the simulator is a grid, and it has no closed form
   */
  public static void checkSimulator(HybridNeuron neuron, double tolerance, Simulator simulator) {
    if (tolerance != 0 && simulator.dt() > 0) {
      throw new IllegalArgumentException(
          "simulator: expected the exact one for "
              + neuron.name()
              + " with a tolerance of "
              + tolerance
              + ", which is solved in continuous time, got a grid with steps of "
              + simulator.dt()
              + " ms. Use Simulator.exact(); on a grid there are neurons with a closed form:"
              + " .lif(...), and integrate-and-fire with its features and a tolerance of 0 in"
              + " .neuron(...).");
    }
  }

  /** The work of one part of a batch. */
  private interface Part {
    void run(int part, int from, int to);
  }

  /**
   * Simulates a batch.
   *
   * @param input events with units below {@code layer.input().sources()}
   * @param output made by {@link Spikes#outputs}, same batch; closed and replaced when it is too
   *     small. Its slopes are dg/dt at the spikes
   * @return the output that holds all spikes: {@code output} or its replacement
   * @throws IllegalArgumentException if parameters, delays or input events are invalid, naming them
   * @throws ArithmeticException if a state is not finite, a sample has more than 65536 spikes and
   *     more than 256 or 2 per ms of a neuron, or a transition leaves a condition met
   */
  public Spikes forward(Spikes input, Spikes output) {
    if (closed != null) {
      return simulator.forwardGrowing(closed, input, output);
    }
    InterruptedPassException.check();
    checkOutput(input, output);
    input.check(layer.input().sources());
    values = new LayerValues(layer);
    int batch = input.batch();
    reserve(batch);
    int[] counts = input.counts().toInts();
    double[] times = input.times().toDoubles();
    int[] units = input.units().toInts();
    int capacity = input.capacity();
    double perNeuron = Math.max(LEAST_PER_NEURON, RATE * layer.duration());
    int most = (int) Math.min(1 << 24, Math.max(LEAST_PER_SAMPLE, perNeuron * layer.neurons()));
    inParts(
        batch,
        (part, from, to) -> {
          RungeKutta flow = new RungeKutta(layer.neuron(), layer.tolerance());
          SampleForward forward = new SampleForward(values, flow, most);
          for (int b = from; b < to; b++) {
            int begin = b * capacity;
            sample(forward, b, times, units, begin, begin + counts[b]);
          }
        });
    Spikes large = roomy(output);
    write(large);
    return large;
  }

  private void sample(SampleForward forward, int b, double[] times, int[] units, int from, int to) {
    try {
      forward.run(tapes[b], times, units, from, to);
    } catch (ArithmeticException e) {
      ArithmeticException located = new ArithmeticException("Sample " + b + ": " + e.getMessage());
      located.initCause(e);
      throw located;
    }
  }

  private void reserve(int batch) {
    if (tapes.length != batch) {
      tapes =
          IntStream.range(0, batch)
              .mapToObj(b -> new SampleTape(values.neurons, values.variables))
              .toArray(SampleTape[]::new);
    }
  }

  private Spikes roomy(Spikes output) {
    int needed = 1;
    for (SampleTape tape : tapes) {
      needed = Math.max(needed, tape.count());
    }
    if (needed <= output.capacity()) {
      return output;
    }
    Backend backend = output.counts().backend();
    Spikes larger = Spikes.outputs(backend, output.type(), output.batch(), needed + needed / 4);
    output.close();
    return larger;
  }

  private void write(Spikes output) {
    int capacity = output.capacity();
    int batch = output.batch();
    int[] counts = new int[batch];
    int[] grazes = new int[batch];
    double[] times = new double[batch * capacity];
    int[] units = new int[batch * capacity];
    double[] slopes = new double[batch * capacity];
    for (int b = 0; b < batch; b++) {
      SampleTape tape = tapes[b];
      counts[b] = tape.count();
      grazes[b] = tape.grazes();
      for (int k = 0; k < tape.count(); k++) {
        int spike = tape.ordered(k);
        times[b * capacity + k] = tape.time(spike);
        units[b * capacity + k] = tape.unit(spike);
        slopes[b * capacity + k] = tape.slope(spike);
      }
    }
    output.counts().copyFrom(counts);
    output.grazes().copyFrom(grazes);
    output.times().copyFrom(times);
    output.units().copyFrom(units);
    output.slopes().copyFrom(slopes);
    output.errors().zero();
  }

  /**
   * The mean membrane potential of each neuron in the last {@link #forward}; of neurons without a
   * closed form that of their first variable. See {@link io.tacet.eventprop.MeanPotentials}.
   *
   * @param output as the forward pass returned it
   * @param means written, [batch][neurons]
   * @throws IllegalStateException before a forward pass of this batch, where the tolerance is not 0
   */
  public void meanPotentials(Spikes input, Spikes output, DeviceArray means) {
    InterruptedPassException.check();
    if (closed != null) {
      MeanPotentials.forward(simulator, closed, input, output, means);
      return;
    }
    checkOutput(input, output);
    Expect.like("means", means, output.times(), (long) input.batch() * layer.neurons());
    requireForward("meanPotentials", input);
    double[] all = new double[input.batch() * values.neurons];
    inParts(
        input.batch(),
        (part, from, to) -> {
          RungeKutta flow = new RungeKutta(layer.neuron(), layer.tolerance());
          for (int b = from; b < to; b++) {
            for (int n = 0; n < values.neurons; n++) {
              all[b * values.neurons + n] = integral(flow, b, n) / values.duration;
            }
          }
        });
    means.copyFrom(all);
  }

  private double integral(RungeKutta flow, int b, int n) {
    Trace trace = tapes[b].traces[n];
    flow.set(values.parameters[n]);
    double sum = 0;
    for (int i = 0; i <= trace.top(); i++) {
      sum += flow.integral(trace.mode(i), trace.first(i), trace.span(i));
    }
    return sum;
  }

  private void requireForward(String operation, Spikes input) {
    if (values == null || tapes.length != input.batch()) {
      throw new IllegalStateException(
          operation + ": expected a forward pass of the same batch first.");
    }
  }

  /**
   * As {@link #backward(Spikes, Spikes, HybridGradients, DeviceArray, DeviceArray)} without means.
   */
  public void backward(Spikes input, Spikes output, HybridGradients gradients, DeviceArray kick) {
    backward(input, output, gradients, kick, null);
  }

  /**
   * The adjoint of the last {@link #forward}: adds dL/dparameter to {@code gradients} and, unless
   * null, writes dL/dt of the input events to {@code input.errors()}.
   *
   * @param output as the forward pass returned it, with {@code errors()} = dL/dt of each spike
   * @param gradients accumulated into; null members are not computed
   * @param kick a push on every spike of a neuron, [neurons], or null: the heuristic of a rate
   *     regulariser, not a gradient, as in {@link io.tacet.eventprop.ExactEventProp#backward}
   * @param meanErrors dL/dmean of {@link #meanPotentials}, [batch][neurons]; null where the loss
   *     does not depend on them
   * @throws IllegalStateException before a forward pass of this batch, where the tolerance is not 0
   */
  public void backward(
      Spikes input,
      Spikes output,
      HybridGradients gradients,
      DeviceArray kick,
      DeviceArray meanErrors) {
    InterruptedPassException.check();
    gradients.check(layer);
    if (closed != null) {
      LayerGradients wanted = ClosedForm.gradients(layer, gradients);
      simulator.backward(closed, input, output, wanted, kick, meanErrors);
      return;
    }
    checkOutput(input, output);
    Expect.likeOrNull("kick", kick, output.times(), layer.neurons());
    long means = (long) input.batch() * layer.neurons();
    Expect.likeOrNull("meanErrors", meanErrors, output.times(), means);
    requireForward("backward", input);
    int[] counts = input.counts().toInts();
    int[] units = input.units().toInts();
    int capacity = input.capacity();
    double[] byMeans = meanErrors == null ? null : meanErrors.toDoubles();
    double[] errors = output.errors().toDoubles();
    double[] push = kick == null ? null : kick.toDoubles();
    double[] inputErrors = new double[input.batch() * capacity];
    PartGradients[] parts = new PartGradients[parts(input.batch())];
    inParts(
        input.batch(),
        (part, from, to) -> {
          parts[part] = new PartGradients(gradients, layer.neurons());
          RungeKutta flow = new RungeKutta(layer.neuron(), layer.tolerance());
          SampleBackward backward =
              new SampleBackward(values, flow, parts[part], layer.leastSlope());
          for (int b = from; b < to; b++) {
            int begin = b * capacity;
            int own = b * output.capacity();
            double[] drives = drives(byMeans, b);
            backward.run(tapes[b], errors, own, units, begin, counts[b], push, drives);
            for (int e = 0; e < counts[b]; e++) {
              inputErrors[begin + e] = backward.inputError(e);
            }
          }
        });
    PartGradients.addAll(parts, gradients);
    if (input.errors() != null) {
      input.errors().copyFrom(inputErrors);
    }
  }

  /** dL/d(integral of V) of a sample; null for null. */
  private double[] drives(double[] byMeans, int b) {
    return byMeans == null
        ? null
        : Arrays.stream(byMeans, b * values.neurons, (b + 1) * values.neurons)
            .map(byMean -> byMean / values.duration)
            .toArray();
  }

  /**
   * Bytes that passes will keep on the Java heap, beside their arrays, where the layer is solved
   * numerically: its values, and of each sample the states at its events, spread evenly over the
   * neurons. 0 in closed form.
   *
   * @param batch number of samples
   * @param events of the input in a sample
   * @param spikes of the layer in a sample
   */
  public long heapBytes(int batch, int events, int spikes) {
    if (closed != null) {
      return 0;
    }
    int neurons = layer.neurons();
    long arrivals = arrivals(layer.input(), events) + arrivals(layer.recurrent(), spikes);
    // A segment more for each change of mode behind a spike.
    long segments = neurons + arrivals + (long) spikes * layer.neuron().modes();
    int variables = layer.neuron().variables().size();
    return valueBytes(layer.input())
        + valueBytes(layer.recurrent())
        + 8L * neurons * layer.parameters().size()
        + batch * SampleTape.bytes(neurons, variables, arrivals, segments, spikes);
  }

  /** Arrivals of so many events of sources that all are as likely. */
  private static long arrivals(Synapses synapses, int events) {
    return synapses == null
        ? 0
        : (long) Math.ceil((double) events * synapses.count() / synapses.sources());
  }

  /** Of weights, targets and delays as Java arrays. */
  private static long valueBytes(Synapses synapses) {
    if (synapses == null) {
      return 0;
    }
    long delays = synapses.delays() == null ? 0 : synapses.delays().values().length();
    return (8 + 4) * synapses.count() + 8 * delays;
  }

  private static int parts(int batch) {
    return Math.min(batch, MOST_PARTS);
  }

  /** Runs all parts and rethrows the first failure, by the number of the part. */
  private void inParts(int batch, Part work) {
    int parts = parts(batch);
    RuntimeException[] failures = new RuntimeException[parts];
    layer
        .input()
        .backend()
        .forEach(
            parts,
            part -> {
              try {
                work.run(part, begin(part, parts, batch), begin(part + 1, parts, batch));
              } catch (RuntimeException e) {
                failures[part] = e;
              }
            });
    for (RuntimeException failure : failures) {
      if (failure != null) {
        throw failure;
      }
    }
  }

  private static int begin(int part, int parts, int batch) {
    return (int) ((long) part * batch / parts);
  }

  private void checkOutput(Spikes input, Spikes output) {
    if (input.batch() != output.batch() || output.slopes() == null) {
      throw new IllegalArgumentException(
          "output: expected Spikes.outputs(...) of a batch of "
              + input.batch()
              + ", got a batch of "
              + output.batch()
              + (output.slopes() == null ? " made as inputs." : "."));
    }
    DeviceArray like = layer.input().weights();
    Expect.like("input", input.times(), like, input.times().length());
    Expect.like("output", output.times(), like, output.times().length());
  }
}
