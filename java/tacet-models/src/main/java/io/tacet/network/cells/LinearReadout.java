package io.tacet.network.cells;

import io.tacet.dense.Dense;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.Draws;
import io.tacet.network.Flow;
import io.tacet.network.InputSpec;
import io.tacet.network.Layer;
import io.tacet.network.LayerArrays;
import io.tacet.network.LayerContext;
import io.tacet.network.LayerPass;
import io.tacet.network.LayerSpec;
import io.tacet.network.LayerStep;
import io.tacet.network.MultiplyAdds;
import io.tacet.network.Numbers;
import io.tacet.network.PassShape;
import io.tacet.network.Run;
import io.tacet.network.Signal;
import io.tacet.network.Weights;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * A linear read-out with bias of steps: of their trace at the end, of the last, or of every one.
 */
public final class LinearReadout implements Layer {
  static final String NAME = "linear";

  /** What is read. */
  public enum Reads {
    /** The trace after the last step. */
    TRACE,
    /** The last step. */
    LAST_STEP,
    /** Every step. */
    EVERY_STEP
  }

  /**
   * A read-out.
   *
   * @param outputs classes, or size of the vocabulary
   * @param reads what is read; null for the trace where the layer below gives one, else the last
   *     step
   * @param tied whether the table of embeddings is also the matrix
   * @param weights initial weights; null for uniform ones within the inverse root of the number of
   *     units, and where the matrix is tied
   */
  public record Spec(int outputs, Reads reads, boolean tied, Weights weights) implements LayerSpec {
    /** Checks the number of outputs, and that a tied matrix has no weights of its own. */
    public Spec {
      Specs.positive("outputs", outputs);
      if (tied && weights != null) {
        throw new IllegalArgumentException(
            "weights: expected none for a tied read-out, whose weights are those of the embedding,"
                + " got "
                + weights
                + ".");
      }
    }

    /** With the usual initial weights. */
    public Spec(int outputs, Reads reads, boolean tied) {
      this(outputs, reads, tied, null);
    }

    @Override
    public String cell() {
      return NAME;
    }

    @Override
    public String name(int number) {
      return "readout";
    }

    @Override
    public boolean readsTrace() {
      return reads == Reads.TRACE;
    }

    @Override
    public LayerSpec above(LayerSpec below) {
      boolean given = below != null && below.givesTrace();
      if (reads == null) {
        return new Spec(outputs, given ? Reads.TRACE : Reads.LAST_STEP, tied, weights);
      }
      if (readsTrace() && !given) {
        throw new IllegalArgumentException(
            "reads: expected LAST_STEP or EVERY_STEP for a read-out above "
                + (below == null ? "the input" : "." + below.cell() + "(...)")
                + ", which gives no trace, got TRACE. Use .readoutOfLastStep(outputs); layers of"
                + " .egru(...) and .gru(...) give a trace.");
      }
      return this;
    }

    @Override
    public boolean readsEveryStep() {
      return reads == Reads.EVERY_STEP;
    }

    /** What is read once a sequence does not count. */
    @Override
    public MultiplyAdds multiplyAdds(Flow below, double belowActivity, double activity) {
      double all = readsEveryStep() ? (double) below.columns() * outputs : 0;
      return new MultiplyAdds(all, belowActivity * all);
    }

    @Override
    public Flow over(Flow below) {
      below.require(".readout", Flow.Kind.STEPS);
      return new Flow(Flow.Kind.VALUES, outputs);
    }

    @Override
    public void checkWithin(InputSpec input, List<LayerSpec> layers, Flow below) {
      boolean fits =
          layers.get(0) instanceof EmbeddingCell.Spec table
              && table.columns() == below.columns()
              && input.flow().columns() == outputs;
      if (tied && !fits) {
        throw new IllegalArgumentException(
            "tied: expected an embedding of "
                + below.columns()
                + " columns, as many as the last layer has units, and as many outputs as tokens,"
                + " got "
                + layers.get(0).toMap()
                + " and "
                + outputs
                + " outputs.");
      }
    }

    @Override
    public void draw(String name, Flow below, Draws draws, Numbers into) {
      if (!tied) {
        RandomGenerator random = draws.stream();
        into.put(name + ".weights", initial(below.columns(), random));
      }
      into.put(name + ".bias", new double[outputs]);
    }

    private double[] initial(int columns, RandomGenerator random) {
      if (weights != null) {
        return Specs.matrix(weights, outputs, columns, random);
      }
      double range = 1 / Math.sqrt(columns);
      double[] values = new double[Math.multiplyExact(outputs, columns)];
      Arrays.setAll(values, i -> symmetric(range, random));
      return values;
    }

