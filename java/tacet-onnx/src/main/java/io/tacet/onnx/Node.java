package io.tacet.onnx;

import com.google.protobuf.ByteString;
import io.tacet.onnx.internal.Onnx.AttributeProto;
import io.tacet.onnx.internal.Onnx.AttributeProto.AttributeType;
import io.tacet.onnx.internal.Onnx.GraphProto;
import io.tacet.onnx.internal.Onnx.NodeProto;
import io.tacet.onnx.internal.Onnx.TensorProto;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** An operator of a graph with what it takes. */
final class Node {
  private final NodeProto proto;
  private final Map<String, AttributeProto> attributes = new LinkedHashMap<>();
  private final List<Value> inputs;

  /** Inputs that were left out are null. */
  Node(NodeProto proto, List<Value> inputs) {
    this.proto = proto;
    this.inputs = inputs;
    proto.getAttributeList().forEach(attribute -> attributes.put(attribute.getName(), attribute));
  }

  String operator() {
    return proto.getOpType();
  }

  /** Its name, else that of its first output. */
  String name() {
    return proto.getName().isEmpty() && proto.getOutputCount() > 0
        ? proto.getOutput(0)
        : proto.getName();
  }

  private String place() {
    return "the node '" + name() + "' (" + operator() + ")";
  }

  ModelProblem problem(String expected, String found) {
    return new ModelProblem(place(), expected, found);
  }

  ModelProblem problem(String expected, String found, String remedy) {
    return new ModelProblem(place(), expected, found, remedy);
  }

  /** Refuses attributes that are not known, and more inputs than there may be. */
  void only(int mostInputs, String... known) throws ModelProblem {
    for (String name : attributes.keySet()) {
      if (!List.of(known).contains(name)) {
        throw problem("the attributes " + List.of(known), "'" + name + "'");
      }
    }
    if (inputs.size() > mostInputs) {
      throw problem("at most " + mostInputs + " inputs", Integer.toString(inputs.size()));
    }
  }

  boolean has(String attribute) {
    return attributes.containsKey(attribute);
  }

  private AttributeProto typed(String name, AttributeType type) throws ModelProblem {
    AttributeProto attribute = attributes.get(name);
    if (attribute != null && attribute.getType() != type) {
      throw problem(
          "the attribute '" + name + "' to be of the type " + type, attribute.getType().toString());
    }
    return attribute;
  }

  long integer(String name, long usual) throws ModelProblem {
    AttributeProto attribute = typed(name, AttributeType.INT);
    return attribute == null ? usual : attribute.getI();
  }

  float real(String name, float usual) throws ModelProblem {
    AttributeProto attribute = typed(name, AttributeType.FLOAT);
    return attribute == null ? usual : attribute.getF();
  }

  String text(String name, String usual) throws ModelProblem {
    AttributeProto attribute = typed(name, AttributeType.STRING);
    return attribute == null ? usual : attribute.getS().toStringUtf8();
  }

  List<String> texts(String name) throws ModelProblem {
    AttributeProto attribute = typed(name, AttributeType.STRINGS);
    return attribute == null
        ? List.of()
        : attribute.getStringsList().stream().map(ByteString::toStringUtf8).toList();
  }

  List<Float> reals(String name) throws ModelProblem {
    AttributeProto attribute = typed(name, AttributeType.FLOATS);
    return attribute == null ? List.of() : attribute.getFloatsList();
  }

  /** Null where there is no such attribute. */
  List<Long> integers(String name) throws ModelProblem {
    AttributeProto attribute = typed(name, AttributeType.INTS);
    return attribute == null ? null : attribute.getIntsList();
  }

  /** Null where there is no such attribute. */
  TensorProto tensor(String name) throws ModelProblem {
    AttributeProto attribute = typed(name, AttributeType.TENSOR);
    return attribute == null ? null : attribute.getT();
  }

  GraphProto graph(String name) throws ModelProblem {
    AttributeProto attribute = typed(name, AttributeType.GRAPH);
    if (attribute == null) {
      throw problem("the attribute '" + name + "'", "none");
    }
    return attribute.getG();
  }

  /** Number of inputs, with those left out between others. */
  int inputs() {
    return inputs.size();
  }

  /** Null where it was left out. */
  Value optional(int k) {
    return k < inputs.size() ? inputs.get(k) : null;
  }

  Value input(int k) throws ModelProblem {
    Value value = optional(k);
    if (value == null) {
      throw problem("at least " + (k + 1) + " inputs", Integer.toString(inputs.size()));
    }
    return value;
  }

  /** An input that comes from the input of the model. */
  Computed computed(int k) throws ModelProblem {
    return Value.computed(input(k), this, k);
  }

  /** An input that is a constant. */
  Tensor constant(int k) throws ModelProblem {
    if (input(k) instanceof Value.Constant constant) {
      return constant.tensor();
    }
    throw problem(
        "the input " + k + " to be a constant", "'" + inputName(k) + "', which is computed");
  }

  /** A constant of these extents, -1 for any. */
  Tensor constant(int k, int... dims) throws ModelProblem {
    Tensor tensor = constant(k);
    boolean fits = tensor.rank() == dims.length;
    for (int d = 0; fits && d < dims.length; d++) {
      fits = dims[d] < 0 || dims[d] == tensor.dims()[d];
    }
    if (!fits) {
      throw problem(
          "the input '" + inputName(k) + "' to have the shape " + text(dims), tensor.shape());
    }
    return tensor;
  }

  private static String text(int[] dims) {
    StringBuilder text = new StringBuilder("[");
    for (int dim : dims) {
      text.append(text.length() > 1 ? ", " : "").append(dim < 0 ? "any" : dim);
    }
    return text.append(']').toString();
  }

  String inputName(int k) {
    return proto.getInput(k);
  }

  int outputs() {
    return proto.getOutputCount();
  }

  String output(int k) {
    return proto.getOutput(k);
  }
}
