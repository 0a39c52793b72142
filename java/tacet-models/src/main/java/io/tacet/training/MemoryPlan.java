package io.tacet.training;

import io.tacet.memory.ArrayBytes;
import io.tacet.memory.DeviceArray;
import io.tacet.network.Layer;
import io.tacet.network.LayerPass;
import io.tacet.network.LayerSpec;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.RewiredSynapses;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * The arrays that a training will hold, in bytes, known before they are allocated. What a pass
 * needs is linear in its samples, in its steps and in their product, so that passes of one and two
 * samples and steps, made and closed again, tell it for any number. So do they for what neurons
 * without a closed form keep on the Java heap of their events. Not in it are the data set, on the
 * Java heap; scratch memory that operations take while they run; states carried between chunks of
 * text; what regularisers of activity push; and spikes beyond those that a pass first has room for,
 * with their states.
 *
 * @param rows of each layer, then of inputs, labels and states between segments
 */
public record MemoryPlan(List<Row> rows) {
  /**
   * Bytes of a layer.
   *
   * @param name with which names of its arrays begin
   * @param weights parameters and synapses
   * @param gradients of the parameters
   * @param moments what the optimiser keeps of each parameter, the best weights where they are
   *     kept, a mark of each synapse that may change, both ends of those that are found to come,
   *     and of spiking neurons a tile of absent ones
   * @param training activations and tape of the passes of training
   * @param testing activations of the passes over the test set
   */
  public record Row(
      String name, long weights, long gradients, long moments, long training, long testing) {
    /** Bytes in total. */
    public long bytes() {
      return weights + gradients + moments + training + testing;
    }
  }

  /**
   * Plans a training.
   *
   * @param moments numbers kept of each trained one, beside its gradient
   * @param training shapes of the passes of training that are open at once
   * @param testing shapes of the passes over the test set that are open at once
   */
  static MemoryPlan of(
      Network network, int moments, List<PassShape> training, List<PassShape> testing) {
    ArrayBytes count = network.backend().arrayBytes();
    List<LayerSpec> specs = network.spec().layers();
    List<Row> rows = new ArrayList<>();
    long onHeapInTraining = 0;
    long onHeapInTesting = 0;
    for (int k = 0; k < specs.size(); k++) {
      Layer layer = network.layers().get(k);
      LayerSpec reader = k + 1 < specs.size() ? specs.get(k + 1) : null;
      ToLongFunction<PassShape> room = opened(count, shape -> layer.room(shape, reader)::close);
      ToLongFunction<PassShape> heap = shape -> onHeap(layer.room(shape, reader));
      List<PassShape> inTraining = training.stream().map(PassShape::ofLayers).toList();
      long trained = layer.parameters().stream().mapToLong(p -> bytes(p.value())).sum();
      long trainingHeap = sum(inTraining, heap);
      long testingHeap = sum(testing, heap);
      onHeapInTraining += trainingHeap;
      onHeapInTesting += testingHeap;
      rows.add(
          new Row(
              network.spec().names().get(k),
              layer.arrays().byName().values().stream().mapToLong(MemoryPlan::bytes).sum(),
              trained,
              moments * trained + rewired(network, layer),
              sum(inTraining, room) + trainingHeap,
              sum(testing, room) + testingHeap));
    }
    ToLongFunction<PassShape> pass = opened(count, shape -> new Pass(network, shape)::close);
    long inTraining =
        sum(training, pass) + onHeapInTraining - rows.stream().mapToLong(Row::training).sum();
    long inTesting =
        sum(testing, pass) + onHeapInTesting - rows.stream().mapToLong(Row::testing).sum();
    rows.add(new Row("inputs", 0, 0, 0, inTraining, inTesting));
    return new MemoryPlan(List.copyOf(rows));
  }

  /** What rewiring keeps of the synapses of a layer. */
  private static long rewired(Network network, Layer layer) {
    return network.rewired().stream()
        .filter(synapses -> synapses.arrays() == layer.arrays())
        .mapToLong(MemoryPlan::rewired)
        .sum();
  }

  private static long rewired(RewiredSynapses synapses) {
    long places = synapses.wiring().places();
    double replaced = synapses.searches() ? synapses.connection().rewiring().fraction() : 0;
    long found = (long) (replaced * places);
    long tiles = synapses.tiles() == null ? 0 : synapses.tiles().bytes((int) places, (int) found);
    return 2 * places + Math.max(8 * found, tiles);
  }

