package io.tacet.reference.f64;

import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.ReadoutLayer;
import io.tacet.eventprop.Simulator;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DeviceArray;
import io.tacet.reference.Workers;

/** Exact EventProp over a batch, all cores; results do not depend on the number of threads. */
public final class BatchReference {
  private final Workers workers;
  private final Sweep[] sweeps;
  private final Walk[] walks;
  private final VariantWalk[] variants;
  private final Readout[] readouts;
  private final Parts parts;
  private final NeuronRanges ranges;

  public BatchReference(Workers workers) {
    this.workers = workers;
    parts = new Parts(workers);
    sweeps = new Sweep[workers.count()];
    walks = new Walk[workers.count()];
    variants = new VariantWalk[workers.count()];
    readouts = new Readout[workers.count()];
    for (int w = 0; w < workers.count(); w++) {
      sweeps[w] = new Sweep();
      walks[w] = new Walk();
      variants[w] = new VariantWalk();
      readouts[w] = new Readout();
    }
    ranges = new NeuronRanges(workers, sweeps);
  }

  /** See {@link io.tacet.spi.EventPropKernels#exactForward}. */
  public void forward(LifLayer lif, Spikes input, Spikes output) {
    Layer layer = new Layer(lif);
    Events in = new Events(input);
    Events out = new Events(output);
    out.mostSpikes = lif.mostSpikes(Simulator.exact(), output);
    int sources = lif.input().sources();
    VariantLayer variant = lif.variant() == null ? null : new VariantLayer(layer, lif);
    boolean sweep = layer.sweepable();
    workers.run(
        in.batch,
        (sample, worker) -> {
          int fault = in.fault(sample, sources);
          if (fault != 0) {
            out.fail(sample, fault);
          } else if (variant != null) {
            variants[worker].forward(variant, in, sample, out);
          } else if (sweep) {
            sweeps[worker].forward(layer, in, sample, out);
          } else {
            walks[worker].forward(layer, in, sample, out);
          }
        });
  }

  /** See {@link io.tacet.spi.EventPropKernels#exactBackward}. */
  public void backward(
      LifLayer lif, Spikes input, Spikes output, LayerGradients wanted, DeviceArray kickArray) {
    Layer layer = new Layer(lif);
    Events in = new Events(input);
    in.require(lif.input().sources());
    Events out = new Events(output);
    double[] kick = kickArray == null ? null : Real.array(kickArray);
    VariantLayer variant = lif.variant() == null ? null : new VariantLayer(layer, lif);
    boolean sweep = variant == null && layer.sweepable() && !wanted.needsStates();
    if (sweep && NeuronRanges.suit(wanted, layer.neurons)) {
      ranges.backward(layer, in, out, wanted, kick);
      return;
    }
    parts.run(
        wanted,
        layer.input,
        layer.recurrent,
        lif.input().sources(),
        in.batch,
        (sample, worker, grads) -> {
          if (variant != null) {
            variants[worker].backward(variant, in, out, sample, grads, kick);
          } else if (sweep) {
            sweeps[worker].backward(layer, in, out, sample, grads, kick);
          } else {
            walks[worker].backward(layer, in, out, sample, grads, kick);
          }
        });
  }

  /** See {@link io.tacet.spi.EventPropKernels#readoutForward}. */
  public void readout(
      ReadoutLayer layer, Spikes input, DeviceArray valueArray, DeviceArray peakTimeArray) {
    Rows rows = Rows.of(layer.input());
    Events in = new Events(input);
    in.require(layer.input().sources());
    double[] values = Real.array(valueArray);
    double[] peakTimes = peakTimeArray == null ? null : Real.array(peakTimeArray);
    workers.run(
        in.batch,
        (sample, worker) ->
            readouts[worker].forward(
                layer, rows, in, sample, values, peakTimes, sample * rows.targets));
  }

  /** See {@link io.tacet.spi.EventPropKernels#readoutBackward}. */
  public void readoutBackward(
      ReadoutLayer layer,
      Spikes input,
      DeviceArray errorArray,
      DeviceArray peakTimeArray,
      DeviceArray weights) {
    Rows rows = Rows.of(layer.input());
    Events in = new Events(input);
    in.require(layer.input().sources());
    double[] errors = Real.array(errorArray);
    double[] peakTimes = peakTimeArray == null ? null : Real.array(peakTimeArray);
    LayerGradients wanted = LayerGradients.weights(weights, null);
    parts.run(
        wanted,
        rows,
        null,
        layer.input().sources(),
        in.batch,
        (sample, worker, grads) ->
            readouts[worker].backward(
                layer, rows, in, sample, errors, peakTimes, sample * rows.targets, grads));
  }
}
