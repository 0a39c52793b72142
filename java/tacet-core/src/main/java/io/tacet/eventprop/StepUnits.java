package io.tacet.eventprop;

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
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;

/**
 * A layer on a grid as one in continuous time whose unit is a step, so that all times of events are
 * whole numbers and those of one step are equal in any precision. Owns copies of what has a unit of
 * time.
 */
final class StepUnits implements AutoCloseable {
  private final Resources copies = new Resources();
  private final TimeGrid grid;
  private final int steps;
  private final LifLayer layer;

  /** Gradients in units of a step, and those in ms that they are added to. */
  private final List<DeviceArray[]> added = new ArrayList<>();

  StepUnits(LifLayer of, TimeGrid grid) {
    this.grid = grid;
    steps = grid.steps(of.duration());
    try {
      layer = layer(of);
    } catch (RuntimeException | Error e) {
      copies.close();
      throw e;
    }
  }

  private LifLayer layer(LifLayer of) {
    LifParameters lif = of.lif();
    LifParameters scaled =
        new LifParameters(
            scaled(lif.tauMem()), scaled(lif.tauSyn()), lif.threshold(), lif.reset(), lif.bias());
    LifVariant v = of.variant();
    LifVariant variant =
        v == null
            ? null
            : new LifVariant(
                v.leaky(),
                v.alphaSynapses(),
                rounded(v.refractory(), Float.MIN_NORMAL),
                scaled(v.tauInhibitory()),
                scaled(v.tauThreshold()),
                v.thresholdJump(),
                scaled(v.tauAdaptation()),
                v.adaptationJump());
    Synapses recurrent = of.recurrent() == null ? null : synapses(of.recurrent());
    return new LifLayer(
        synapses(of.input()), recurrent, scaled, steps, of.limit(), variant, of.leastSlope());
  }

  /** The layer. */
  LifLayer layer() {
    return layer;
  }

  private DeviceArray copy(DeviceArray of, DoubleUnaryOperator value) {
    return of == null
        ? null
        : like(of).copyFrom(Arrays.stream(of.toDoubles()).map(value).toArray());
  }

  private DeviceArray scaled(DeviceArray times) {
    return copy(times, time -> time / grid.dt());
  }

  private DeviceArray rounded(DeviceArray times, double least) {
    return copy(times, time -> Math.max(least, Math.min(grid.step(time), steps + 1)));
  }

  private Synapses synapses(Synapses of) {
    Delays delays = of.delays();
    if (delays == null) {
      return of;
    }
    Delays inSteps = new Delays(delays.kind(), rounded(delays.values(), 0));
    if (of instanceof CsrSynapses csr) {
      return new CsrSynapses(
          csr.sources(), csr.targets(), csr.rowOffsets(), csr.indices(), csr.weights(), inSteps);
    }
    if (of instanceof FixedFanOutSynapses fixed) {
      return new FixedFanOutSynapses(
          fixed.sources(),
          fixed.targets(),
          fixed.fanOut(),
          fixed.indices(),
          fixed.weights(),
          inSteps);
    }
    return new DenseSynapses(of.sources(), of.targets(), of.weights(), inSteps);
  }

  /**
   * Events with times in steps.
   *
   * @param errors in place of theirs, or null for none
   */
  Spikes of(Spikes events, DeviceArray errors) {
    DeviceArray times = rounded(events.times(), 0);
    return events.with(
        array -> array == events.times() ? times : array == events.errors() ? errors : array);
  }

  /** A new array of zeros; null for null. */
  DeviceArray like(DeviceArray of) {
    return of == null ? null : copies.own(of.backend().allocate(of.type(), of.shape()));
  }

  /** Gradients of the layer in steps, which {@link #addGradients} adds to those in ms. */
  LayerGradients gradients(LayerGradients wanted) {
    UnaryOperator<DeviceArray> time = this::separate;
    VariantGradients v = wanted.variant();
    return new LayerGradients(
        wanted.inputWeights(),
        time.apply(wanted.inputDelays()),
        wanted.recurrentWeights(),
        time.apply(wanted.recurrentDelays()),
        time.apply(wanted.tauMem()),
        time.apply(wanted.tauSyn()),
        wanted.threshold(),
        wanted.reset(),
        wanted.bias(),
        v == null
            ? null
            : new VariantGradients(
                time.apply(v.refractory()),
                time.apply(v.tauInhibitory()),
                time.apply(v.tauThreshold()),
                v.thresholdJump(),
                time.apply(v.tauAdaptation()),
                v.adaptationJump()));
  }

  private DeviceArray separate(DeviceArray wanted) {
    if (wanted == null) {
      return null;
    }
    DeviceArray own = like(wanted);
    added.add(new DeviceArray[] {own, wanted});
    return own;
  }

  /** Adds the gradients of {@link #gradients}. */
  void addGradients() {
    added.forEach(pair -> add(pair[0], pair[1]));
  }

  /** Adds derivatives by times in steps to those by times in ms; nothing for null. */
  void add(DeviceArray bySteps, DeviceArray total) {
    if (bySteps == null) {
      return;
    }
    double[] sum = total.toDoubles();
    double[] part = bySteps.toDoubles();
    Arrays.setAll(sum, k -> sum[k] + part[k] / grid.dt());
    total.copyFrom(sum);
  }

  @Override
  public void close() {
    copies.close();
  }
}
