package io.tacet.eventprop;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.Delays;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.Synapses;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One small layer of a test, written as plain Java arrays, and a pass through it on any backend and
 * in any precision: the loss is a weighted sum of spike times.
 */
final class Net {
  final int inputs;
  final int neurons;
  double duration = 100;
  Simulator simulator = Simulator.exact();

  /** Whose adjoint is run on the spikes of the simulator; null for its own. */
  Simulator adjoint;

  double[] tauMem = {20};
  double[] tauSyn = {5};
  double[] threshold = {1};
  double[] reset = {0};
  double[] bias = {0};

  /** [inputs * neurons], row-major by source. */
  double[] inputWeights;

  double[] inputDelays;

  /** [neurons * neurons] by source; NaN where there is no synapse. Null for feed-forward. */
  double[] recurrentWeights;

  /** Like recurrentWeights, or null. */
  double[] recurrentDelays;

  double[][] inputTimes = {{}};
  int[][] inputUnits = {{}};

  Net(int inputs, int neurons) {
    this.inputs = inputs;
    this.neurons = neurons;
    this.inputWeights = new double[inputs * neurons];
  }

  /** What a forward and a backward pass give, of sample 0 for spikes and errors. */
  record Result(
      double loss,
      double[] times,
      int[] units,
      double[] slopes,
      double[] inputErrors,
      double[] inputWeights,
      double[] inputDelays,
      double[] recurrentWeights,
      double[] recurrentDelays,
      double[] tauMem,
      double[] tauSyn,
      double[] threshold,
      double[] reset,
      double[] bias,
      int grazes) {}

  /** dL/dt of spike k of neuron n, the k-th in time over all neurons. */
  interface TimeLoss {
    double error(int k, int neuron);
  }

  Result run(Backend backend, DType type, boolean states, TimeLoss loss) {
    try (Resources open = new Resources()) {
      int batch = inputTimes.length;
      Synapses in =
          open.own(
              new DenseSynapses(
                  inputs, neurons, array(backend, type, inputWeights), delays(backend, type)));
      Synapses rec = recurrentWeights == null ? null : open.own(recurrent(backend, type));
      LifParameters lif =
          open.own(
              new LifParameters(
                  array(backend, type, tauMem),
                  array(backend, type, tauSyn),
                  array(backend, type, threshold),
                  array(backend, type, reset),
                  array(backend, type, bias)));
      LifLayer layer = new LifLayer(in, rec, lif, duration);
      int most = Math.max(1, Arrays.stream(inputTimes).mapToInt(t -> t.length).max().orElse(1));
      Spikes input =
          open.own(Spikes.inputsWithErrors(backend, type, batch, most).set(inputTimes, inputUnits));
      Spikes small = Spikes.outputs(backend, type, batch, 4);
      Spikes output;
      try {
        output = open.own(simulator.forwardGrowing(layer, input, small));
      } catch (RuntimeException e) {
        small.close();
        throw e;
      }
      int[] counts = output.counts().toInts();
      int capacity = output.capacity();
      int[] units = output.units().toInts();
      double[] times = output.times().toDoubles();
      double[] errors = new double[batch * capacity];
      double value = 0;
      for (int b = 0; b < batch; b++) {
        for (int k = 0; k < counts[b]; k++) {
          errors[b * capacity + k] = loss.error(k, units[b * capacity + k]);
          value += errors[b * capacity + k] * times[b * capacity + k];
        }
      }
      output.errors().copyFrom(errors);
      LayerGradients grads =
          open.own(
              new LayerGradients(
                  like(in.weights()),
                  in.delays() == null ? null : like(in.delays().values()),
                  rec == null ? null : like(rec.weights()),
                  rec == null || rec.delays() == null ? null : like(rec.delays().values()),
                  states ? like(lif.tauMem()) : null,
                  states ? like(lif.tauSyn()) : null,
                  like(lif.threshold()),
                  like(lif.reset()),
                  states ? like(lif.bias()) : null));
      (adjoint == null ? simulator : adjoint).backward(layer, input, output, grads, null);
      return new Result(
          value,
          Arrays.copyOf(times, counts[0]),
          Arrays.copyOf(units, counts[0]),
          Arrays.copyOf(output.slopes().toDoubles(), counts[0]),
          Arrays.copyOf(input.errors().toDoubles(), inputTimes[0].length),
          values(grads.inputWeights()),
          values(grads.inputDelays()),
          values(grads.recurrentWeights()),
          values(grads.recurrentDelays()),
          values(grads.tauMem()),
          values(grads.tauSyn()),
          values(grads.threshold()),
          values(grads.reset()),
          values(grads.bias()),
          Arrays.stream(output.grazes().toInts()).sum());
    }
  }

  private static DeviceArray array(Backend backend, DType type, double[] values) {
    return backend.allocate(type, values.length).copyFrom(values);
  }

  private static DeviceArray like(DeviceArray a) {
    return a.backend().allocate(a.type(), a.shape());
  }

  private static double[] values(DeviceArray a) {
    return a == null ? null : a.toDoubles();
  }

  private Delays delays(Backend backend, DType type) {
    if (inputDelays == null) {
      return null;
    }
    return new Delays(
        inputDelays.length == inputs && inputs != inputs * neurons
            ? Delays.Kind.PER_SOURCE
            : Delays.Kind.PER_SYNAPSE,
        array(backend, type, inputDelays));
  }

  private Synapses recurrent(Backend backend, DType type) {
    int[] offsets = new int[neurons + 1];
    List<Integer> kept = new ArrayList<>();
    for (int s = 0; s < neurons * neurons; s++) {
      if (!Double.isNaN(recurrentWeights[s])) {
        kept.add(s);
      }
      offsets[s / neurons + 1] = kept.size();
    }
    int[] indices = kept.stream().mapToInt(s -> s % neurons).toArray();
    double[] w = kept.stream().mapToDouble(s -> recurrentWeights[s]).toArray();
    double[] d =
        recurrentDelays == null
            ? null
            : kept.stream().mapToDouble(s -> recurrentDelays[s]).toArray();
    return new CsrSynapses(
        neurons,
        neurons,
        backend.of(offsets),
        backend.of(indices),
        array(backend, type, w),
        d == null ? null : new Delays(Delays.Kind.PER_SYNAPSE, array(backend, type, d)));
  }
}
