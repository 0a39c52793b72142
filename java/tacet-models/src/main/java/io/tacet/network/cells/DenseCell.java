package io.tacet.network.cells;

import io.tacet.dense.Activation;
import io.tacet.dense.Dense;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.Connection;
import io.tacet.network.Draws;
import io.tacet.network.Flow;
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
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** A dense layer on steps, each step by itself: act(x W + b). */
public final class DenseCell implements Layer {
  static final String NAME = "dense";

  /**
   * A layer.
   *
   * @param units number of them
   * @param activation act
   * @param input weights from below
   */
  public record Spec(int units, Activation activation, Connection input) implements LayerSpec {
    /** Checks what needs no network. */
    public Spec {
      Specs.positive("units", units);
      Objects.requireNonNull(activation, "activation");
      StepInput.check(".dense", input);
      Specs.refuseGates("input", ".dense", input);
    }

    @Override
    public String cell() {
      return NAME;
    }

    @Override
    public MultiplyAdds multiplyAdds(Flow below, double belowActivity, double activity) {
      double all = StepInput.multiplyAdds(below.columns(), units, 1, input);
      return new MultiplyAdds(all, belowActivity * all);
    }

    @Override
    public Flow over(Flow below) {
      below.require(".dense", Flow.Kind.STEPS);
      StepInput.check(".dense", below, units, input);
      return new Flow(Flow.Kind.STEPS, units);
    }

    @Override
    public void draw(String name, Flow below, Draws draws, Numbers into) {
      StepInput.draw(into, name, below.columns(), units, 1, input, draws.stream());
      into.put(name + ".bias", new double[units]);
    }

    @Override
    public Layer create(LayerContext context) {
      return new DenseCell(this, context);
    }

    @Override
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("units", units);
      map.put("activation", activation);
      map.put("input", input.toMap());
      return map;
    }
  }

  static LayerSpec read(JsonObject json) throws JsonException {
    Specs.only(json, "units", "activation", "input");
    return new Spec(
        json.integer("units"),
        json.choice("activation", Activation.class),
        Connection.of(json, "input"));
  }

  private final Spec spec;
  private final LayerContext context;
  private final LayerArrays arrays;
  private final StepInput input;
  private final DeviceArray bias;
  private final DeviceArray biasGradient;

  private DenseCell(Spec spec, LayerContext context) {
    this.spec = spec;
    this.context = context;
    this.arrays = context.arrays();
    String name = context.name();
    try {
      input = new StepInput(context, arrays, name, spec.units(), 1, spec.input());
      bias = arrays.real(name + ".bias", spec.units());
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
    return input.synapses();
  }

  @Override
  public LayerPass room(PassShape shape, LayerSpec reader) {
    return new Room(shape);
  }

  @Override
  public LayerStep step(int batch, LayerSpec reader) {
    StepProduct product = input.product(batch);
    float[] offsets = bias.toFloats();
    float[] results = product.results();
    return below -> {
      product.add(below, offsets, results);
      StepProduct.activate(spec.activation(), results);
      return results;
    };
  }

  /** Buffers of a pass. */
  private final class Room implements LayerPass {
    private final DeviceArray values;
    private final StepInput.Room below;

    /** Values as the backward pass needs them: the layer above masks and replaces the others. */
    private final DeviceArray kept;

    private final Resources resources = new Resources();

    Room(PassShape shape) {
      boolean keeps = shape.trains() && spec.activation() != Activation.IDENTITY;
      try {
        values = context.buffer(resources, shape.steps(), shape.batch(), spec.units());
        below = resources.own(input.room(shape));
        kept =
            keeps ? context.buffer(resources, shape.steps(), shape.batch(), spec.units()) : values;
      } catch (RuntimeException | Error e) {
        resources.close();
        throw e;
      }
    }

    @Override
    public Signal forward(Signal signal, Run run) {
      below.forward(((Signal.Steps) signal).values(), kept);
      Dense.addToRows(kept, bias);
      Dense.activate(kept, spec.activation());
      if (kept != values) {
        Dense.activate(kept, Activation.IDENTITY, values);
      }
      return new Signal.Steps(values, null);
    }

    @Override
    public DeviceArray backward(Signal signal, DeviceArray errors, boolean descend, Run run) {
      if (errors == null) {
        return null;
      }
      if (kept != values) {
        Dense.activateBackward(kept, errors, spec.activation());
      }
      Dense.addColumnSums(errors, biasGradient);
      return below.backward(signal, errors, descend);
    }

    @Override
    public void close() {
      resources.close();
    }
  }
}
