package io.tacet.reference.f64;

import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.LifVariant;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DeviceArray;
import io.tacet.reference.Workers;
import java.util.Arrays;

/** Mean potentials over a batch, all cores; results do not depend on the number of threads. */
public final class PotentialReference {
  /** LIF neurons are a variant without a feature. */
  private static final LifVariant PLAIN =
      new LifVariant(true, false, null, null, null, null, null, null);

  private final Parts parts;
  private final PotentialAdjoint[] walks;
  private final Queue[][] queues;

  public PotentialReference(Workers workers) {
    parts = new Parts(workers);
    walks = new PotentialAdjoint[workers.count()];
    queues = new Queue[workers.count()][0];
    for (int w = 0; w < workers.count(); w++) {
      walks[w] = new PotentialAdjoint();
    }
  }

  private static VariantLayer layer(LifLayer lif) {
    LifVariant variant = lif.variant() == null ? PLAIN : lif.variant();
    return new VariantLayer(
        new Layer(lif),
        new LifLayer(
            lif.input(),
            lif.recurrent(),
            lif.lif(),
            lif.duration(),
            lif.limit(),
            variant,
            lif.leastSlope()));
  }

  /** Queues of the input arrivals of a sample. */
  private Queue[] arrivals(int worker, VariantLayer layer, Events in, int sample) {
    if (queues[worker].length < layer.base.neurons) {
      queues[worker] = new Queue[layer.base.neurons];
      Arrays.setAll(queues[worker], n -> new Queue());
    }
    Walk.fillInputs(queues[worker], layer.base, in, sample);
    return queues[worker];
  }

  /** See {@link io.tacet.spi.EventPropKernels#meanPotentials}. */
  public void forward(LifLayer lif, Spikes input, Spikes output, DeviceArray meanArray) {
    VariantLayer layer = layer(lif);
    Events in = new Events(input);
    in.require(lif.input().sources());
    Events out = new Events(output);
    double[] means = Real.array(meanArray);
    parts.run(
        LayerGradients.weights(null, null),
        layer.base.input,
        layer.base.recurrent,
        lif.input().sources(),
        in.batch,
        (sample, worker, none) ->
            walks[worker].forward(
                layer, in, out, sample, none, arrivals(worker, layer, in, sample), means));
  }

  /** See {@link io.tacet.spi.EventPropKernels#meanPotentialsBackward}. */
  public void backward(
      LifLayer lif, Spikes input, Spikes output, DeviceArray errorArray, LayerGradients wanted) {
    VariantLayer layer = layer(lif);
    Events in = new Events(input);
    in.require(lif.input().sources());
    Events out = new Events(output);
    double[] errors = Real.array(errorArray);
    parts.run(
        wanted,
        layer.base.input,
        layer.base.recurrent,
        lif.input().sources(),
        in.batch,
        (sample, worker, grads) ->
            walks[worker].derive(
                layer, in, out, sample, grads, errors, arrivals(worker, layer, in, sample)));
  }
}
