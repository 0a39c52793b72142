package io.tacet.onnx;

import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.network.Direction;
import io.tacet.onnx.Computed.Axis;
import io.tacet.onnx.Computed.Kind;
import io.tacet.onnx.Computed.Read;
import io.tacet.onnx.internal.Onnx.GraphProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** The Scans that export writes: event-gated units and their trace. */
final class ScanOperator implements Operator {
  private final Map<String, Value> known;

  /**
   * For one graph.
   *
   * @param known values by name, from which bodies take their constants
   */
  ScanOperator(Map<String, Value> known) {
    this.known = known;
  }

  @Override
  public List<Value> apply(Node node) throws ModelProblem {
    node.only(3, "body", "num_scan_inputs", "scan_input_directions", "scan_output_directions");
    GraphProto body = node.graph("body");
    Scans.Shape shape = Scans.Shape.of(body);
    Map<String, String> trace = shape.parts(Scans.trace(1, UnaryOperator.identity()));
    if (trace != null) {
      return trace(node, trace);
    }
    for (Scans.Kind kind : Scans.Kind.all()) {
      Map<String, String> parts = shape.parts(Scans.units(kind, 1, UnaryOperator.identity()));
      if (parts != null) {
        return units(node, kind, parts);
      }
    }
    throw node.problem(
        "the body of one that Tacet writes for event-gated units or their trace", "another one");
  }

  private List<Value> units(Node node, Scans.Kind kind, Map<String, String> parts)
      throws ModelProblem {
    requireOne(node, parts);
    requireZeros(node, 0);
    requireZeros(node, 1);
    Direction direction = direction(node, true);
    Computed currents = inTime(node, node.computed(2));
    int units = currents.features(node) / 3;
    if (units < 1 || currents.columns() != 3 * units) {
      throw node.problem("currents of 3 gates", currents.columns() + " columns");
    }
    Draft.Strand strand = strand(node, kind, parts, currents, units);
    EgruOptions options = EgruOptions.defaults().variant(kind.variant());
    options = kind.events() ? options : options.withoutEvents();
    if (kind.zoneout()) {
      options = options.zoneout(fraction(node, parts.get(Scans.ZONEOUT)));
    }
    Draft layer = new Draft.Gated(options, units, direction, List.of(strand), node.name());
    List<Draft> layers = new ArrayList<>(currents.layers());
    layers.set(layers.size() - 1, layer);
    List<Axis> axes = new ArrayList<>(currents.axes());
    axes.set(axes.size() - 1, new Axis(Kind.FEATURES, units));
    Computed all =
        new Computed(
            currents.input(),
            List.copyOf(layers),
            List.copyOf(axes),
            currents.time(),
            Read.STEPS,
            -1,
            true,
            null);
    return List.of(
        new Value.Part("the last events", all, 0), new Value.Part("the last states", all, 0), all);
  }

  /** Of the sums below, its input weights and their bias. */
  private Draft.Strand strand(
      Node node, Scans.Kind kind, Map<String, String> parts, Computed currents, int units)
      throws ModelProblem {
    Tensor input;
    double[] bias;
    if (currents.top() instanceof Draft.Dense dense && dense.activation() == Activation.IDENTITY) {
      input = dense.weights();
      bias = dense.bias();
    } else if (currents.top() instanceof Draft.Embedding table) {
      input = table.table();
      bias = table.bias() == null ? new double[3 * units] : table.bias();
    } else {
      throw node.problem("currents that are products with weights", "'" + node.inputName(2) + "'");
    }
    double[] recurrent;
    double[] recurrentBias = new double[3 * units];
    if (kind.variant() == EgruVariant.PAPER) {
      Tensor gates = tensor(node, parts.get(Scans.GATES), units, 2 * units);
      Tensor candidate = tensor(node, parts.get(Scans.CANDIDATE), units, units);
      recurrent = beside(gates.values(), candidate.values(), units);
    } else {
      recurrent = tensor(node, parts.get(Scans.RECURRENT), units, 3 * units).values();
      recurrentBias = tensor(node, parts.get(Scans.RECURRENT_BIAS), 3 * units).values();
    }
    double[] thresholds =
        kind.events() ? tensor(node, parts.get(Scans.THRESHOLDS), units).values() : null;
    return new Draft.Strand(input.values(), recurrent, bias, recurrentBias, thresholds);
  }

