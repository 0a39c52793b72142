package io.tacet.reference.f64;

import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.ReadoutLayer;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DeviceArray;
import io.tacet.reference.Workers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Exact EventProp over a batch, all cores. Samples are independent; a backward pass splits the
 * batch into parts by its shape alone, each with gradients of its own that are summed in order, so
 * that results do not depend on the number of threads.
 */
public final class BatchReference {
  private static final int MOST_PARTS = 16;
  private static final long MOST_PART_ELEMENTS = 1L << 23;

  private final Workers workers;
  private final Sweep[] sweeps;
  private final Walk[] walks;
  private final Readout[] readouts;

  /** Gradient parts of earlier passes, reused by passes of the same shape. */
  private final Map<PartsKey, Gradients[]> kept = new HashMap<>();

  public BatchReference(Workers workers) {
    this.workers = workers;
    sweeps = new Sweep[workers.count()];
    walks = new Walk[workers.count()];
    readouts = new Readout[workers.count()];
    for (int w = 0; w < workers.count(); w++) {
      sweeps[w] = new Sweep();
      walks[w] = new Walk();
      readouts[w] = new Readout();
    }
  }

  /** See {@link io.tacet.spi.EventPropKernels#exactForward}. */
  public void forward(LifLayer lif, Spikes input, Spikes output) {
    Layer layer = new Layer(lif);
    Events in = new Events(input);
    Events out = new Events(output);
    boolean sweep = layer.sweepable();
    workers.run(
        in.batch,
        (sample, worker) -> {
          if (sweep) {
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
    Events out = new Events(output);
    double[] kick = kickArray == null ? null : Real.array(kickArray);
    Gradients[] parts = parts(wanted, lif.input().sources(), layer.neurons, in.batch);
    boolean sweep = layer.sweepable() && !parts[0].needsStates();
    workers.run(
        parts.length,
        (part, worker) -> {
          Gradients grads = parts[part];
          grads.begin();
          for (int b = from(part, parts.length, in.batch);
              b < from(part + 1, parts.length, in.batch);
              b++) {
            if (sweep) {
              sweeps[worker].backward(layer, in, out, b, grads, kick);
            } else {
              walks[worker].backward(layer, in, out, b, grads, kick);
            }
          }
        });
    sum(parts, layer.input, lif.input().sources(), wanted);
  }

  /** See {@link io.tacet.spi.EventPropKernels#readoutForward}. */
  public void readout(
      ReadoutLayer layer, Spikes input, DeviceArray valueArray, DeviceArray momentArray) {
    Rows rows = Rows.of(layer.input());
    Events in = new Events(input);
    double[] values = Real.array(valueArray);
    double[] moments = momentArray == null ? null : Real.array(momentArray);
    workers.run(
        in.batch,
        (sample, worker) ->
            readouts[worker].forward(
                layer, rows, in, sample, values, moments, sample * rows.targets));
  }

  /** See {@link io.tacet.spi.EventPropKernels#readoutBackward}. */
  public void readoutBackward(
      ReadoutLayer layer,
      Spikes input,
      DeviceArray errorArray,
      DeviceArray momentArray,
      DeviceArray weights) {
    Rows rows = Rows.of(layer.input());
    Events in = new Events(input);
    double[] errors = Real.array(errorArray);
    double[] moments = momentArray == null ? null : Real.array(momentArray);
    LayerGradients wanted = LayerGradients.weights(weights, null);
    Gradients[] parts = parts(wanted, layer.input().sources(), rows.targets, in.batch);
    workers.run(
        parts.length,
        (part, worker) -> {
          parts[part].begin();
          for (int b = from(part, parts.length, in.batch);
              b < from(part + 1, parts.length, in.batch);
              b++) {
            readouts[worker].backward(
                layer, rows, in, b, errors, moments, b * rows.targets, parts[part]);
          }
        });
    sum(parts, rows, layer.input().sources(), wanted);
  }

  private static int from(int part, int parts, int batch) {
    return (int) ((long) part * batch / parts);
  }

  private record PartsKey(List<DeviceArray> wanted, int batch) {}

  private Gradients[] parts(LayerGradients wanted, int sources, int neurons, int batch) {
    PartsKey key = new PartsKey(wanted.arrays(), batch);
    if (!kept.containsKey(key)) {
      kept.keySet().removeIf(k -> k.wanted().stream().anyMatch(DeviceArray::isClosed));
      kept.put(key, newParts(wanted, sources, neurons, batch));
    }
    return kept.get(key);
  }

  private static Gradients[] newParts(LayerGradients wanted, int sources, int neurons, int batch) {
    long elements = 1;
    for (DeviceArray array : wanted.arrays()) {
      elements += array.length();
    }
    int count =
        (int) Math.max(1, Math.min(Math.min(batch, MOST_PARTS), MOST_PART_ELEMENTS / elements));
    Gradients[] parts = new Gradients[count];
    for (int p = 0; p < count; p++) {
      parts[p] = new Gradients(wanted, sources, neurons);
    }
    return parts;
  }

  private void sum(Gradients[] parts, Rows rows, int sources, LayerGradients wanted) {
    if (wanted.inputWeights() != null) {
      double[] total = Real.array(wanted.inputWeights());
      int blocks = Math.min(sources, 4 * workers.count());
      workers.run(
          blocks,
          (block, worker) -> {
            for (int source = from(block, blocks, sources);
                source < from(block + 1, blocks, sources);
                source++) {
              Gradients.sumRow(parts, rows, source, total);
            }
          });
    }
    for (Gradients part : parts) {
      part.addRestTo(wanted);
    }
  }
}