  private static long bytes(DeviceArray array) {
    return array.length() * array.type().bytes();
  }

  private static long onHeap(LayerPass pass) {
    try (pass) {
      return pass.heapBytes();
    }
  }

  /** Bytes of the arrays that {@code open} makes, which are closed again. */
  private static ToLongFunction<PassShape> opened(
      ArrayBytes count, Function<PassShape, Runnable> open) {
    return shape -> {
      long before = count.open();
      Runnable close = open.apply(shape);
      long bytes = count.open() - before;
      close.run();
      return bytes;
    };
  }

  private static long sum(List<PassShape> shapes, ToLongFunction<PassShape> room) {
    return shapes.stream().mapToLong(shape -> extrapolate(shape, room)).sum();
  }

  /** From passes of one and two samples, and of one and two steps. */
  private static long extrapolate(PassShape shape, ToLongFunction<PassShape> room) {
    // A pass in segments holds little for all steps, and is not linear in them.
    boolean bySteps = shape.steps() > 1 && shape.segment() == 0;
    int base = bySteps ? 1 : shape.steps();
    long one = room.applyAsLong(shape.of(1, base));
    long bySample = room.applyAsLong(shape.of(2, base)) - one;
    long total = one + (shape.batch() - 1) * bySample;
    if (bySteps) {
      long byStep = room.applyAsLong(shape.of(1, 2)) - one;
      long byBoth = room.applyAsLong(shape.of(2, 2)) - one - bySample - byStep;
      total += (shape.steps() - 1) * (byStep + (shape.batch() - 1) * byBoth);
    }
    return total;
  }

  /** Bytes in total. */
  public long bytes() {
    return rows.stream().mapToLong(Row::bytes).sum();
  }

  /**
   * Refuses a training that does not fit.
   *
   * @param budget bytes
   * @throws IllegalArgumentException with the plan if it needs more
   */
  void require(long budget) {
    if (bytes() > budget) {
      throw new IllegalArgumentException(
          "memory: expected a training of at most "
              + text(budget)
              + ", got one of "
              + text(bytes())
              + ":\n"
              + this
              + "Use smaller batches, fewer steps at a time, or more memory (--memory; on the java"
              + " backend also -Xmx).");
    }
  }

  /** Bytes as people write them, in powers of 1024. */
  static String text(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    int k = bytes < 1024 ? 0 : Math.min(4, (63 - Long.numberOfLeadingZeros(bytes)) / 10);
    return k == 0
        ? bytes + " B"
        : String.format(Locale.ROOT, "%.1f %s", bytes / Math.pow(1024, k), units[k]);
  }

  /** As JSON has it: bytes in total, and of each layer. */
  public Map<String, Object> toMap() {
    List<Map<String, Object>> layers = new ArrayList<>();
    for (Row row : rows) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("name", row.name);
      one.put("weights", row.weights);
      one.put("gradients", row.gradients);
      one.put("moments", row.moments);
      one.put("training", row.training);
      one.put("testing", row.testing);
      layers.add(one);
    }
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("bytes", bytes());
    map.put("layers", layers);
    return map;
  }

  /** A table for people. */
  @Override
  public String toString() {
    String format = "%-12s %12s %12s %12s %14s %12s%n";
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            format,
            "memory",
            "weights",
            "gradients",
            "moments",
            "training pass",
            "test pass"));
    Row total =
        rows.stream()
            .reduce(
                new Row("total", 0, 0, 0, 0, 0),
                (a, b) ->
                    new Row(
                        "total",
                        a.weights + b.weights,
                        a.gradients + b.gradients,
                        a.moments + b.moments,
                        a.training + b.training,
                        a.testing + b.testing));
    List<Row> all = new ArrayList<>(rows);
    all.add(total);
    for (Row row : all) {
      text.append(
          String.format(
              Locale.ROOT,
              format,
              row.name,
              text(row.weights),
              text(row.gradients),
              text(row.moments),
              text(row.training),
              text(row.testing)));
    }
    return text.append(text(bytes())).append(" in all\n").toString();
  }
}
