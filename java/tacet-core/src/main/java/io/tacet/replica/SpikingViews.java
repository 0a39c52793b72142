package io.tacet.replica;

import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.LifParameters;
import io.tacet.eventprop.ReadoutLayer;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.Delays;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.FixedFanOutSynapses;
import io.tacet.sparse.Synapses;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Layers of neurons without a variant over other arrays: {@code arrays} is given each array in
 * turn, null where there is none, and says what takes its place.
 */
final class SpikingViews {
  private SpikingViews() {}

  /** Whether replicas of such a layer can be computed at once. */
  static boolean joins(LifLayer layer) {
    return layer.variant() == null
        && joins(layer.input())
        && (layer.recurrent() == null || joins(layer.recurrent()));
  }

  /** Whether synapses are of a kind that spiking layers take. */
  static boolean joins(Synapses synapses) {
    return synapses instanceof DenseSynapses
        || synapses instanceof CsrSynapses
        || synapses instanceof FixedFanOutSynapses;
  }

  /** What has to be equal for layers to be computed at once, beside the shapes of their arrays. */
  static List<Object> settings(LifLayer layer) {
    return Arrays.asList(
        settings(layer.input()),
        layer.recurrent() == null ? null : settings(layer.recurrent()),
        layer.duration(),
        layer.limit(),
        layer.leastSlope());
  }

  static List<Object> settings(ReadoutLayer layer) {
    return List.of(settings(layer.input()), layer.duration(), layer.reduction());
  }

  private static List<Object> settings(Synapses synapses) {
    return Arrays.asList(
        synapses.getClass(),
        synapses.sources(),
        synapses.targets(),
        synapses.delays() == null ? null : synapses.delays().kind());
  }

  static LifLayer layer(LifLayer layer, UnaryOperator<DeviceArray> arrays) {
    Synapses input = synapses(layer.input(), arrays);
    Synapses recurrent = layer.recurrent() == null ? null : synapses(layer.recurrent(), arrays);
    LifParameters lif = layer.lif();
    return new LifLayer(
        input,
        recurrent,
        new LifParameters(
            arrays.apply(lif.tauMem()),
            arrays.apply(lif.tauSyn()),
            arrays.apply(lif.threshold()),
            arrays.apply(lif.reset()),
            arrays.apply(lif.bias())),
        layer.duration(),
        layer.limit(),
        null,
        layer.leastSlope());
  }

  static ReadoutLayer readout(ReadoutLayer layer, UnaryOperator<DeviceArray> arrays) {
    return new ReadoutLayer(
        synapses(layer.input(), arrays),
        arrays.apply(layer.tauMem()),
        arrays.apply(layer.tauSyn()),
        layer.duration(),
        layer.reduction());
  }

  static LayerGradients gradients(LayerGradients of, UnaryOperator<DeviceArray> arrays) {
    return new LayerGradients(
        arrays.apply(of.inputWeights()),
        arrays.apply(of.inputDelays()),
        arrays.apply(of.recurrentWeights()),
        arrays.apply(of.recurrentDelays()),
        arrays.apply(of.tauMem()),
        arrays.apply(of.tauSyn()),
        arrays.apply(of.threshold()),
        arrays.apply(of.reset()),
        arrays.apply(of.bias()));
  }

  private static Synapses synapses(Synapses synapses, UnaryOperator<DeviceArray> arrays) {
    int sources = synapses.sources();
    int targets = synapses.targets();
    DeviceArray weights = arrays.apply(synapses.weights());
    Delays of = synapses.delays();
    Delays delays = of == null ? null : new Delays(of.kind(), arrays.apply(of.values()));
    if (synapses instanceof CsrSynapses csr) {
      return new CsrSynapses(
          sources,
          targets,
          arrays.apply(csr.rowOffsets()),
          arrays.apply(csr.indices()),
          weights,
          delays);
    }
    if (synapses instanceof FixedFanOutSynapses fixed) {
      return new FixedFanOutSynapses(
          sources, targets, fixed.fanOut(), arrays.apply(fixed.indices()), weights, delays);
    }
    return new DenseSynapses(sources, targets, weights, delays);
  }
}
