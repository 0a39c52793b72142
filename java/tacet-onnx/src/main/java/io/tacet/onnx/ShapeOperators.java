package io.tacet.onnx;

import io.tacet.onnx.Computed.Axis;
import io.tacet.onnx.Computed.Kind;
import io.tacet.onnx.Computed.Read;
import io.tacet.onnx.internal.Onnx.TensorProto;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Operators that compute nothing: they move axes, choose steps, or make shapes. */
final class ShapeOperators {
  private ShapeOperators() {}

  /** Adds the operators to a table of them. */
  static void addTo(Map<String, Operator> all) {
    all.put("Identity", node -> List.of(node.input(0)));
    all.put("Dropout", ShapeOperators::dropout);
    all.put("Cast", ShapeOperators::cast);
    all.put("Constant", ShapeOperators::constant);
    all.put("ConstantOfShape", ShapeOperators::constantOfShape);
    all.put("Expand", ShapeOperators::expand);
    all.put("Shape", ShapeOperators::shape);
    all.put("Transpose", ShapeOperators::transpose);
    all.put("Squeeze", ShapeOperators::squeeze);
    all.put("Unsqueeze", ShapeOperators::unsqueeze);
    all.put("Reshape", ShapeOperators::reshape);
    all.put("Flatten", ShapeOperators::flatten);
    all.put("Gather", Selections::gather);
    all.put("Slice", Selections::slice);
    all.put("Concat", Selections::concat);
  }

  private static List<Value> dropout(Node node) throws ModelProblem {
    node.only(3, "ratio", "seed");
    if (node.optional(2) != null && !node.constant(2).isZero()) {
      throw node.problem("a model for inference", "one that is training");
    }
    return List.of(node.input(0));
  }

  private static List<Value> cast(Node node) throws ModelProblem {
    node.only(1, "to", "saturate");
    TensorProto.DataType to = TensorProto.DataType.forNumber((int) node.integer("to", 0));
    Value value = node.input(0);
    boolean lengths = value instanceof Value.Input input && SequenceLengths.isVector(input);
    boolean real = to == TensorProto.DataType.FLOAT || to == TensorProto.DataType.DOUBLE;
    boolean whole = to == TensorProto.DataType.INT64 || to == TensorProto.DataType.INT32;
    Computed signal =
        !lengths && (value instanceof Value.Input || value instanceof Computed)
            ? node.computed(0)
            : null;
    boolean tokens = signal != null && signal.input() == null;
    boolean keeps =
        signal != null ? tokens ? whole : real : value instanceof Value.Zeros ? real : whole;
    if (!keeps) {
      throw node.problem("a type that keeps the numbers as they are", String.valueOf(to));
    }
    return List.of(value);
  }

  private static List<Value> constant(Node node) throws ModelProblem {
    node.only(0, "value", "value_float", "value_floats", "value_int", "value_ints");
    String name = node.output(0);
    if (node.has("value")) {
      return List.of(new Value.Constant(Tensor.of(name, node.tensor("value"))));
    }
    if (node.has("value_int")) {
      double value = node.integer("value_int", 0);
      return List.of(new Value.Constant(Tensor.ofWhole(name, new int[0], value)));
    }
    if (node.has("value_ints")) {
      double[] values = node.integers("value_ints").stream().mapToDouble(k -> k).toArray();
      return List.of(new Value.Constant(Tensor.ofWhole(name, new int[] {values.length}, values)));
    }
    double[] values =
        node.has("value_float")
            ? new double[] {node.real("value_float", 0)}
            : node.reals("value_floats").stream().mapToDouble(x -> x).toArray();
    int[] dims = node.has("value_float") ? new int[0] : new int[] {values.length};
    if (!Arrays.stream(values).allMatch(Double::isFinite)) {
      throw node.problem("finite numbers", Arrays.toString(values));
    }
    return List.of(new Value.Constant(new Tensor(name, dims, values, false)));
  }

  private static List<Value> constantOfShape(Node node) throws ModelProblem {
    node.only(1, "value");
    extents(node, 0);
    if (node.has("value") && !Tensor.of(node.output(0), node.tensor("value")).isZero()) {
      throw node.problem("zeros", "other numbers");
    }
    return List.of(new Value.Zeros());
  }

  private static List<Value> expand(Node node) throws ModelProblem {
    node.only(2);
    boolean zero =
        node.input(0) instanceof Value.Zeros
            || (node.input(0) instanceof Value.Constant constant && constant.tensor().isZero());
    if (!zero) {
      throw node.problem("zeros", "other numbers");
    }
    return List.of(new Value.Zeros());
  }

