package io.tacet.onnx;

import io.tacet.network.InputSpec;
import io.tacet.onnx.internal.Onnx.TensorProto.DataType;
import io.tacet.onnx.internal.Onnx.TensorShapeProto.Dimension;
import io.tacet.onnx.internal.Onnx.TypeProto;
import io.tacet.onnx.internal.Onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.List;

/** What a name of the graph stands for while it is read. */
sealed interface Value
    permits Computed, Value.Constant, Value.Zeros, Value.Extents, Value.Input, Value.Part {

  /** Numbers of the model. */
  record Constant(Tensor tensor) implements Value {}

  /** Zeros of a shape that may depend on the input. */
  record Zeros() implements Value {}

  /**
   * Sizes of dimensions.
   *
   * @param sizes each from 0, or -1 for one that is free
   * @param single whether this is a number and no vector
   */
  record Extents(List<Long> sizes, boolean single) implements Value {}

  /** An input of the graph of which nothing is known but what the graph says. */
  record Input(ValueInfoProto info) implements Value {
    /** Whether it can be the state of a recurrent node. */
    boolean isState() {
      TypeProto.Tensor type = info.getType().getTensorType();
      return type.getElemType() == DataType.FLOAT.getNumber() && type.getShape().getDimCount() == 3;
    }
  }

  /**
   * What only has a meaning together with later operators.
   *
   * @param operators those so far, such as {@code TopK values}
   * @param of what they were applied to
   * @param number a constant of theirs
   */
  record Part(String operators, Computed of, double number) implements Value {}

  /** What is computed from the input of the model. */
  static Computed computed(Value value, Node node, int k) throws ModelProblem {
    if (value instanceof Computed signal) {
      return signal;
    }
    if (value instanceof Input input) {
      return computed(input.info());
    }
    throw node.problem(
        "the input '" + node.inputName(k) + "' to come from the input of the model",
        value instanceof Constant ? "a constant" : "another value");
  }

  private static Computed computed(ValueInfoProto info) throws ModelProblem {
    String place = "the input '" + info.getName() + "'";
    List<Dimension> dims = info.getType().getTensorType().getShape().getDimList();
    DataType type = DataType.forNumber(info.getType().getTensorType().getElemType());
    boolean tokens = type == DataType.INT64 || type == DataType.INT32;
    if (!tokens && type != DataType.FLOAT && type != DataType.DOUBLE) {
      throw new ModelProblem(
          place,
          "FLOAT [steps][batch][channels], or INT64 [steps][batch] for tokens",
          "the type " + type);
    }
    int rank = dims.size();
    if (tokens ? rank != 2 : rank != 2 && rank != 3) {
      throw new ModelProblem(
          place,
          tokens ? "2 dimensions, of steps and samples" : "2 or 3 dimensions, the last of channels",
          Integer.toString(rank));
    }
    List<Computed.Axis> axes = new ArrayList<>();
    if (rank == 3 || tokens) {
      axes.add(new Computed.Axis(Computed.Kind.FIRST, size(dims.get(0))));
    }
    axes.add(new Computed.Axis(Computed.Kind.SECOND, size(dims.get(rank - 2 + (tokens ? 1 : 0)))));
    if (tokens) {
      return new Computed(null, List.of(), axes, null, Computed.Read.STEPS, -1, false, null);
    }
    int channels = size(dims.get(rank - 1));
    if (channels < 1) {
      throw new ModelProblem(place, "a known number of channels, its last dimension", "a free one");
    }
    axes.add(new Computed.Axis(Computed.Kind.FEATURES, channels));
    return new Computed(
        new InputSpec.Sequence(channels),
        List.of(),
        axes,
        null,
        rank == 3 ? Computed.Read.STEPS : Computed.Read.LAST,
        -1,
        false,
        null);
  }

  private static int size(Dimension dim) {
    long size = dim.hasDimValue() ? dim.getDimValue() : -1;
    return size < 1 || size > Integer.MAX_VALUE ? -1 : (int) size;
  }
}
