package io.tacet.network.cells;

import io.tacet.dense.GainControl;
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
import java.util.LinkedHashMap;
import java.util.Map;

/** Inhibition of what the layer below sends in each step by its mean; see {@link GainControl}. */
public final class GainControlCell implements Layer {
  static final String NAME = "gain-control";

  /**
   * A layer.
   *
   * @param gain g, how much of the mean is taken from every unit; the initial one where it trains
   * @param trained whether g trains
   */
  public record Spec(double gain, boolean trained) implements LayerSpec {
    /** Checks what needs no network. */
    public Spec {
      if (!Double.isFinite(gain)) {
        throw new IllegalArgumentException("gain: expected a finite number, got " + gain + ".");
      }
    }

    @Override
    public String cell() {
      return NAME;
    }

    @Override
    public Flow over(Flow below) {
      below.require(".gainControl", Flow.Kind.STEPS);
      return below;
    }

    @Override
    public void draw(String name, Flow below, Draws draws, Numbers into) {
      into.put(name + ".gain", new double[] {gain});
    }

    @Override
    public Layer create(LayerContext context) {
      return new GainControlCell(this, context);
    }

    @Override
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("gain", gain);
      map.put("trained", trained);
      return map;
    }
  }

  static LayerSpec read(JsonObject json) throws JsonException {
    Specs.only(json, "gain", "trained");
    return new Spec(json.real("gain"), json.flag("trained", false));
  }

  private final Spec spec;
  private final LayerContext context;
  private final LayerArrays arrays;
  private final DeviceArray gain;

  /** Null where it does not train. */
  private final DeviceArray gainGradient;

  private GainControlCell(Spec spec, LayerContext context) {
    this.spec = spec;
    this.context = context;
    this.arrays = context.arrays();
    String name = context.name() + ".gain";
    try {
      gain = arrays.real(name, 1);
      gainGradient = spec.trained() ? arrays.trainFreely(name) : null;
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
  public LayerPass room(PassShape shape, LayerSpec reader) {
    return new Room(shape);
  }

  @Override
  public LayerStep step(int batch, LayerSpec reader) {
    int units = context.below().columns();
    float[] results = new float[Math.multiplyExact(batch, units)];
    float share = gain.toFloats()[0];
    return below -> {
      for (int from = 0; from < results.length; from += units) {
        float sum = 0;
        for (int i = from; i < from + units; i++) {
          sum += Math.max(0, below[i]);
        }
        for (int i = from; i < from + units; i++) {
          results[i] = Math.max(0, below[i] - share * (sum / units));
        }
      }
      return results;
    };
  }

  /** Buffers of a pass. */
  private final class Room implements LayerPass {
    private final DeviceArray values;
    private final Resources resources = new Resources();

    Room(PassShape shape) {
      int units = context.below().columns();
      values = context.buffer(resources, shape.steps(), shape.batch(), units);
    }

    @Override
    public Signal forward(Signal signal, Run run) {
      GainControl.apply(((Signal.Steps) signal).values(), gain, values);
      return new Signal.Steps(values, null);
    }

    @Override
    public DeviceArray backward(Signal signal, DeviceArray errors, boolean descend, Run run) {
      if (errors == null) {
        return null;
      }
      GainControl.backward(((Signal.Steps) signal).values(), gain, errors, gainGradient);
      return descend ? errors : null;
    }

    @Override
    public void close() {
      resources.close();
    }
  }
}
