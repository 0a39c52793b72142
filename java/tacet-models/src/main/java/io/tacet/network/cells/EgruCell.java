package io.tacet.network.cells;

import io.tacet.dense.Dense;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruState;
import io.tacet.egru.EgruTape;
import io.tacet.egru.EgruVariant;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.network.Connection;
import io.tacet.network.Draws;
import io.tacet.network.EventCounter;
import io.tacet.network.Flow;
import io.tacet.network.Layer;
import io.tacet.network.LayerArrays;
import io.tacet.network.LayerContext;
import io.tacet.network.LayerPass;
import io.tacet.network.LayerSpec;
import io.tacet.network.LayerState;
import io.tacet.network.MultiplyAdds;
import io.tacet.network.Numbers;
import io.tacet.network.PassShape;
import io.tacet.network.Run;
import io.tacet.network.Run.Mask;
import io.tacet.network.Signal;
import io.tacet.network.ThresholdDraw;
import io.tacet.network.Weights;
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
      requireDense("input", input);
      requireDense("recurrent", recurrent);
    }

    private static void requireDense(String name, Connection connection) {
      if (connection.kind() != Connection.Kind.DENSE || connection.delayed()) {
        throw new IllegalArgumentException(
            name
                + ": expected dense synapses without delays for .egru and .gru, which have no"
                + " kernel for others yet, got "
                + connection.toMap()
                + ". Layers of .lif(...) take CSR, fixed fan-out and delays.");
      }
    }

    @Override
    public String cell() {
      return egru.options().events() ? NAME : PLAIN;
    }

    @Override
    public int directions() {
      return egru.bidirectional() ? 2 : 1;
    }

    @Override
    public boolean hasEvents() {
      return true;
    }

    /** A token chooses its row of input weights without a product. */
    @Override
    public MultiplyAdds multiplyAdds(Flow below, double belowActivity, double activity) {
      double gates = 3.0 * directions() * units;
      double inputs = below.kind() == Flow.Kind.TOKENS ? 0 : below.columns() * gates;
      double within = units * gates;
      return new MultiplyAdds(inputs + within, belowActivity * inputs + activity * within);
    }

    @Override
    public Flow over(Flow below) {
      below.require("." + cell(), Flow.Kind.STEPS, Flow.Kind.TOKENS);
      return new Flow(Flow.Kind.STEPS, directions() * units);
    }

    @Override
    public void draw(String name, Flow below, Draws draws, Numbers into) {
      for (String strand : strands(name)) {
        into.put(strand + ".inputWeights", weights(input, below.columns(), draws.stream()));
        into.put(strand + ".recurrentWeights", weights(recurrent, units, draws.stream()));
        into.put(strand + ".inputBias", new double[3 * units]);
        into.put(strand + ".recurrentBias", new double[3 * units]);
        RandomGenerator random = draws.stream();
        double[] thresholds = new double[units];
        Arrays.setAll(thresholds, i -> egru.thresholdDraw().draw(egru.thresholdMean(), random));
        into.put(strand + ".thresholds", thresholds);
      }
    }

    private double[] weights(Connection connection, int from, RandomGenerator random) {
      Weights weights = connection.weightsOr(Weights.xavier());
      double[] values = new double[Math.multiplyExact(from, 3 * units)];
      Arrays.setAll(values, i -> weights.draw(random, from, 3.0 * units));
      return values;
    }

    /** Names of the directions, with which names of their arrays begin. */
    public List<String> strands(String name) {
      return egru.bidirectional() ? List.of(name, name + ".reverse") : List.of(name);
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
      map.put("bidirectional", egru.bidirectional());
      map.put("zoneout", options.zoneout());
      map.put("gamma", options.gamma());
      map.put("sharpness", options.sharpness());
      map.put("traceDecay", options.traceDecay());
      map.put("engine", options.engine());
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
        "zoneout",
        "gamma",
        "sharpness",
        "traceDecay",
        "engine",
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
            json.choice("engine", EgruEngine.class, usual.engine()));
    return new Spec(
        json.integer("units"),
        new io.tacet.network.Egru(
            options,
            json.flag("bidirectional", false),
            json.choice("thresholdDraw", ThresholdDraw.class, plain.thresholdDraw()),
            json.real("thresholdMean", plain.thresholdMean()),
            json.flag("trainThresholds", plain.trainThresholds())),
        Connection.of(json, "input"),
        Connection.of(json, "recurrent"));
  }

  private final Spec spec;
  private final LayerContext context;
  private final LayerArrays arrays;

  /** Names of the directions. */
  private final List<String> strands;

  private EgruCell(Spec spec, LayerContext context) {
    this.spec = spec;
    this.context = context;
    this.arrays = context.arrays();
    this.strands = spec.strands(context.name());
    long units = spec.units();
    try {
      for (String strand : strands) {
        arrays.real(strand + ".inputWeights", context.below().columns(), 3 * units);
        arrays.real(strand + ".recurrentWeights", units, 3 * units);
        arrays.real(strand + ".inputBias", 3 * units);
        arrays.real(strand + ".recurrentBias", 3 * units);
        arrays.real(strand + ".thresholds", units);
        arrays.train(strand + ".inputWeights");
        arrays.train(strand + ".recurrentWeights");
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
  public LayerPass room(PassShape shape, LayerSpec reader) {
    return new Room(shape, reader instanceof LinearReadout.Spec read && read.readsTrace());
  }

  /** One direction in a pass. */
  private final class Strand {
    final String name;
    final boolean reversed;
    final DeviceArray currents;
    final DeviceArray counts;
    final EgruTape tape;
    final DeviceArray connected;
    final EventCounter counter;

    Strand(int s, PassShape shape, Resources resources) {
      int units = spec.units();
      name = strands.get(s);
      reversed = s == 1;
      currents = array(resources, context.type(), shape.steps(), shape.batch(), 3L * units);
      counts = array(resources, DType.INT32, units);
      tape =
          shape.trains()
              ? resources.own(
                  shape
                      .training()
                      .tape()
                      .room(context.backend(), context.type(), shape.steps(), shape.batch(), units))
              : null;
      connected =
          shape.dropouts().connect() > 0
              ? array(resources, context.type(), units, 3L * units)
              : null;
      counter =
          new EventCounter(
              units,
              (long) shape.steps() * shape.batch(),
              counts::toInts,
              null,
              shape.trains() ? array(resources, context.type(), units) : null);
    }

    DeviceArray value(String what) {
      return arrays.value(name + what);
    }

    DeviceArray gradient(String what) {
      return arrays.gradientOf(name + what);
    }

    EgruLayer layer(DeviceArray recurrent) {
      return new EgruLayer(
          recurrent,
          value(".inputBias"),
          value(".recurrentBias"),
          value(".thresholds"),
          spec.egru().options());
    }

    EgruLayer layer() {
      return layer(connected == null ? value(".recurrentWeights") : connected);
    }

    EgruState first(Run run) {
      return run.state() == null
          ? null
          : new EgruState(run.state().first(name + ".y"), run.state().first(name + ".h"));
    }

    EgruState last(Run run) {
      return run.state() == null
          ? null
          : new EgruState(run.state().last(name + ".y"), run.state().last(name + ".h"));
    }
  }

  private DeviceArray array(Resources resources, DType type, long... shape) {
    return resources.own(context.backend().allocate(type, shape));
  }

  /** Buffers of a pass. */
  private final class Room implements LayerPass {
    private final PassShape shape;
    private final List<Strand> all = new ArrayList<>();
    private final DeviceArray values;
    private final DeviceArray trace;

    /** The rows that tokens select, where whole words are dropped. */
    private final DeviceArray table;

    private final Resources resources = new Resources();
    private double expected = Double.NaN;

    Room(PassShape shape, boolean readsTrace) {
      this.shape = shape;
      try {
        for (int s = 0; s < strands.size(); s++) {
          all.add(new Strand(s, shape, resources));
        }
        long columns = (long) spec.directions() * spec.units();
        values =
            readsTrace
                ? null
                : array(resources, context.type(), shape.steps(), shape.batch(), columns);
        trace = readsTrace ? array(resources, context.type(), shape.batch(), columns) : null;
        boolean drops = shape.dropouts().word() > 0 && context.below().kind() == Flow.Kind.TOKENS;
        table =
            drops
                ? array(resources, context.type(), context.below().columns(), 3L * spec.units())
                : null;
      } catch (RuntimeException | Error e) {
        resources.close();
        throw e;
      }
    }

    @Override
    public Signal forward(Signal below, Run run) {
      for (Strand strand : all) {
        strand.counter.begin();
        enter(strand, below, run);
        strand.counts.zero();
        connect(strand, value(strand), strand.connected, run);
        Egru.forward(
            strand.layer(),
            inputs(strand, run),
            new EgruOutputs(values, trace, strand.last(run), strand.counts),
            strand.tape);
      }
      return new Signal.Steps(values, trace);
    }

    private DeviceArray value(Strand strand) {
      return strand.value(".recurrentWeights");
    }

    /** Currents of all steps. */
    private void enter(Strand strand, Signal below, Run run) {
      DeviceArray weights = strand.value(".inputWeights");
      if (below instanceof Signal.Tokens tokens) {
        Dense.gatherRows(dropWords(weights, table, run), tokens.rows(), strand.currents);
      } else {
        Dense.multiply(((Signal.Steps) below).values(), weights, false, strand.currents);
      }
    }

    private DeviceArray dropWords(DeviceArray source, DeviceArray target, Run run) {
      return WordDropout.apply(shape, run, source, target);
    }

    /** DropConnect of recurrent weights, or of their gradient; the mask is that of the pass. */
    private void connect(Strand strand, DeviceArray source, DeviceArray target, Run run) {
      if (strand.connected != null) {
        Dense.dropout(
            source,
            shape.dropouts().connect(),
            run.mask(Mask.CONNECT, place(strand)),
            1,
            source.length(),
            target);
      }
    }

    private int place(Strand strand) {
      return context.strand() + (strand.reversed ? 1 : 0);
    }

    private EgruInputs inputs(Strand strand, Run run) {
      return new EgruInputs(
          strand.currents,
          null,
          strand.first(run),
          shape.trains(),
          run.mask(Mask.ZONEOUT, place(strand)),
          strand.reversed,
          expected);
    }

    @Override
    public DeviceArray backward(Signal below, DeviceArray errors, boolean descend, Run run) {
      for (Strand strand : all) {
        DeviceArray recurrent = strand.gradient(".recurrentWeights");
        Egru.backward(
            strand.layer(),
            inputs(strand, run),
            strand.tape,
            new EgruErrors(
                trace == null ? errors : null,
                trace == null ? null : errors,
                null,
                strand.counter.pushed()),
            new EgruGradients(
                strand.currents,
                recurrent,
                strand.gradient(".inputBias"),
                strand.gradient(".recurrentBias"),
                strand.gradient(".thresholds"),
                null));
        connect(strand, recurrent, recurrent, run);
      }
      return leave(below, descend, run);
    }

    /** Gradients of the input weights, and the errors of what is below in its place. */
    private DeviceArray leave(Signal below, boolean descend, Run run) {
      if (below instanceof Signal.Tokens tokens) {
        Strand only = all.get(0);
        DeviceArray gradient = only.gradient(".inputWeights");
        Dense.scatterAddRows(only.currents, tokens.rows(), gradient);
        dropWords(gradient, table == null ? null : gradient, run);
        return null;
      }
      DeviceArray values = ((Signal.Steps) below).values();
      for (Strand strand : all) {
        Dense.transposedMultiply(values, strand.currents, true, strand.gradient(".inputWeights"));
      }
      if (!descend) {
        return null;
      }
      for (Strand strand : all) {
        Dense.multiplyTransposed(
            strand.currents, strand.value(".inputWeights"), strand.reversed, values);
      }
      return values;
    }

    @Override
    public List<EventCounter> counters() {
      return all.stream().map(strand -> strand.counter).toList();
    }

    @Override
    public void expect(double activity) {
      expected = activity;
    }

    @Override
    public double backwardSparsity() {
      return all.stream()
          .mapToDouble(s -> s.tape.backwardSparsity(s.layer(value(s)), null))
          .average()
          .orElse(Double.NaN);
    }

    @Override
    public double[] activityBySteps() {
      double[] activity = new double[shape.steps()];
      for (Strand strand : all) {
        int[] bits = strand.tape.events().toInts();
        for (int w = 0; w < bits.length; w++) {
          activity[(int) ((long) w * activity.length / bits.length)] += Integer.bitCount(bits[w]);
        }
      }
      double possible = (double) shape.batch() * spec.directions() * spec.units();
      return Arrays.stream(activity).map(events -> events / possible).toArray();
    }

    @Override
    public void close() {
      resources.close();
    }
  }
}