  private static double[] beside(double[] gates, double[] candidate, int units) {
    double[] all = new double[3 * units * units];
    for (int j = 0; j < units; j++) {
      System.arraycopy(gates, j * 2 * units, all, j * 3 * units, 2 * units);
      System.arraycopy(candidate, j * units, all, (3 * j + 2) * units, units);
    }
    return all;
  }

  private List<Value> trace(Node node, Map<String, String> parts) throws ModelProblem {
    requireOne(node, parts);
    requireZeros(node, 0);
    Direction direction = direction(node, false);
    Computed sent = inTime(node, node.computed(1));
    if (!(sent.top() instanceof Draft.Gated units) || units.direction() != direction) {
      throw node.problem("what gated units of the same direction send", sent.describe());
    }
    sent.features(node);
    EgruOptions options = units.options().traceDecay(fraction(node, parts.get(Scans.DECAY)));
    Draft traced =
        new Draft.Gated(options, units.units(), direction, units.strands(), units.node());
    return List.of(
        sent.replaceTop(traced).read(Read.TRACE, sent.axes().subList(1, sent.axes().size())));
  }

  private static Direction direction(Node node, boolean gives) throws ModelProblem {
    if (node.integer("num_scan_inputs", 1) != 1) {
      throw node.problem(
          "one input along steps", Long.toString(node.integer("num_scan_inputs", 1)));
    }
    List<Long> in = node.integers("scan_input_directions");
    List<Long> out = node.integers("scan_output_directions");
    boolean reversed = in != null && in.equals(List.of(1L));
    if (gives && reversed != (out != null && out.equals(List.of(1L)))) {
      throw node.problem("input and output in the same direction", in + " and " + out);
    }
    return reversed ? Direction.BACKWARD : Direction.FORWARD;
  }

  private static Computed inTime(Node node, Computed signal) throws ModelProblem {
    Kind first = signal.axes().get(0).kind();
    boolean outer = first == Kind.FIRST || first == Kind.SECOND;
    if (!outer
        || signal.axes().size() != 3
        || signal.read() != Read.STEPS
        || (signal.time() != null && signal.time() != first)) {
      throw node.problem("an input of steps, samples and units", signal.describe());
    }
    if (signal.lengths() != null) {
      throw node.problem(
          "layers without sequence_lens below a Scan, which has none", "" + signal.lengths());
    }
    return new Computed(
        signal.input(),
        signal.layers(),
        signal.axes(),
        first,
        Read.STEPS,
        signal.direction(),
        false,
        null);
  }

  private static void requireZeros(Node node, int k) throws ModelProblem {
    if (!(node.input(k) instanceof Value.Zeros)) {
      throw node.problem("a state of zeros to begin with", "'" + node.inputName(k) + "'");
    }
  }

  private void requireOne(Node node, Map<String, String> parts) throws ModelProblem {
    double one = number(node, parts.get(Scans.ONE));
    if (one != 1) {
      throw node.problem("shares that sum up to 1", "to " + one);
    }
  }

  private Tensor tensor(Node node, String name, int... dims) throws ModelProblem {
    if (!(known.get(name) instanceof Value.Constant constant)) {
      throw node.problem("a constant '" + name + "' for its body", "none");
    }
    Tensor tensor = constant.tensor();
    if (!Arrays.equals(tensor.dims(), dims)) {
      throw node.problem(
          "'" + name + "' to have the shape " + Arrays.toString(dims), tensor.shape());
    }
    return tensor;
  }

  /** A number as it is written in decimals: 0.9, not what single precision makes of it. */
  private double number(Node node, String name) throws ModelProblem {
    Tensor tensor = tensor(node, name);
    return Double.parseDouble(Float.toString((float) tensor.values()[0]));
  }

  /** A zoneout or the decay of a trace. */
  private double fraction(Node node, String name) throws ModelProblem {
    double value = number(node, name);
    if (!(value >= 0 && value < 1)) {
      throw node.problem(name + " in [0, 1)", Double.toString(value));
    }
    return value;
  }
}
