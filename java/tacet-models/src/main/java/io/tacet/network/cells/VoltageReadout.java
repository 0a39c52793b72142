package io.tacet.network.cells;

import io.tacet.eventprop.GridReadouts;
import io.tacet.eventprop.ReadoutLayer;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.eventprop.Spikes;
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
import io.tacet.network.Numbers;
import io.tacet.network.PassShape;
import io.tacet.network.Run;
import io.tacet.network.Signal;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Leaky integrators on event times, read out by one number of their voltage each; see {@link
 * io.tacet.eventprop.Readouts}.
 */
public final class VoltageReadout implements Layer {
  static final String NAME = "voltage";

  /**
   * A read-out.
   *
   * @param neurons outputs
   * @param tauMem membrane time constant in ms
   * @param tauSyn synaptic time constant in ms
   * @param input synapses from below, without delays
   * @param reduction what is read from the voltage
   */
  public record Spec(
      int neurons, double tauMem, double tauSyn, Connection input, Reduction reduction)
      implements LayerSpec {
    /** Checks what needs no network. */
    public Spec {
      Specs.positive("outputs", neurons);
      if (!(tauMem > 0 && tauMem < Double.POSITIVE_INFINITY)
          || !(tauSyn > 0 && tauSyn < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "tauMem, tauSyn: expected positive numbers of ms, got "
                + tauMem
                + " and "
                + tauSyn
                + ".");
      }
      if (!input.isDense() || input.delayed() || input.weights() == null) {
        throw new IllegalArgumentException(
            "input: expected dense synapses with initial weights and without delays for a read-out"
                + " of voltages, got "
                + input
                + ". Layers of .lif(...) take CSR, fixed fan-out and delays.");
      }
    }

    @Override
    public String cell() {
      return NAME;
    }

    @Override
    public Flow over(Flow below) {
      below.require(".readout(outputs, tauMem, tauSyn, ...)", Flow.Kind.SPIKES);
      return new Flow(Flow.Kind.VALUES, neurons);
    }

    @Override
    public void draw(String name, Flow below, Draws draws, Numbers into) {
      SynapseDraw.draw(into, name + ".", below.columns(), neurons, input, draws);
      into.fill(name + ".tauMem", tauMem, 1);
      into.fill(name + ".tauSyn", tauSyn, 1);
    }

    @Override
    public Layer create(LayerContext context) {
      return new VoltageReadout(this, context);
    }

    @Override
    public Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("neurons", neurons);
      map.put("tauMem", tauMem);
      map.put("tauSyn", tauSyn);
      map.put("input", input.toMap());
      map.put("reduction", reduction);
      return map;
    }
  }

  static LayerSpec read(JsonObject json) throws JsonException {
    Specs.only(json, "neurons", "tauMem", "tauSyn", "input", "reduction");
    return new Spec(
        json.integer("neurons"),
        json.real("tauMem"),
        json.real("tauSyn"),
        Connection.of(json, "input"),
        json.choice("reduction", Reduction.class));
  }

  private final Spec spec;
  private final LayerContext context;
  private final LayerArrays arrays;
  private final ReadoutLayer layer;
  private final DeviceArray gradient;

  private VoltageReadout(Spec spec, LayerContext context) {
    this.spec = spec;
    this.context = context;
    this.arrays = context.arrays();
    String name = context.name();
    try {
      layer =
          new ReadoutLayer(
              SynapseDraw.view(
                  arrays, name + ".", context.below().columns(), spec.neurons(), spec.input()),
              arrays.real(name + ".tauMem"),
              arrays.real(name + ".tauSyn"),
              context.network().duration(),
              spec.reduction());
      gradient = arrays.train(name + ".weights");
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
    return gradient.length();
  }

  @Override
  public LayerPass room(PassShape shape, LayerSpec reader) {
    return new Room(shape);
  }

  /** Buffers of a pass. */
  public final class Room implements LayerPass {
    private final DeviceArray values;
    private final DeviceArray errors;
    private final DeviceArray times;
    private final Resources resources = new Resources();
    private Spikes below;

    /** Whether a loss has added the gradients already. */
    private boolean done;

    Room(PassShape shape) {
      try {
        values = context.buffer(resources, shape.batch(), spec.neurons());
        errors = context.buffer(resources, shape.batch(), spec.neurons());
        times = context.buffer(resources, shape.batch(), spec.neurons());
      } catch (RuntimeException | Error e) {
        resources.close();
        throw e;
      }
    }

    @Override
    public Signal forward(Signal signal, Run run) {
      done = false;
      below = ((Signal.Events) signal).spikes();
      context.network().simulator().readoutForward(layer, below, values, times);
      return new Signal.Values(values);
    }

    /**
     * The cross-entropy of the voltages at every step of the grid, forward and backward in one:
     * adds the gradients of this layer, which the backward pass then leaves out. See {@link
     * GridReadouts#crossEntropyOverTime}.
     *
     * @param dt step in ms
     * @param known what the labels are
     */
    public void crossEntropyOverTime(
        double dt, DeviceArray labels, int[] known, DeviceArray losses, DeviceArray predicted) {
      GridReadouts.crossEntropyOverTime(
          layer, dt, below, labels, known, losses, predicted, gradient);
      done = true;
    }

    @Override
    public DeviceArray backward(Signal signal, DeviceArray given, boolean descend, Run run) {
      if (!done) {
        context.network().simulator().readoutBackward(layer, below, given, times, gradient);
      }
      return null;
    }

    @Override
    public DeviceArray errors() {
      return errors;
    }

    @Override
    public void close() {
      resources.close();
    }
  }
}
