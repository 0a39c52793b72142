package io.tacet.network;

import io.tacet.Backend;
import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.LifParameters;
import io.tacet.eventprop.ReadoutLayer;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.NetworkSpec.Kind;
import io.tacet.network.NetworkSpec.LayerSpec;
import io.tacet.optim.Parameter;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.Delays;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.Synapses;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A layer on a backend: its arrays, their gradients and the views that operations take. */
final class Stage implements AutoCloseable {
  private static final double SMALLEST_TAU = 0.5;
  private static final double SMALLEST_THRESHOLD = 0.05;

  final LayerSpec spec;

  /** Null for a read-out. */
  final LifLayer lif;

  /** Null for a spiking layer. */
  final ReadoutLayer readout;

  final LayerGradients gradients;
  final List<Parameter> parameters = new ArrayList<>();

  /** Everything that a model file keeps, by name. */
  final Map<String, DeviceArray> arrays = new LinkedHashMap<>();

  private final Resources resources = new Resources();
  private final Backend backend;
  private final DType type;

  Stage(
      Backend backend, NetworkSpec network, LayerSpec spec, int below, String name, Numbers from) {
    this.backend = backend;
    this.type = network.precision();
    this.spec = spec;
    try {
      int n = spec.neurons();
      Synapses input = synapses(name + ".", below, n, spec.sparseInput(), spec.inputDelays(), from);
      Synapses recurrent =
          spec.recurrent()
              ? synapses(
                  name + ".recurrent.", n, n, spec.sparseRecurrent(), spec.recurrentDelays(), from)
              : null;
      LifParameters cells =
          new LifParameters(
              real(name + ".tauMem", from),
              real(name + ".tauSyn", from),
              real(name + ".threshold", from),
              real(name + ".reset", from),
              real(name + ".bias", from));
      boolean spiking = spec.kind() == Kind.LIF;
      lif = spiking ? new LifLayer(input, recurrent, cells, network.duration()) : null;
      readout =
          spiking
              ? null
              : new ReadoutLayer(
                  input, cells.tauMem(), cells.tauSyn(), network.duration(), spec.reduction());
      double end = network.duration();
      double none = Double.POSITIVE_INFINITY;
      gradients =
          new LayerGradients(
              weights(name + ".weights", input),
              trained(Trainable.INPUT_DELAYS, name + ".delays", 0, end),
              recurrent == null ? null : weights(name + ".recurrent.weights", recurrent),
              trained(Trainable.RECURRENT_DELAYS, name + ".recurrent.delays", 0, end),
              trained(Trainable.TAU_MEM, name + ".tauMem", SMALLEST_TAU, none),
              trained(Trainable.TAU_SYN, name + ".tauSyn", SMALLEST_TAU, none),
              trained(Trainable.THRESHOLD, name + ".threshold", SMALLEST_THRESHOLD, none),
              trained(Trainable.RESET, name + ".reset", -none, 0),
              trained(Trainable.BIAS, name + ".bias", -none, none));
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  private Synapses synapses(
      String prefix, int from, int to, boolean sparse, boolean delayed, Numbers numbers) {
    DeviceArray weights = real(prefix + "weights", numbers);
    Delays delays =
        delayed ? new Delays(Delays.Kind.PER_SYNAPSE, real(prefix + "delays", numbers)) : null;
    if (!sparse) {
      return new DenseSynapses(from, to, weights, delays);
    }
    return new CsrSynapses(
        from,
        to,
        integer(prefix + "offsets", numbers),
        integer(prefix + "indices", numbers),
        weights,
        delays);
  }

  private DeviceArray real(String name, Numbers from) {
    double[] values = from.real(name);
    DeviceArray array = resources.own(backend.allocate(type, values.length)).copyFrom(values);
    arrays.put(name, array);
    return array;
  }

  private DeviceArray integer(String name, Numbers from) {
    int[] values = from.integer(name);
    DeviceArray array =
        resources.own(backend.allocate(DType.INT32, values.length)).copyFrom(values);
    arrays.put(name, array);
    return array;
  }

  private DeviceArray weights(String name, Synapses synapses) {
    DeviceArray gradient = like(synapses.weights());
    parameters.add(Parameter.weights(name, synapses.weights(), gradient));
    return gradient;
  }

  private DeviceArray trained(Trainable what, String name, double low, double high) {
    if (!spec.trains(what)) {
      return null;
    }
    DeviceArray value = arrays.get(name);
    DeviceArray gradient = like(value);
    parameters.add(Parameter.bounded(name, value, gradient, low, high, rateScale(what)));
    return gradient;
  }

  /** Times are of the order of 10 ms where weights are of the order of 1. */
  private static double rateScale(Trainable what) {
    return switch (what) {
      case INPUT_DELAYS, RECURRENT_DELAYS, TAU_MEM, TAU_SYN -> 10;
      case THRESHOLD, RESET, BIAS -> 1;
    };
  }

  private DeviceArray like(DeviceArray value) {
    return resources.own(backend.allocate(type, value.shape()));
  }

  @Override
  public void close() {
    resources.close();
  }
}
