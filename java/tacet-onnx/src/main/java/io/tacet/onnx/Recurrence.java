package io.tacet.onnx;

import io.tacet.network.Direction;
import io.tacet.onnx.Computed.Axis;
import io.tacet.onnx.Computed.Kind;
import io.tacet.onnx.Computed.Read;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * What GRU and RNN have in common.
 *
 * @param weights W, [directions][gates units][from]
 * @param recurrent R, [directions][gates units][units]
 * @param bias B, [directions][2 gates units], zeros where there is none
 */
record Recurrence(
    Computed x,
    boolean samplesFirst,
    Direction direction,
    int from,
    int units,
    Tensor weights,
    Tensor recurrent,
    Tensor bias) {

  static Recurrence of(Node node, int gates) throws ModelProblem {
    long layout = node.integer("layout", 0);
    if (layout != 0 && layout != 1) {
      throw node.problem("layout to be 0 or 1", Long.toString(layout));
    }
    Direction direction =
        switch (node.text("direction", "forward").toLowerCase(Locale.ROOT)) {
          case "forward" -> Direction.FORWARD;
          case "reverse" -> Direction.BACKWARD;
          case "bidirectional" -> Direction.BOTH;
          default ->
              throw node.problem(
                  "the direction forward, reverse or bidirectional",
                  "'" + node.text("direction", "") + "'");
        };
    Computed x = inTime(node.computed(0), layout == 1, node);
    int directions = direction == Direction.BOTH ? 2 : 1;
    int units = node.constant(2, directions, -1, -1).dims()[2];
    if (units < 1 || node.integer("hidden_size", units) != units) {
      throw node.problem(
          "hidden_size to be the last dimension of R, " + units,
          Long.toString(node.integer("hidden_size", units)));
    }
    int rows = Math.multiplyExact(gates, units);
    int from = x.features(node);
    Tensor bias =
        node.optional(3) == null
            ? new Tensor(
                "none", new int[] {directions, 2 * rows}, new double[2 * rows * directions], false)
            : node.constant(3, directions, 2 * rows);
    requireZeros(node);
    return new Recurrence(
        x.lengths(lengths(node, x, layout == 1)),
        layout == 1,
        direction,
        from,
        units,
        node.constant(1, directions, rows, from),
        node.constant(2, directions, rows, units),
        bias);
  }

  /** The input, of which the axis of steps is known now. */
  private static Computed inTime(Computed x, boolean samplesFirst, Node node) throws ModelProblem {
    List<Axis> axes = x.axes();
    boolean outer =
        axes.size() == 3 && isOuter(axes.get(0)) && isOuter(axes.get(1)) && x.read() == Read.STEPS;
    if (!outer) {
      throw node.problem(
          samplesFirst
              ? "an input of samples, steps and channels"
              : "an input of steps, samples and channels",
          x.describe());
    }
    Kind time = axes.get(samplesFirst ? 1 : 0).kind();
    if (x.time() != null && x.time() != time) {
      throw node.problem("steps along the same axis as in the recurrent layer below", x.describe());
    }
    return new Computed(
        x.input(), x.layers(), axes, time, Read.STEPS, x.direction(), false, x.lengths());
  }

  private static boolean isOuter(Axis axis) {
    return axis.kind() == Kind.FIRST || axis.kind() == Kind.SECOND;
  }

  /** Its sequence_lens, which are those of the recurrent layers below. */
  private static SequenceLengths lengths(Node node, Computed x, boolean samplesFirst)
      throws ModelProblem {
    int steps = x.axes().get(samplesFirst ? 1 : 0).size();
    int batch = x.axes().get(samplesFirst ? 0 : 1).size();
    SequenceLengths own = SequenceLengths.of(node, 4, steps, batch);
    boolean above =
        x.layers().stream()
            .anyMatch(layer -> layer instanceof Draft.Gated || layer instanceof Draft.Plain);
    if (above && !Objects.equals(own, x.lengths())) {
      throw node.problem(
          "the same sequence_lens as in the recurrent layer below, "
              + (x.lengths() == null ? "none" : x.lengths()),
          own == null ? "none" : own.toString());
    }
    return own;
  }

  /** An input of the model becomes the state of the network, which its caller may set. */
  private static void requireZeros(Node node) throws ModelProblem {
    Value first = node.optional(5);
    boolean data = first != null && first.equals(node.input(0));
    boolean fits =
        first == null
            || first instanceof Value.Zeros
            || (first instanceof Value.Input input && input.isState() && !data)
            || (first instanceof Value.Constant constant && constant.tensor().isZero());
    if (!fits) {
      throw node.problem(
          "initial_h to be zeros or an input of the model with 3 dimensions",
          first instanceof Value.Constant
              ? "the constant '" + node.inputName(5) + "' with other numbers"
              : "'" + node.inputName(5) + "'",
          "A network begins a sequence with zeros, or with a state that is given to it.");
    }
  }

  int directions() {
    return direction == Direction.BOTH ? 2 : 1;
  }

  /** The numbers of a direction. */
  double[] part(Tensor all, int direction) {
    int length = all.values().length / directions();
    return Arrays.copyOfRange(all.values(), direction * length, (direction + 1) * length);
  }

  /** All steps, and the last. */
  List<Value> outputs(Draft layer, Draft lastLayer, Read last) {
    Axis steps = x.axes().get(samplesFirst ? 1 : 0);
    Axis samples = x.axes().get(samplesFirst ? 0 : 1);
    Axis sides = new Axis(Kind.DIRECTIONS, directions());
    Axis features = new Axis(Kind.FEATURES, units);
    List<Axis> all =
        samplesFirst
            ? List.of(samples, steps, sides, features)
            : List.of(steps, sides, samples, features);
    List<Axis> end =
        samplesFirst ? List.of(samples, sides, features) : List.of(sides, samples, features);
    return List.of(computed(layer, all, Read.STEPS), computed(lastLayer, end, last));
  }

  private Computed computed(Draft layer, List<Axis> axes, Read read) {
    List<Draft> layers = new ArrayList<>(x.layers());
    layers.add(layer);
    return new Computed(
        x.input(), List.copyOf(layers), axes, x.time(), read, -1, true, x.lengths());
  }
}
