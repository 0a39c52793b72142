package io.tacet.reference.f64;

import io.tacet.eventprop.LayerGradients;
import io.tacet.memory.DeviceArray;
import io.tacet.reference.Workers;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Runs a backward pass over the samples of a batch on all cores. The batch is split into parts by
 * its shape alone, each with gradients of its own that are summed in order, so that results do not
 * depend on the number of threads. Where gradients are too large for copies there is one part,
 * which adds to the weight gradients in place; its samples follow one another, and a pass may use
 * all workers within a sample.
 */
final class Parts {
  private static final int MOST_PARTS = 16;
  private static final long MOST_PART_ELEMENTS = 1L << 23;

  private final Workers workers;

  /** Gradients of earlier passes, reused by passes of the same shape into the same arrays. */
  private final Map<Key, Gradients[]> kept = new HashMap<>();

  Parts(Workers workers) {
    this.workers = workers;
  }

  /** The backward pass of one sample, adding to the gradients of its part. */
  @FunctionalInterface
  interface SampleTask {
    void run(int sample, int worker, Gradients grads);
  }

  private record Key(LayerGradients wanted, int sources, int neurons, int batch) {}

  /** Runs all samples and adds the gradients of all parts to {@code wanted}. */
  void run(
      LayerGradients wanted, Rows input, Rows recurrent, int sources, int batch, SampleTask task) {
    Gradients[] parts = parts(new Key(wanted, sources, input.targets, batch));
    workers.run(
        parts.length,
        (part, worker) -> {
          parts[part].begin();
          int end = from(part + 1, parts.length, batch);
          for (int b = from(part, parts.length, batch); b < end; b++) {
            task.run(b, worker, parts[part]);
          }
        });
    if (!parts[0].areInPlace()) {
      sum(parts, g -> g.input, input, wanted.inputWeights());
      sum(parts, g -> g.recurrent, recurrent, wanted.recurrentWeights());
    }
    for (Gradients part : parts) {
      part.addRestTo(wanted);
    }
  }

  private static int from(int part, int parts, int count) {
    return (int) ((long) part * count / parts);
  }

  private Gradients[] parts(Key key) {
    if (!kept.containsKey(key)) {
      kept.keySet().removeIf(k -> k.wanted().arrays().stream().anyMatch(DeviceArray::isClosed));
      kept.put(key, newParts(key));
    }
    return kept.get(key);
  }

  private static Gradients[] newParts(Key key) {
    long elements = 1;
    for (DeviceArray array : key.wanted().arrays()) {
      elements += array.length();
    }
    int count =
        (int)
            Math.max(1, Math.min(Math.min(key.batch(), MOST_PARTS), MOST_PART_ELEMENTS / elements));
    if (count == 1) {
      return new Gradients[] {Gradients.inPlace(key.wanted(), key.sources(), key.neurons())};
    }
    Gradients[] parts = new Gradients[count];
    for (int p = 0; p < count; p++) {
      parts[p] = Gradients.ofPart(key.wanted(), key.sources(), key.neurons());
    }
    return parts;
  }

  /** Adds the rows of a weight gradient over all parts, in the order of the parts. */
  private void sum(
      Gradients[] parts, Function<Gradients, RowGradient> which, Rows rows, DeviceArray wanted) {
    if (wanted == null) {
      return;
    }
    double[] total = Real.array(wanted);
    int blocks = Math.min(rows.sources, 4 * workers.count());
    workers.run(
        blocks,
        (block, worker) -> {
          int end = from(block + 1, blocks, rows.sources);
          for (int source = from(block, blocks, rows.sources); source < end; source++) {
            for (Gradients part : parts) {
              which.apply(part).addRow(rows, source, total);
            }
          }
        });
  }
}
