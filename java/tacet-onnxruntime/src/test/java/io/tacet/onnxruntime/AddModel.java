package io.tacet.onnxruntime;

import io.tacet.onnx.internal.Onnx.GraphProto;
import io.tacet.onnx.internal.Onnx.ModelProto;
import io.tacet.onnx.internal.Onnx.NodeProto;
import io.tacet.onnx.internal.Onnx.OperatorSetIdProto;
import io.tacet.onnx.internal.Onnx.TensorProto;
import io.tacet.onnx.internal.Onnx.TypeProto;
import io.tacet.onnx.internal.Onnx.ValueInfoProto;
import java.util.List;

/** A model of one operator: y = x + x. */
final class AddModel {
  private AddModel() {}

  /** For numbers of a shape. */
  static byte[] bytes(long... shape) {
    GraphProto graph =
        GraphProto.newBuilder()
            .setName("add")
            .addNode(
                NodeProto.newBuilder()
                    .setOpType("Add")
                    .addAllInput(List.of("x", "x"))
                    .addOutput("y"))
            .addInput(value("x", shape))
            .addOutput(value("y", shape))
            .build();
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(14))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private static ValueInfoProto value(String name, long... shape) {
    TypeProto.Tensor.Builder tensor =
        TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT.getNumber());
    for (long extent : shape) {
      tensor.getShapeBuilder().addDimBuilder().setDimValue(extent);
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(tensor))
        .build();
  }
}
