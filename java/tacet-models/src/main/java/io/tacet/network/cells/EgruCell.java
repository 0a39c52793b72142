package io.tacet.network.cells;

import io.tacet.egru.Egru;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.Connection;
import io.tacet.network.Direction;
import io.tacet.network.Draws;
import io.tacet.network.Flow;
import io.tacet.network.Layer;
import io.tacet.network.LayerArrays;
import io.tacet.network.LayerContext;
import io.tacet.network.LayerPass;
import io.tacet.network.LayerSpec;
import io.tacet.network.LayerState;
import io.tacet.network.LayerStep;
import io.tacet.network.MultiplyAdds;
import io.tacet.network.Numbers;
import io.tacet.network.PassShape;
import io.tacet.network.RecurrentSynapses;
import io.tacet.network.ThresholdDraw;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Event-gated recurrent units on steps or tokens, or a plain GRU where events are switched off; see
 * {@link Egru}. A token selects a row of the input weights.
 */
public final class EgruCell implements Layer {
  static final String NAME = "egru";
  static final String PLAIN = "gru";

  /**
   * A layer.
   *
   * @param units in each direction
   * @param egru settings
   * @param input weights from below
   * @param recurrent weights within the layer
   */
  public record Spec(int units, io.tacet.network.Egru egru, Connection input, Connection recurrent)
      implements LayerSpec {
    /** Checks what needs no network. */
    public Spec {
      Specs.positive("units", units);
      StepInput.check("." + cellOf(egru), input);
      if (egru.direction() == Direction.BOTH && !input.isDense()) {
        throw new IllegalArgumentException(
            "input: expected dense synapses for a bidirectional layer, got "
                + input.toMap()
                + ". Layers in one direction take CSR.");
      }
      StepRecurrent.check("." + cellOf(egru), units, recurrent);
      EgruEngine engine = egru.options().engine();
      if (!recurrent.isDense() && engine != EgruEngine.AUTO && engine != EgruEngine.EVENT) {
        throw new IllegalArgumentException(
            "engine: expected AUTO or EVENT with sparse recurrent synapses, got " + engine + ".");
      }
    }

    @Override
    public String cell() {
      return cellOf(egru);
    }

    private static String cellOf(io.tacet.network.Egru egru) {
      return egru.options().events() ? NAME : PLAIN;
    }

    @Override
    public boolean givesTrace() {
      return true;
    }

    @Override
    public double traceDecay() {
      return egru.options().traceDecay();
    }

    @Override
    public int directions() {
      return egru.direction() == Direction.BOTH ? 2 : 1;
    }

    @Override
    public boolean seesLaterSteps() {
      return egru.direction() != Direction.FORWARD;
    }

    @Override
    public boolean hasEvents() {
      return true;
    }

    /** A token chooses its row of input weights without a product. */
    @Override
    public MultiplyAdds multiplyAdds(Flow below, double belowActivity, double activity) {
      boolean selects = below.kind() == Flow.Kind.TOKENS;
      double each = StepInput.multiplyAdds(below.columns(), units, 3, input);
      double inputs = selects ? 0 : directions() * each;
      double within = directions() * StepRecurrent.multiplyAdds(units, 3, recurrent);
      return new MultiplyAdds(inputs + within, belowActivity * inputs + activity * within);
    }

    @Override
    public Flow over(Flow below) {
      below.require("." + cell(), Flow.Kind.STEPS, Flow.Kind.TOKENS);
      StepInput.check("." + cell(), below, units, input);
      return new Flow(Flow.Kind.STEPS, directions() * units);
    }

    @Override
    public void draw(String name, Flow below, Draws draws, Numbers into) {
      for (String strand : strands(name)) {
        StepInput.draw(into, strand, below.columns(), units, 3, input, draws.stream());
        StepRecurrent.draw(into, strand, units, 3, recurrent, draws.stream());
        into.put(strand + ".inputBias", new double[3 * units]);
        into.put(strand + ".recurrentBias", new double[3 * units]);
        RandomGenerator random = draws.stream();
        double[] thresholds = new double[units];
        Arrays.setAll(thresholds, i -> egru.thresholdDraw().draw(egru.thresholdMean(), random));
        into.put(strand + ".thresholds", thresholds);
      }
    }

    /** Names of the directions, with which names of their arrays begin. */
    public List<String> strands(String name) {
      return directions() == 2 ? List.of(name, name + ".reverse") : List.of(name);
    }

    /** Whether one of them, counted from 0, goes backward in time. */
    public boolean reversed(int strand) {
      return strand == 1 || egru.direction() == Direction.BACKWARD;
    }

    @Override
    public Layer create(LayerContext context) {
      return new EgruCell(this, context);
    }

    @Override
    public Map<String, Object> toMap() {
      EgruOptions options = egru.options();
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("units", units);
      map.put("variant", options.variant());
      map.put("bidirectional", egru.direction() == Direction.BOTH);
      if (egru.direction() == Direction.BACKWARD) {
        map.put("reversed", true);
      }
      map.put("zoneout", options.zoneout());
      map.put("gamma", options.gamma());
      map.put("sharpness", options.sharpness());
      map.put("traceDecay", options.traceDecay());
      map.put("engine", options.engine());
      if (options.clips()) {
        map.put("clip", options.clip());
      }
      map.put("thresholdDraw", egru.thresholdDraw());
      map.put("thresholdMean", egru.thresholdMean());
      map.put("trainThresholds", egru.trainThresholds());
      map.put("input", input.toMap());
      map.put("recurrent", recurrent.toMap());
      return map;
    }
  }

