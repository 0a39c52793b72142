package io.tacet.onnx;

import io.tacet.egru.EgruOptions;
import io.tacet.network.Direction;
import io.tacet.onnx.Computed.Axis;
import io.tacet.onnx.Computed.Kind;
import io.tacet.onnx.Computed.Read;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Gather, Slice and Concat. */
final class Selections {
  private Selections() {}

  static List<Value> gather(Node node) throws ModelProblem {
    node.only(2, "axis");
    boolean table = node.input(0) instanceof Value.Constant constant && !constant.tensor().whole();
    if (table) {
      return LayerOperators.embedding(node);
    }
    Tensor index = node.constant(1);
    if (index.values().length != 1 || index.rank() > 1 || !index.whole()) {
      throw node.problem("one index", index.shape());
    }
    long from = (long) index.values()[0];
    boolean keep = index.rank() == 1;
    if (!(node.input(0) instanceof Computed) && !(node.input(0) instanceof Value.Input)) {
      List<Long> sizes = ShapeOperators.extents(node, 0).sizes();
      if (from < -sizes.size() || from >= sizes.size()) {
        throw node.problem("an index of " + sizes.size() + " numbers", Long.toString(from));
      }
      Long size = sizes.get((int) (from < 0 ? from + sizes.size() : from));
      return List.of(new Value.Extents(List.of(size), !keep));
    }
    Computed signal = node.computed(0);
    int axis = axis(node, signal, node.integer("axis", 0));
    return List.of(ShapeOperators.choose(node, signal, axis, from, keep));
  }

  private static int axis(Node node, Computed signal, long axis) throws ModelProblem {
    int rank = signal.axes().size();
    if (axis < -rank || axis >= rank) {
      throw node.problem("an axis of " + signal.describe(), Long.toString(axis));
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  static List<Value> slice(Node node) throws ModelProblem {
    node.only(5);
    long start = one(node, 1);
    long end = one(node, 2);
    long axis = node.optional(3) == null ? 0 : one(node, 3);
    if (node.optional(4) != null && one(node, 4) != 1) {
      throw node.problem("steps of 1", Long.toString(one(node, 4)));
    }
    if (!(node.input(0) instanceof Computed) && !(node.input(0) instanceof Value.Input)) {
      List<Long> sizes = ShapeOperators.extents(node, 0).sizes();
      int from = ShapeOperators.bound(start, sizes.size());
      int to = Math.max(from, ShapeOperators.bound(end, sizes.size()));
      return List.of(new Value.Extents(List.copyOf(sizes.subList(from, to)), false));
    }
    Computed signal = node.computed(0);
    int at = axis(node, signal, axis);
    int size = signal.axes().get(at).size();
    boolean toEnd = end >= Integer.MAX_VALUE || (size > 0 && end >= size);
    if (start == 0 && toEnd) {
      return List.of(signal);
    }
    boolean single = start == -1 ? toEnd : end == start + 1 || (toEnd && start == size - 1L);
    if (!single) {
      throw node.problem("one element, or all", start + " to " + end);
    }
    return List.of(ShapeOperators.choose(node, signal, at, start, true));
  }

  private static long one(Node node, int k) throws ModelProblem {
    Tensor tensor = node.constant(k, 1);
    return (long) tensor.values()[0];
  }

  static List<Value> concat(Node node) throws ModelProblem {
    node.only(Integer.MAX_VALUE, "axis");
    if (!(node.input(0) instanceof Computed)) {
      List<Long> sizes = new ArrayList<>();
      for (int k = 0; k < node.inputs(); k++) {
        sizes.addAll(ShapeOperators.extents(node, k).sizes());
      }
      return List.of(new Value.Extents(List.copyOf(sizes), false));
    }
    if (node.inputs() == 2) {
      Computed back = node.computed(1);
      Computed ahead = asTrace(node.computed(0), back);
      int last = ahead.axes().size() - 1;
      long axis = node.integer("axis", 0);
      Computed both = (axis == -1 || axis == last) && alike(ahead, back) ? both(ahead, back) : null;
      if (both != null) {
        return List.of(both);
      }
    }
    throw node.problem(
        "the two directions of one layer, forward before backward, beside one another", "others");
  }

  /** What is left at the end of a forward layer, read as beside that of a backward one. */
  private static Computed asTrace(Computed ahead, Computed back) {
    boolean ends =
        ahead.read() == Read.LAST
            && back.read() == Read.TRACE
            && ahead.top() instanceof Draft.Gated
            && back.top() instanceof Draft.Gated other
            && other.options().traceDecay() == 0;
    if (!ends) {
      return ahead;
    }
    Draft.Gated one = (Draft.Gated) ahead.top();
    EgruOptions options = one.options().traceDecay(0);
    Draft traced =
        new Draft.Gated(options, one.units(), one.direction(), one.strands(), one.node());
    return ahead.replaceTop(traced).read(Read.TRACE, ahead.axes());
  }

  private static boolean alike(Computed ahead, Computed back) {
    return ahead.read() == back.read()
        && Objects.equals(ahead.lengths(), back.lengths())
        && ahead.axes().equals(back.axes())
        && ahead.axes().get(ahead.axes().size() - 1).kind() == Kind.FEATURES
        && ahead.time() == back.time()
        && ahead.layers().size() == back.layers().size()
        && !ahead.layers().isEmpty();
  }

  /** Null if they do not belong together. */
  private static Computed both(Computed ahead, Computed back) {
    Axis units = ahead.axes().get(ahead.axes().size() - 1);
    List<Axis> wider = new ArrayList<>(ahead.axes());
    wider.set(wider.size() - 1, new Axis(Kind.FEATURES, 2 * units.size()));
    if (ahead.direction() == 0 && back.direction() == 1) {
      return ahead.layers().equals(back.layers()) ? ahead.pick(-1, wider) : null;
    }
    int below = ahead.layers().size() - 1;
    boolean twoLayers =
        ahead.direction() < 0
            && back.direction() < 0
            && ahead.top() instanceof Draft.Gated one
            && back.top() instanceof Draft.Gated other
            && one.direction() == Direction.FORWARD
            && other.direction() == Direction.BACKWARD
            && one.options().equals(other.options())
            && one.units() == other.units()
            && ahead.layers().subList(0, below).equals(back.layers().subList(0, below));
    if (!twoLayers) {
      return null;
    }
    Draft.Gated one = (Draft.Gated) ahead.top();
    Draft.Gated other = (Draft.Gated) back.top();
    List<Draft.Strand> strands = List.of(one.strands().get(0), other.strands().get(0));
    return ahead
        .replaceTop(
            new Draft.Gated(one.options(), one.units(), Direction.BOTH, strands, one.node()))
        .axes(wider);
  }
}
