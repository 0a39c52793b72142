package io.tacet.onnx;

import io.tacet.onnx.internal.Onnx.GraphProto;
import io.tacet.onnx.internal.Onnx.NodeProto;
import io.tacet.onnx.internal.Onnx.TensorProto;
import io.tacet.onnx.internal.Onnx.ValueInfoProto;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Goes through the nodes of a graph and keeps what each name stands for. */
final class GraphReader {
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, Operator> operators = new TreeMap<>();

  GraphReader() {
    ShapeOperators.addTo(operators);
    LayerOperators.addTo(operators);
    RecurrentOperators.addTo(operators);
    operators.put("Scan", new ScanOperator(values));
  }

  /** What the output of a graph stands for. */
  Computed read(GraphProto graph) throws ModelProblem {
    if (graph.getSparseInitializerCount() > 0) {
      throw new ModelProblem(
          "the graph", "constants with all their numbers", "sparse ones", "Write them dense.");
    }
    for (TensorProto tensor : graph.getInitializerList()) {
      put(tensor.getName(), new Value.Constant(Tensor.of(tensor.getName(), tensor)), "a constant");
    }
    for (ValueInfoProto input : graph.getInputList()) {
      // Until version 3 of the format, constants are inputs too.
      if (!(values.get(input.getName()) instanceof Value.Constant)) {
        put(input.getName(), new Value.Input(input), "an input");
      }
    }
    for (NodeProto node : graph.getNodeList()) {
      apply(node);
    }
    return output(graph);
  }

  private void put(String name, Value value, String what) throws ModelProblem {
    if (values.putIfAbsent(name, value) != null) {
      throw new ModelProblem("the graph", "one value of each name", what + " '" + name + "' again");
    }
  }

  private void apply(NodeProto proto) throws ModelProblem {
    List<Value> inputs = new ArrayList<>();
    Node node = new Node(proto, inputs);
    for (String name : proto.getInputList()) {
      Value value = name.isEmpty() ? null : values.get(name);
      if (value == null && !name.isEmpty()) {
        throw node.problem(
            "inputs that constants, inputs or nodes before it give",
            "'" + name + "'",
            "The file is damaged, or its nodes are not in order; write it again.");
      }
      inputs.add(value);
    }
    Operator operator = operators.get(proto.getOpType());
    boolean standard = proto.getDomain().isEmpty() || proto.getDomain().equals("ai.onnx");
    if (operator == null || !standard) {
      throw node.problem(
          "one of the operators " + String.join(", ", operators.keySet()),
          standard ? "'" + proto.getOpType() + "'" : "one of '" + proto.getDomain() + "'",
          "Export the part of the model that consists of these, without what follows it.");
    }
    List<Value> given = operator.apply(node);
    for (int k = 0; k < node.outputs(); k++) {
      if (!node.output(k).isEmpty()) {
        // A further output that no network gives, such as the mask of a dropout.
        Value value = k < given.size() ? given.get(k) : null;
        if (value != null) {
          put(node.output(k), value, "an output");
        }
      }
    }
  }

  /** The one output that is no state of a recurrent node, else the first of them. */
  private Computed output(GraphProto graph) throws ModelProblem {
    Computed chosen = null;
    Computed state = null;
    for (ValueInfoProto info : graph.getOutputList()) {
      Value value = values.get(info.getName());
      boolean ofUnits = value instanceof Value.Part part && part.of().raw();
      if (!(value instanceof Computed) && !ofUnits) {
        throw new ModelProblem(
            "the output '" + info.getName() + "'",
            "what layers make of the input",
            value == null ? "nothing of that name" : "another value");
      }
      if (value instanceof Computed signal && signal.raw()) {
        state = state == null ? signal : state;
      } else if (value instanceof Computed signal) {
        if (chosen != null) {
          throw new ModelProblem(
              "the output '" + info.getName() + "'",
              "one output beside the states of recurrent layers",
              "a second one",
              "A network has one output; leave the others out.");
        }
        chosen = signal;
      }
    }
    if (chosen == null && state == null) {
      throw new ModelProblem("the graph", "an output", "none");
    }
    return chosen == null ? state : chosen;
  }
}