  private static List<Value> shape(Node node) throws ModelProblem {
    node.only(1, "start", "end");
    List<Long> sizes = new ArrayList<>();
    if (node.input(0) instanceof Value.Constant constant) {
      Arrays.stream(constant.tensor().dims()).forEach(size -> sizes.add((long) size));
    } else {
      node.computed(0).axes().forEach(axis -> sizes.add((long) axis.size()));
    }
    int start = bound(node.integer("start", 0), sizes.size());
    int end = bound(node.integer("end", sizes.size()), sizes.size());
    return List.of(
        new Value.Extents(List.copyOf(sizes.subList(start, Math.max(start, end))), false));
  }

  /** A position that may be counted from the end, within 0 and the size. */
  static int bound(long position, int size) {
    return (int) Math.max(0, Math.min(size, position < 0 ? position + size : position));
  }

  /** Sizes of dimensions, computed or constant. */
  static Value.Extents extents(Node node, int k) throws ModelProblem {
    if (node.input(k) instanceof Value.Extents extents) {
      return extents;
    }
    Tensor tensor = node.constant(k);
    if (!tensor.whole() || tensor.rank() > 1) {
      throw node.problem("a vector of whole numbers", tensor.shape());
    }
    List<Long> sizes = Arrays.stream(tensor.values()).mapToObj(value -> (long) value).toList();
    return new Value.Extents(sizes, tensor.rank() == 0);
  }

  /** The attribute axes, or the input in its place; null if there is neither. */
  static List<Long> axes(Node node, int input) throws ModelProblem {
    return node.optional(input) == null ? node.integers("axes") : extents(node, input).sizes();
  }

  private static List<Value> transpose(Node node) throws ModelProblem {
    node.only(1, "perm");
    List<Long> order = node.integers("perm");
    if (node.input(0) instanceof Value.Constant constant) {
      if (constant.tensor().rank() != 2 || (order != null && !order.equals(List.of(1L, 0L)))) {
        throw node.problem("a matrix whose rows become columns", constant.tensor().shape());
      }
      return List.of(new Value.Constant(constant.tensor().transposed()));
    }
    Computed signal = node.computed(0);
    int rank = signal.axes().size();
    List<Axis> axes = new ArrayList<>();
    for (int d = 0; d < rank; d++) {
      long from = order == null ? rank - 1L - d : order.size() == rank ? order.get(d) : -1;
      if (from < 0 || from >= rank || axes.contains(null)) {
        throw node.problem("an order of " + rank + " axes", String.valueOf(order));
      }
      axes.add(signal.axes().get((int) from));
    }
    if (order != null && order.stream().distinct().count() != rank) {
      throw node.problem("an order of " + rank + " axes", order.toString());
    }
    return List.of(signal.axes(axes));
  }

  private static List<Value> squeeze(Node node) throws ModelProblem {
    node.only(2, "axes");
    List<Long> axes = axes(node, 1);
    if (node.input(0) instanceof Value.Extents extents && extents.sizes().size() == 1) {
      return List.of(new Value.Extents(extents.sizes(), true));
    }
    Computed signal = node.computed(0);
    int rank = signal.axes().size();
    List<Axis> left = new ArrayList<>();
    for (int d = 0; d < rank; d++) {
      Axis axis = signal.axes().get(d);
      boolean named =
          axes == null
              ? axis.size() == 1
              : axes.contains((long) d) || axes.contains((long) d - rank);
      boolean removable =
          axis.size() == 1 && (axis.kind() == Kind.ONE || axis.kind() == Kind.DIRECTIONS);
      if (named && !removable) {
        throw node.problem(
            "axes of one element other than steps, samples and units", signal.describe());
      }
      if (!named) {
        left.add(axis);
      }
    }
    return List.of(signal.axes(left));
  }

  private static List<Value> unsqueeze(Node node) throws ModelProblem {
    node.only(2, "axes");
    List<Long> axes = axes(node, 1);
    if (node.input(0) instanceof Value.Extents extents && extents.single()) {
      return List.of(new Value.Extents(extents.sizes(), false));
    }
    if (axes == null) {
      throw node.problem("axes", "none");
    }
    if (node.input(0) instanceof Value.Constant constant
        && constant.tensor().rank() == 0
        && constant.tensor().whole()) {
      return List.of(new Value.Constant(constant.tensor().reshaped(1)));
    }
    Computed signal = node.computed(0);
    int rank = signal.axes().size() + axes.size();
    List<Axis> wider = new ArrayList<>(signal.axes());
    axes.stream()
        .map(axis -> bound(axis, rank))
        .sorted()
        .forEach(axis -> wider.add(Math.min(axis, wider.size()), Axis.ONE));
    return List.of(signal.axes(wider));
  }

