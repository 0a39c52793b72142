package io.tacet.eventprop;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.Delays;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.FixedFanOutSynapses;
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

  /** Of spikes in a sample; null for the default. */
  SpikeLimit limit;

  Simulator simulator = Simulator.exact();

  /** Whose adjoint is run on the spikes of the simulator; null for its own. */
  Simulator adjoint;

  double[] tauMem = {20};
  double[] tauSyn = {5};
  double[] threshold = {1};

  /** Null for a soft reset. */
  double[] reset = {0};

  double[] bias = {0};

  /** In the order of a variant's parameters, null for those that it lacks; or null for LIF. */
  double[][] variant;

  boolean leaky = true;

  boolean alphaSynapses;

  /** By which the adjoint divides at least; 0 for the exact gradient. */
  double leastSlope;

  /** How synapses are stored. */
  enum Layout {
    DENSE,
    /** Compressed rows with 32-bit indices, of the synapses whose weight is not NaN. */
    CSR,
    /** The same with 16-bit indices. */
    NARROW,
    /** Rows of one length; as many synapses of each source have to be there. */
    FAN_OUT
  }

  Layout inputLayout = Layout.DENSE;
  Layout recurrentLayout = Layout.CSR;

  /** [inputs * neurons], row-major by source; in compressed rows NaN where there is no synapse. */
  double[] inputWeights;

  /** [inputs], a delay per source, or like inputWeights; or null. */
  double[] inputDelays;

  /** [neurons * neurons] by source; NaN where there is no synapse. Null for feed-forward. */
  double[] recurrentWeights;

  /** [neurons], a delay per source, or like recurrentWeights; or null. */
  double[] recurrentDelays;

  /** [neurons], or null. */
  double[] kick;

  /** Weights of mean potentials in the loss, [batch * neurons]; null for none. */
  double[] meanErrors;

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
      int grazes) {

    /** Of synapses and of parameters of the neurons; null for those that a layer lacks. */
    double[][] gradients() {
      return new double[][] {
        inputWeights,
        inputDelays,
        recurrentWeights,
        recurrentDelays,
        tauMem,
        tauSyn,
        threshold,
        reset,
        bias
      };
    }
  }

  /** dL/dt of spike k of neuron n, the k-th in time over all neurons. */
  interface TimeLoss {
    double error(int k, int neuron);
  }

  Result run(Backend backend, DType type, boolean states, TimeLoss loss) {
    try (Resources open = new Resources()) {
      int batch = inputTimes.length;
      LifLayer layer = layer(backend, type, open);
      Synapses in = layer.input();
      Synapses rec = layer.recurrent();
      LifParameters lif = layer.lif();
      int most = Math.max(1, Arrays.stream(inputTimes).mapToInt(t -> t.length).max().orElse(1));
      Spikes input = open.own(Spikes.inputsWithErrors(backend, type, batch, most));
      input.set(inputTimes, inputUnits);
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
      DeviceArray kicks = kick == null ? null : open.own(array(backend, type, kick));
      DeviceArray byMeans = null;
      if (meanErrors != null) {
        DeviceArray means = open.own(array(backend, type, new double[batch * neurons]));
        simulator.meanPotentials(layer, input, output, means);
        byMeans = open.own(array(backend, type, meanErrors));
        double[] each = means.toDoubles();
        for (int k = 0; k < each.length; k++) {
          value += meanErrors[k] * each[k];
        }
      }
      Simulator back = adjoint == null ? simulator : adjoint;
      back.backward(layer, input, output, grads, kicks, byMeans);
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

  /** The layer alone; its arrays belong to {@code open}. */
  LifLayer layer(Backend backend, DType type, Resources open) {
    Synapses in = open.own(synapses(backend, type, inputLayout, inputs, inputWeights, inputDelays));
    Synapses rec =
        recurrentWeights == null
            ? null
            : open.own(
                synapses(
                    backend, type, recurrentLayout, neurons, recurrentWeights, recurrentDelays));
    LifParameters lif =
        open.own(
            new LifParameters(
                array(backend, type, tauMem),
                array(backend, type, tauSyn),
                array(backend, type, threshold),
                reset == null ? null : array(backend, type, reset),
                array(backend, type, bias)));
    LifVariant beyond = variant == null ? null : open.own(variant(backend, type));
    LifLayer layer = new LifLayer(in, rec, lif, beyond, duration).leastSlope(leastSlope);
    return limit == null ? layer : layer.limit(limit);
  }

  private LifVariant variant(Backend backend, DType type) {
    DeviceArray[] p =
        Arrays.stream(variant)
            .map(values -> values == null ? null : array(backend, type, values))
            .toArray(DeviceArray[]::new);
    return new LifVariant(leaky, alphaSynapses, p[0], p[1], p[2], p[3], p[4], p[5]);
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

  private Synapses synapses(
      Backend backend,
      DType type,
      Layout layout,
      int sources,
      double[] weights,
      double[] milliseconds) {
    if (layout == Layout.DENSE) {
      return new DenseSynapses(
          sources,
          neurons,
          array(backend, type, weights),
          delays(backend, type, sources, weights.length, milliseconds, null));
    }
    int[] offsets = new int[sources + 1];
    List<Integer> kept = new ArrayList<>();
    for (int s = 0; s < weights.length; s++) {
      if (!Double.isNaN(weights[s])) {
        kept.add(s);
      }
      offsets[s / neurons + 1] = kept.size();
    }
    short[] narrow = new short[kept.size()];
    for (int k = 0; k < narrow.length; k++) {
      narrow[k] = (short) (kept.get(k) % neurons);
    }
    DeviceArray values = array(backend, type, kept.stream().mapToDouble(s -> weights[s]).toArray());
    Delays delays = delays(backend, type, sources, weights.length, milliseconds, kept);
    if (layout == Layout.FAN_OUT) {
      return new FixedFanOutSynapses(
          sources, neurons, offsets[1], backend.of(narrow), values, delays);
    }
    int[] wide = kept.stream().mapToInt(s -> s % neurons).toArray();
    return new CsrSynapses(
        sources,
        neurons,
        backend.of(offsets),
        layout == Layout.NARROW ? backend.of(narrow) : backend.of(wide),
        values,
        delays);
  }

  /**
   * Delays per source or per synapse, by their number.
   *
   * @param kept which synapses there are; null for all
   */
  private static Delays delays(
      Backend backend,
      DType type,
      int sources,
      int synapses,
      double[] milliseconds,
      List<Integer> kept) {
    if (milliseconds == null) {
      return null;
    }
    if (milliseconds.length == sources && sources != synapses) {
      return new Delays(Delays.Kind.PER_SOURCE, array(backend, type, milliseconds));
    }
    double[] values =
        kept == null ? milliseconds : kept.stream().mapToDouble(s -> milliseconds[s]).toArray();
    return new Delays(Delays.Kind.PER_SYNAPSE, array(backend, type, values));
  }
}