    @Override
    public Layer create(LayerContext context) {
      return new LinearReadout(this, context);
    }

    @Override
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("outputs", outputs);
      map.put("reads", reads);
      map.put("tied", tied);
      if (weights != null) {
        map.put("weights", weights.toMap());
      }
      return map;
    }
  }

  static double symmetric(double range, RandomGenerator random) {
    return range * (2 * random.nextDouble() - 1);
  }

  static LayerSpec read(JsonObject json) throws JsonException {
    Specs.only(json, "outputs", "reads", "tied", "weights");
    return new Spec(
        json.integer("outputs"),
        json.has("reads") ? json.choice("reads", Reads.class) : null,
        json.flag("tied", false),
        json.has("weights") ? Weights.of(json.object("weights")) : null);
  }

  private final Spec spec;
  private final LayerContext context;
  private final LayerArrays arrays;
  private final DeviceArray weights;
  private final DeviceArray bias;
  private final DeviceArray weightGradient;
  private final DeviceArray biasGradient;

  private LinearReadout(Spec spec, LayerContext context) {
    this.spec = spec;
    this.context = context;
    this.arrays = context.arrays();
    String name = context.name();
    try {
      if (spec.tied()) {
        EmbeddingCell embedding = (EmbeddingCell) context.layers().get(0);
        weights = embedding.table();
        weightGradient = embedding.gradient();
      } else {
        weights = arrays.real(name + ".weights", spec.outputs(), context.below().columns());
        weightGradient = arrays.train(name + ".weights");
      }
      bias = arrays.real(name + ".bias", spec.outputs());
      biasGradient = arrays.trainFreely(name + ".bias");
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

  @Override
  public long synapses() {
    return weights.length();
  }

  @Override
  public LayerPass room(PassShape shape, LayerSpec reader) {
    return new Room(shape);
  }

  /** After each step, as if it were the last: what is below is then its trace or its step. */
  @Override
  public LayerStep step(int batch, LayerSpec reader) {
    StepProduct product = StepProduct.transposed(batch, weights);
    float[] offsets = bias.toFloats();
    float[] results = product.results();
    return below -> {
      product.add(below, offsets, results);
      return results;
    };
  }

  /** Buffers of a pass. */
  private final class Room implements LayerPass {
    private final DeviceArray values;
    private final DeviceArray errorsBelow;

    /** Null unless the last step is read. */
    private final LastStep lastStep;

    private final Resources resources = new Resources();

    Room(PassShape shape) {
      long columns = context.below().columns();
      long rows = spec.readsEveryStep() ? (long) shape.steps() * shape.batch() : shape.batch();
      try {
        values = context.buffer(resources, rows, spec.outputs());
        errorsBelow = shape.trains() ? context.buffer(resources, rows, columns) : null;
        lastStep =
            spec.reads() == Reads.LAST_STEP
                ? resources.own(new LastStep(context, shape, columns))
                : null;
      } catch (RuntimeException | Error e) {
        resources.close();
        throw e;
      }
    }

    /** Whether the last step is among those below, and not given alone. */
    private boolean takesLast(Signal below) {
      return lastStep != null && ((Signal.Steps) below).values() != null;
    }

    private DeviceArray read(Signal below) {
      return takesLast(below) ? lastStep.values() : ((Signal.Steps) below).read();
    }

    @Override
    public Signal forward(Signal below, Run run) {
      if (takesLast(below)) {
        lastStep.take(((Signal.Steps) below).values(), run.lengths());
      }
      Dense.multiplyTransposed(read(below), weights, false, values);
      Dense.addToRows(values, bias);
      return new Signal.Values(values);
    }

    /** A loss may overwrite the values: nobody needs them any more. */
    @Override
    public DeviceArray errors() {
      return values;
    }

    @Override
    public DeviceArray backward(Signal below, DeviceArray errors, boolean descend, Run run) {
      Dense.multiply(errors, weights, false, errorsBelow);
      Dense.addColumnSums(errors, biasGradient);
      return takesLast(below) ? lastStep.spread(errorsBelow, run.lengths()) : errorsBelow;
    }

    /** Last, since with a tied table the mask of dropped words is for the embeddings' part only. */
    @Override
    public void finish(Signal below, DeviceArray errors) {
      Dense.transposedMultiply(errors, read(below), true, weightGradient);
    }

    @Override
    public void close() {
      resources.close();
    }
  }
}
