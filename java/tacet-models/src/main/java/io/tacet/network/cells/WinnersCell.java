package io.tacet.network.cells;

import io.tacet.dense.Winners;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.Draws;
import io.tacet.network.Flow;
import io.tacet.network.Layer;
import io.tacet.network.LayerArrays;
import io.tacet.network.LayerContext;
import io.tacet.network.LayerPass;
import io.tacet.network.LayerSpec;
import io.tacet.network.LayerStep;
import io.tacet.network.Numbers;
import io.tacet.network.PassShape;
import io.tacet.network.Run;
import io.tacet.network.Signal;
import io.tacet.sparse.Events;
import java.util.Arrays;
import java.util.Map;

/** Of what the layer below sends in each step, the k largest values; see {@link Winners}. */
public final class WinnersCell implements Layer {
  static final String NAME = "winners";

  /**
   * A layer without parameters.
   *
   * @param winners k, 1 to the number of units below
   */
  public record Spec(int winners) implements LayerSpec {
    /** Checks what needs no network. */
    public Spec {
      Specs.positive("winners", winners);
    }

    @Override
    public String cell() {
      return NAME;
    }

    @Override
    public Flow over(Flow below) {
      below.require(".winners", Flow.Kind.STEPS);
      if (winners > below.columns()) {
        throw new IllegalArgumentException(
            "winners: expected 1 to the "
                + below.columns()
                + " units of the layer below, got "
                + winners
                + ".");
      }
      return below;
    }

    @Override
    public void draw(String name, Flow below, Draws draws, Numbers into) {}

    @Override
    public Layer create(LayerContext context) {
      return new WinnersCell(this, context);
    }

    @Override
    public Map<String, Object> toMap() {
      return Map.of("winners", winners);
    }
  }

  static LayerSpec read(JsonObject json) throws JsonException {
    Specs.only(json, "winners");
    return new Spec(json.integer("winners"));
  }

  private final Spec spec;
  private final LayerContext context;
  private final LayerArrays arrays;

  private WinnersCell(Spec spec, LayerContext context) {
    this.spec = spec;
    this.context = context;
    this.arrays = context.arrays();
  }

  @Override
  public LayerSpec spec() {
    return spec;
  }

  @Override
  public LayerArrays arrays() {
    return arrays;
  }

  @Override
  public LayerPass room(PassShape shape, LayerSpec reader) {
    return new Room(shape);
  }

  @Override
  public LayerStep step(int batch, LayerSpec reader) {
    int units = context.below().columns();
    float[] results = new float[Math.multiplyExact(batch, units)];
    float[] sorted = new float[units];
    return below -> {
      for (int from = 0; from < results.length; from += units) {
        keep(below, from, sorted, results);
      }
      return results;
    };
  }

  /** Keeps the winners of the row of values that begins at {@code from}. */
  private void keep(float[] values, int from, float[] sorted, float[] results) {
    System.arraycopy(values, from, sorted, 0, sorted.length);
    Arrays.sort(sorted);
    int first = sorted.length - spec.winners();
    float least = sorted[first];
    int ties = 0;
    for (int i = first; i < sorted.length && Float.compare(sorted[i], least) == 0; i++) {
      ties++;
    }
    for (int i = from; i < from + sorted.length; i++) {
      int order = Float.compare(values[i], least);
      results[i] = order > 0 || (order == 0 && ties > 0) ? values[i] : 0;
      ties -= order == 0 ? 1 : 0;
    }
  }

  /** Buffers of a pass. */
  private final class Room implements LayerPass {
    private final DeviceArray values;

    /** Who has won; null in inference. */
    private final DeviceArray marks;

    private final Resources resources = new Resources();

    Room(PassShape shape) {
      int units = context.below().columns();
      try {
        values = context.buffer(resources, shape.steps(), shape.batch(), units);
        marks =
            shape.trains()
                ? resources.own(
                    context
                        .backend()
                        .allocate(DType.INT32, shape.steps(), shape.batch(), Events.words(units)))
                : null;
      } catch (RuntimeException | Error e) {
        resources.close();
        throw e;
      }
    }

    @Override
    public Signal forward(Signal signal, Run run) {
      Winners.keep(((Signal.Steps) signal).values(), spec.winners(), values, marks);
      return new Signal.Steps(values, null);
    }

    @Override
    public DeviceArray backward(Signal signal, DeviceArray errors, boolean descend, Run run) {
      if (errors == null || !descend) {
        return null;
      }
      Winners.backward(marks, errors);
      return errors;
    }

    @Override
    public void close() {
      resources.close();
    }
  }
}
