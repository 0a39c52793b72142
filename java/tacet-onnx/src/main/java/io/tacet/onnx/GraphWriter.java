package io.tacet.onnx;

import com.google.protobuf.ByteString;
import io.tacet.onnx.internal.Onnx.AttributeProto;
import io.tacet.onnx.internal.Onnx.AttributeProto.AttributeType;
import io.tacet.onnx.internal.Onnx.GraphProto;
import io.tacet.onnx.internal.Onnx.NodeProto;
import io.tacet.onnx.internal.Onnx.TensorProto;
import io.tacet.onnx.internal.Onnx.TensorProto.DataType;
import io.tacet.onnx.internal.Onnx.TensorShapeProto;
import io.tacet.onnx.internal.Onnx.TensorShapeProto.Dimension;
import io.tacet.onnx.internal.Onnx.TypeProto;
import io.tacet.onnx.internal.Onnx.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Collects the nodes and constants of a graph. Values and nodes are named after each other. */
final class GraphWriter {
  /** What a model in one file may have, less room for all but its constants. */
  static final long MOST_BYTES = Integer.MAX_VALUE - (1 << 24);

  private final GraphProto.Builder graph = GraphProto.newBuilder();
  private long bytes;
  private final Set<String> constants = new HashSet<>();

  GraphWriter(String name) {
    graph.setName(name);
  }

  /**
   * Adds a node with one output.
   *
   * @param output name of the value it gives, and of the node
   * @return that name
   */
  String node(String operator, String output, List<String> inputs, AttributeProto... attributes) {
    return node(operator, output, inputs, List.of(output), attributes);
  }

  /** Adds a node; the name of its first output, one that is used. */
  String node(
      String operator,
      String name,
      List<String> inputs,
      List<String> outputs,
      AttributeProto... attributes) {
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(name)
            .addAllInput(inputs)
            .addAllOutput(outputs)
            .addAllAttribute(List.of(attributes)));
    return outputs.stream().filter(output -> !output.isEmpty()).findFirst().orElseThrow();
  }

  /** Adds a constant of that name, unless it is there; the name. */
  String floats(String name, double[] values, long... dims) {
    if (constants.add(name)) {
      if (values.length > MOST_BYTES / Float.BYTES) {
        throw tooLong(name);
      }
      ByteBuffer content = room(Float.BYTES * values.length);
      for (double value : values) {
        content.putFloat((float) value);
      }
      constant(name, DataType.FLOAT, content, dims);
    }
    return name;
  }

  /** Adds a number without dimensions. */
  String number(String name, double value) {
    return floats(name, new double[] {value});
  }

  /** Adds a vector of whole numbers of that name, unless it is there; the name. */
  String longs(String name, long... values) {
    if (constants.add(name)) {
      constant(name, DataType.INT64, bytes(values), values.length);
    }
    return name;
  }

  /** Adds a whole number without dimensions. */
  String whole(String name, long value) {
    if (constants.add(name)) {
      constant(name, DataType.INT64, bytes(value));
    }
    return name;
  }

  static IllegalArgumentException tooLong(String name) {
    return new IllegalArgumentException(
        "network: expected numbers of less than 2 GiB in single precision, as a model in one file"
            + " of ONNX holds, got more up to "
            + name
            + ". Write its weights as .safetensors.");
  }

  private static ByteBuffer bytes(long... values) {
    ByteBuffer content = room(Long.BYTES * values.length);
    for (long value : values) {
      content.putLong(value);
    }
    return content;
  }

  private static ByteBuffer room(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void constant(String name, DataType type, ByteBuffer content, long... dims) {
    bytes += content.capacity();
    if (bytes > MOST_BYTES) {
      throw tooLong(name);
    }
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(type.getNumber())
            .setRawData(ByteString.copyFrom(content.flip()));
    for (long dim : dims) {
      tensor.addDims(dim);
    }
    graph.addInitializer(tensor);
  }

  /** Adds an input; a dimension that is a name is free. */
  String input(String name, DataType type, Object... dims) {
    graph.addInput(value(name, type, dims));
    return name;
  }

  /** Adds an output; as {@link #input}. */
  void output(String name, DataType type, Object... dims) {
    graph.addOutput(value(name, type, dims));
  }

  private static ValueInfoProto value(String name, DataType type, Object... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Object dim : dims) {
      Dimension.Builder one = shape.addDimBuilder();
      if (dim instanceof String free) {
        one.setDimParam(free);
      } else {
        one.setDimValue(((Number) dim).longValue());
      }
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape)))
        .build();
  }

  static AttributeProto attribute(String name, long value) {
    return AttributeProto.newBuilder().setName(name).setType(AttributeType.INT).setI(value).build();
  }

  static AttributeProto attribute(String name, float value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.FLOAT)
        .setF(value)
        .build();
  }

  static AttributeProto attribute(String name, String value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.STRING)
        .setS(ByteString.copyFromUtf8(value))
        .build();
  }

  static AttributeProto attribute(String name, GraphProto value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeType.GRAPH)
        .setG(value)
        .build();
  }

  static AttributeProto integers(String name, long... values) {
    AttributeProto.Builder made =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.INTS);
    for (long value : values) {
      made.addInts(value);
    }
    return made.build();
  }

  static AttributeProto texts(String name, List<String> values) {
    AttributeProto.Builder made =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.STRINGS);
    values.forEach(value -> made.addStrings(ByteString.copyFromUtf8(value)));
    return made.build();
  }

  static AttributeProto numbers(String name, float... values) {
    AttributeProto.Builder made =
        AttributeProto.newBuilder().setName(name).setType(AttributeType.FLOATS);
    for (float value : values) {
      made.addFloats(value);
    }
    return made.build();
  }

  GraphProto build() {
    return graph.build();
  }
}