  static LayerSpec read(JsonObject json) throws JsonException {
    return read(json, EgruOptions.defaults());
  }

  static LayerSpec readPlain(JsonObject json) throws JsonException {
    return read(json, EgruOptions.defaults().withoutEvents());
  }

  private static LayerSpec read(JsonObject json, EgruOptions usual) throws JsonException {
    Specs.only(
        json,
        "units",
        "variant",
        "bidirectional",
        "reversed",
        "zoneout",
        "gamma",
        "sharpness",
        "traceDecay",
        "engine",
        "clip",
        "thresholdDraw",
        "thresholdMean",
        "trainThresholds",
        "input",
        "recurrent");
    io.tacet.network.Egru plain = io.tacet.network.Egru.defaults();
    EgruOptions options =
        new EgruOptions(
            json.choice("variant", EgruVariant.class, usual.variant()),
            usual.events(),
            json.real("zoneout", usual.zoneout()),
            json.real("gamma", usual.gamma()),
            json.real("sharpness", usual.sharpness()),
            json.real("traceDecay", usual.traceDecay()),
            json.choice("engine", EgruEngine.class, usual.engine()),
            json.real("clip", usual.clip()));
    return new Spec(
        json.integer("units"),
        new io.tacet.network.Egru(
            options,
            direction(json),
            json.choice("thresholdDraw", ThresholdDraw.class, plain.thresholdDraw()),
            json.real("thresholdMean", plain.thresholdMean()),
            json.flag("trainThresholds", plain.trainThresholds())),
        Connection.of(json, "input"),
        Connection.of(json, "recurrent"));
  }

  private static Direction direction(JsonObject json) throws JsonException {
    boolean both = json.flag("bidirectional", false);
    boolean reversed = json.flag("reversed", false);
    if (both && reversed) {
      throw json.problem("reversed", "expected false for a bidirectional layer, found true");
    }
    return both ? Direction.BOTH : reversed ? Direction.BACKWARD : Direction.FORWARD;
  }

  final Spec spec;
  final LayerContext context;
  final LayerArrays arrays;

  /** Names of the directions. */
  final List<String> strands;

  /** The input of each. */
  final List<StepInput> inputs = new ArrayList<>();

  /** The recurrent weights of each. */
  final List<StepRecurrent> recurrents = new ArrayList<>();

  private EgruCell(Spec spec, LayerContext context) {
    this.spec = spec;
    this.context = context;
    this.arrays = context.arrays();
    this.strands = spec.strands(context.name());
    long units = spec.units();
    try {
      for (String strand : strands) {
        inputs.add(new StepInput(context, arrays, strand, spec.units(), 3, spec.input()));
        recurrents.add(new StepRecurrent(arrays, strand, spec.units(), 3, spec.recurrent()));
        arrays.real(strand + ".inputBias", 3 * units);
        arrays.real(strand + ".recurrentBias", 3 * units);
        arrays.real(strand + ".thresholds", units);
        double none = Double.POSITIVE_INFINITY;
        arrays.train(strand + ".inputBias", -none, none, 1);
        arrays.train(strand + ".recurrentBias", -none, none, 1);
        if (spec.egru().trainThresholds() && spec.egru().options().events()) {
          arrays.train(strand + ".thresholds", 0, 1, 1);
        }
      }
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
  public LayerState state(int batch) {
    LayerState state = new LayerState();
    for (String strand : strands) {
      for (String what : new String[] {".y", ".h"}) {
        state.add(
            strand + what, () -> context.backend().allocate(context.type(), batch, spec.units()));
      }
    }
    return state;
  }

  @Override
  public long synapses() {
    return inputs.stream().mapToLong(StepInput::synapses).sum()
        + recurrents.stream().mapToLong(StepRecurrent::synapses).sum();
  }

  @Override
  public List<RecurrentSynapses> recurrent() {
    return recurrents.stream().map(StepRecurrent::view).toList();
  }

  @Override
  public LayerPass room(PassShape shape, LayerSpec reader) {
    return new EgruPass(this, shape, reader != null && reader.readsTrace());
  }

  @Override
  public LayerStep step(int batch, LayerSpec reader) {
    return new EgruStepper(this, batch, reader != null && reader.readsTrace());
  }

  /** An array of a pass. */
  DeviceArray array(Resources owner, DType type, long... shape) {
    return owner.own(context.backend().allocate(type, shape));
  }
}