  private static List<Value> reshape(Node node) throws ModelProblem {
    node.only(2, "allowzero");
    List<Long> sizes = extents(node, 1).sizes();
    Computed signal = node.computed(0);
    List<Axis> merged = new ArrayList<>();
    for (Axis axis : signal.axes()) {
      Axis last = merged.isEmpty() ? null : merged.get(merged.size() - 1);
      if (axis.kind() == Kind.FEATURES && last != null && last.kind() == Kind.DIRECTIONS) {
        merged.set(merged.size() - 1, new Axis(Kind.FEATURES, axis.size() * last.size()));
      } else if (axis.kind() != Kind.ONE) {
        merged.add(axis);
      }
    }
    List<Axis> reshaped = match(sizes, signal.axes(), merged);
    if (reshaped == null) {
      merged = new ArrayList<>(signal.axes());
      merged.removeIf(axis -> axis.kind() == Kind.ONE);
      reshaped = match(sizes, signal.axes(), merged);
    }
    if (reshaped == null) {
      throw node.problem(
          "a shape that keeps steps, samples and units apart", sizes + " of " + signal.describe());
    }
    return List.of(signal.axes(reshaped));
  }

  /** The axes in an order of sizes, with ones between them; null if they do not fit. */
  private static List<Axis> match(List<Long> sizes, List<Axis> old, List<Axis> axes) {
    List<Axis> matched = new ArrayList<>();
    int at = 0;
    for (int d = 0; d < sizes.size(); d++) {
      long size = sizes.get(d);
      boolean one = size == 1 || (size == 0 && d < old.size() && old.get(d).kind() == Kind.ONE);
      if (one && sizes.size() - d > axes.size() - at) {
        matched.add(Axis.ONE);
        continue;
      }
      if (at == axes.size()) {
        return null;
      }
      Axis axis = axes.get(at++);
      boolean same = size == 0 && d < old.size() && old.get(d).equals(axis);
      if (!same && size != -1 && (size == 0 || (axis.size() >= 0 && axis.size() != size))) {
        return null;
      }
      matched.add(axis);
    }
    return at == axes.size() ? matched : null;
  }

  private static List<Value> flatten(Node node) throws ModelProblem {
    node.only(1, "axis");
    Computed signal = node.computed(0);
    List<Axis> axes = new ArrayList<>(signal.axes());
    axes.removeIf(axis -> axis.kind() == Kind.ONE);
    boolean pairs =
        axes.size() == 3
            && axes.get(1).kind() == Kind.DIRECTIONS
            && axes.get(2).kind() == Kind.FEATURES;
    if (pairs) {
      axes = List.of(axes.get(0), new Axis(Kind.FEATURES, axes.get(1).size() * axes.get(2).size()));
    }
    if (node.integer("axis", 1) != 1 || axes.size() != 2) {
      throw node.problem("an input of samples and units", signal.describe());
    }
    return List.of(signal.axes(axes));
  }

  /** Which steps an index along an axis of a signal chooses. */
  static Computed choose(Node node, Computed signal, int axis, long from, boolean keep)
      throws ModelProblem {
    Axis chosen = signal.axes().get(axis);
    List<Axis> left = new ArrayList<>(signal.axes());
    if (keep) {
      left.set(axis, Axis.ONE);
    } else {
      left.remove(axis);
    }
    if (chosen.kind() == Kind.ONE && (from == 0 || from == -1)) {
      return signal.axes(left);
    }
    if (chosen.kind() == Kind.DIRECTIONS && from >= -chosen.size() && from < chosen.size()) {
      int one = (int) (from < 0 ? from + chosen.size() : from);
      return chosen.size() == 1 ? signal.axes(left) : signal.pick(one, left);
    }
    boolean steps =
        chosen.kind() == signal.time() || (signal.time() == null && chosen.kind() == Kind.FIRST);
    boolean last = from == -1 || (chosen.size() > 0 && from == chosen.size() - 1);
    if (steps && last && signal.lengths() != null) {
      throw node.problem(
          "Y_h for the last step of each sample, since sequence_lens is " + signal.lengths(),
          "the last step of all",
          "Read Y_h of the recurrent node in its place.");
    }
    if (steps && last && signal.read() == Read.STEPS) {
      return signal.read(Read.LAST, left);
    }
    throw node.problem("the last step", "another choice of " + signal.describe());
  }
}
