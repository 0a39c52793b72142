package io.tacet.neuron;

import io.tacet.Backend;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.Delays;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.Synapses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/** One small layer of hybrid neurons as plain arrays, and a pass: a weighted sum of spike times. */
final class HybridNet {
  final HybridNeuron dynamics;
  final int inputs;
  final int neurons;
  double tolerance;
  double duration = 80;

  /** By which the adjoint divides at least; 0 for the exact gradient. */
  double leastSlope;

  /** Whether the loss has the mean potentials of the neurons, too. */
  boolean potentials;

  /** [inputs * neurons], row-major by source, like their delays. */
  double[] inputWeights;

  double[] inputDelays;

  /** [neurons * neurons]; null for none. */
  double[] recurrentWeights;

  double[] recurrentDelays;

  /** [parameters][neurons]. */
  double[][] parameters;

  double[] inputTimes;
  int[] inputUnits;

  HybridNet(HybridNeuron dynamics, double tolerance, int inputs, int neurons) {
    this.dynamics = dynamics;
    this.tolerance = tolerance;
    this.inputs = inputs;
    this.neurons = neurons;
  }

  /** What a pass gives. */
  record Result(
      double loss,
      double[] times,
      int[] units,
      double smallestSlope,
      int grazes,
      double[] inputErrors,
      double[] inputWeights,
      double[] inputDelays,
      double[] recurrentWeights,
      double[] recurrentDelays,
      double[][] parameters) {}

  static double weight(int neuron) {
    return 0.4 + 0.3 * Math.sin(1 + 2 * neuron);
  }

  /**
   * A recurrent layer whose parameters differ from neuron to neuron.
   *
   * @param scale of the weights
   */
  static HybridNet random(Neuron neuron, double tolerance, double scale, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    HybridNet net = new HybridNet(neuron.dynamics(), tolerance, 3, 4);
    int n = net.neurons;
    net.inputWeights = random.doubles(3L * n, 0.5 * scale, 3.5 * scale).toArray();
    net.inputDelays = delays(3 * n, random);
    net.recurrentWeights = random.doubles((long) n * n, -0.8 * scale, 0.4 * scale).toArray();
    net.recurrentDelays = delays(n * n, random);
    net.inputTimes = random.doubles(9, 0.5, 50).sorted().toArray();
    net.inputUnits = random.ints(9, 0, 3).toArray();
    double[] usual = neuron.parameters();
    net.parameters = new double[usual.length][];
    for (int i = 0; i < usual.length; i++) {
      double value = usual[i];
      double spread = 0.08 * (value == 0 ? 0.5 : Math.abs(value));
      net.parameters[i] = random.doubles(n, value - spread, value + spread).toArray();
    }
    return net;
  }

  private static double[] delays(int count, SplittableRandom random) {
    double[] delays = random.doubles(count, 0.2, 6).toArray();
    for (int s = 0; s < count; s += 4) {
      delays[s] = 0;
    }
    return delays;
  }

  /** With weights of the loss by which no two spikes can be told apart but by their neuron. */
  Result run(Backend backend) {
    return run(backend, HybridNet::weight);
  }

  /**
   * A pass.
   *
   * @param weights of the spikes of each neuron in the loss
   */
  Result run(Backend backend, IntToDoubleFunction weights) {
    return run(backend, weights, true);
  }

  /** The same without gradients, which are 0. */
  Result forward(Backend backend) {
    return run(backend, HybridNet::weight, false);
  }

  private Result run(Backend backend, IntToDoubleFunction weights, boolean backward) {
    try (Resources open = new Resources()) {
      Synapses in = open.own(synapses(backend, inputs, inputWeights, inputDelays));
      Synapses rec =
          recurrentWeights == null
              ? null
              : open.own(synapses(backend, neurons, recurrentWeights, recurrentDelays));
      List<DeviceArray> arrays = new ArrayList<>();
      List<DeviceArray> wanted = new ArrayList<>();
      for (double[] values : parameters) {
        arrays.add(open.own(array(backend, values)));
        wanted.add(open.own(backend.allocate(DType.FLOAT64, values.length)));
      }
      HybridLayer layer =
          new HybridLayer(in, rec, dynamics, arrays, duration, tolerance, leastSlope);
      HybridGradients grads =
          new HybridGradients(
              open.own(like(in.weights())),
              in.delays() == null ? null : open.own(like(in.delays().values())),
              rec == null ? null : open.own(like(rec.weights())),
              rec == null || rec.delays() == null ? null : open.own(like(rec.delays().values())),
              wanted);
      Spikes input =
          open.own(Spikes.inputsWithErrors(backend, DType.FLOAT64, 1, inputTimes.length));
      input.set(new double[][] {inputTimes}, new int[][] {inputUnits});
      HybridPass pass = new HybridPass(layer);
      Spikes output = open.own(pass.forward(input, Spikes.outputs(backend, DType.FLOAT64, 1, 2)));
      int count = output.counts().toInts()[0];
      double[] times = Arrays.copyOf(output.times().toDoubles(), count);
      int[] units = Arrays.copyOf(output.units().toInts(), count);
      double[] errors = new double[output.capacity()];
      double loss = 0;
      for (int k = 0; k < count; k++) {
        errors[k] = weights.applyAsDouble(units[k]);
        loss += errors[k] * times[k];
      }
      output.errors().copyFrom(errors);
      DeviceArray meanErrors = null;
      if (potentials) {
        DeviceArray means = open.own(backend.allocate(DType.FLOAT64, 1, neurons));
        pass.meanPotentials(input, output, means);
        double[] byMean = IntStream.range(0, neurons).mapToDouble(n -> 3 * weight(n + 5)).toArray();
        meanErrors = open.own(array(backend, byMean));
        double[] values = means.toDoubles();
        loss += IntStream.range(0, neurons).mapToDouble(n -> byMean[n] * values[n]).sum();
      }
      if (backward) {
        pass.backward(input, output, grads, null, meanErrors);
      }
      return new Result(
          loss,
          times,
          units,
          output.smallestSlope(),
          output.grazes().toInts()[0],
          input.errors().toDoubles(),
          grads.inputWeights().toDoubles(),
          values(grads.inputDelays()),
          values(grads.recurrentWeights()),
          values(grads.recurrentDelays()),
          wanted.stream().map(DeviceArray::toDoubles).toArray(double[][]::new));
    }
  }

  private static double[] values(DeviceArray array) {
    return array == null ? null : array.toDoubles();
  }

  private Synapses synapses(Backend backend, int sources, double[] weights, double[] ms) {
    Delays delays = ms == null ? null : new Delays(Delays.Kind.PER_SYNAPSE, array(backend, ms));
    return new DenseSynapses(sources, neurons, array(backend, weights), delays);
  }

  private static DeviceArray array(Backend backend, double[] values) {
    return backend.allocate(DType.FLOAT64, values.length).copyFrom(values);
  }

  private static DeviceArray like(DeviceArray array) {
    return array.backend().allocate(array.type(), array.shape());
  }
}
