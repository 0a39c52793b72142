package io.tacet.network.cells;

import io.tacet.dense.Dense;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
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
import java.util.Arrays;
import java.util.Map;
import java.util.random.RandomGenerator;

/** A table of embeddings: a token selects a row. */
public final class EmbeddingCell implements Layer {
  static final String NAME = "embedding";
  private static final double RANGE = 0.1;

  /**
   * A table.
   *
   * @param columns of a row
   */
  public record Spec(int columns) implements LayerSpec {
    /** Checks the number of columns. */
    public Spec {
      Specs.positive("embedding", columns);
    }

    @Override
    public String cell() {
      return NAME;
    }

    @Override
    public String name(int number) {
      return NAME;
    }

    @Override
    public Flow over(Flow below) {
      below.require(".embedding", Flow.Kind.TOKENS);
      return new Flow(Flow.Kind.STEPS, columns);
    }

    @Override
    public void draw(String name, Flow below, Draws draws, Numbers into) {
      RandomGenerator random = draws.stream();
      double[] values = new double[Math.multiplyExact(below.columns(), columns)];
      Arrays.setAll(values, i -> LinearReadout.symmetric(RANGE, random));
      into.put(name + ".weights", values);
    }

    @Override
    public Layer create(LayerContext context) {
      return new EmbeddingCell(this, context);
    }

    @Override
    public Map<String, Object> toMap() {
      return Map.of("columns", columns);
    }
  }

  static LayerSpec read(JsonObject json) throws JsonException {
    Specs.only(json, "columns");
    return new Spec(json.integer("columns"));
  }

  private final Spec spec;
  private final LayerContext context;
  private final LayerArrays arrays;
  private final DeviceArray table;
  private final DeviceArray gradient;

  private EmbeddingCell(Spec spec, LayerContext context) {
    this.spec = spec;
    this.context = context;
    this.arrays = context.arrays();
    try {
      String name = context.name() + ".weights";
      table = arrays.real(name, context.below().columns(), spec.columns());
      gradient = arrays.train(name);
    } catch (RuntimeException | Error e) {
      arrays.close();
      throw e;
    }
  }

  @Override
  public LayerSpec spec() {
    return spec;
  }

  @Override
  public LayerArrays arrays() {
    return arrays;
  }

  DeviceArray table() {
    return table;
  }

  DeviceArray gradient() {
    return gradient;
  }

  @Override
  public LayerPass room(PassShape shape, LayerSpec reader) {
    return new Room(shape);
  }

  @Override
  public LayerStep step(int batch, LayerSpec reader) {
    StepProduct product = StepProduct.of(batch, table.toFloats(), context.below().columns());
    float[] none = new float[spec.columns()];
    float[] results = product.results();
    return below -> {
      product.add(below, none, results);
      return results;
    };
  }

  /** Buffers of a pass. */
  private final class Room implements LayerPass {
    private final PassShape shape;
    private final DeviceArray values;
    private final DeviceArray masked;
    private final Resources resources = new Resources();

    Room(PassShape shape) {
      this.shape = shape;
      try {
        values = context.buffer(resources, shape.steps(), shape.batch(), spec.columns());
        masked = shape.dropouts().word() > 0 ? context.buffer(resources, table.shape()) : null;
      } catch (RuntimeException | Error e) {
        resources.close();
        throw e;
      }
    }

    @Override
    public Signal forward(Signal below, Run run) {
      DeviceArray rows = WordDropout.apply(shape, run, table, masked);
      Dense.gatherRows(rows, ((Signal.Tokens) below).rows(), values);
      return new Signal.Steps(values, null);
    }

    @Override
    public DeviceArray backward(Signal below, DeviceArray errors, boolean descend, Run run) {
      Dense.scatterAddRows(errors, ((Signal.Tokens) below).rows(), gradient);
      WordDropout.apply(shape, run, gradient, masked == null ? null : gradient);
      return null;
    }

    @Override
    public void close() {
      resources.close();
    }
  }
}
