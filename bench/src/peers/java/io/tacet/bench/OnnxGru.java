package io.tacet.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.google.protobuf.ByteString;
import io.tacet.onnx.internal.Onnx.AttributeProto;
import io.tacet.onnx.internal.Onnx.GraphProto;
import io.tacet.onnx.internal.Onnx.ModelProto;
import io.tacet.onnx.internal.Onnx.NodeProto;
import io.tacet.onnx.internal.Onnx.OperatorSetIdProto;
import io.tacet.onnx.internal.Onnx.TensorProto;
import io.tacet.onnx.internal.Onnx.TypeProto;
import io.tacet.onnx.internal.Onnx.ValueInfoProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * ONNX Runtime's GRU (reset gate after the product) with as many inputs as units, as a model of
 * that single operator which takes a whole sequence in a call. Its outputs are compared with those
 * of our layer with the same weights and no threshold.
 */
final class OnnxGru implements AutoCloseable {
  /** Place of z, r and g in its rows. */
  private static final List<Integer> GATES = List.of(0, 1, 2);

  private final int units;
  private final int batch;
  private final int steps;
  private final OrtSession session;
  private final Map<String, OnnxTensor> inputs;

  /**
   * A session with one operator, inputs [steps][batch][units] and a state of zeros.
   *
   * @param threads within the operator
   * @throws IllegalStateException if it computes something else than our layer
   */
  OnnxGru(int units, int batch, int steps, int threads) throws OrtException {
    this.units = units;
    this.batch = batch;
    this.steps = steps;
    SplittableRandom random = new SplittableRandom(1);
    DenseGru gru = DenseGru.random("ONNX Runtime's GRU", units, GATES, random);
    float[] x = DenseGru.normal(random, steps * batch * units, 1);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      session = environment.createSession(model(gru.arrays()), options);
    }
    inputs =
        Map.of(
            "X",
            OnnxTensor.createTensor(environment, direct(x), new long[] {steps, batch, units}),
            "H",
            OnnxTensor.createTensor(
                environment, direct(new float[batch * units]), new long[] {1, batch, units}));
    try (OrtSession.Result out = session.run(inputs)) {
      FloatBuffer values = ((OnnxTensor) out.get(0)).getFloatBuffer();
      float[] y = new float[values.remaining()];
      values.get(y);
      gru.compare(batch, x, y);
    }
  }

  /** All steps. */
  long run() throws OrtException {
    try (OrtSession.Result out = session.run(inputs)) {
      return out.size();
    }
  }

  @Override
  public void close() throws OrtException {
    inputs.values().forEach(OnnxTensor::close);
    session.close();
  }

  private static FloatBuffer direct(float[] values) {
    FloatBuffer buffer =
        ByteBuffer.allocateDirect(Float.BYTES * values.length)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    return buffer.put(values).rewind();
  }

  /** A model with the operator GRU. */
  private byte[] model(float[][] arrays) {
    float[] bias = new float[6 * units];
    System.arraycopy(arrays[2], 0, bias, 0, 3 * units);
    System.arraycopy(arrays[3], 0, bias, 3 * units, 3 * units);
    NodeProto.Builder node =
        NodeProto.newBuilder()
            .setOpType("GRU")
            .addAllInput(List.of("X", "W", "R", "B", "", "H"))
            .addOutput("Y")
            .addAttribute(integer("hidden_size", units))
            .addAttribute(integer("linear_before_reset", 1));
    GraphProto.Builder graph =
        GraphProto.newBuilder()
            .setName("gru")
            .addNode(node)
            .addInitializer(tensor("W", arrays[0], 1, 3L * units, units))
            .addInitializer(tensor("R", arrays[1], 1, 3L * units, units))
            .addInitializer(tensor("B", bias, 1, 6L * units))
            .addInput(value("X", steps, batch, units))
            .addInput(value("H", 1, batch, units))
            .addOutput(value("Y", steps, 1, batch, units));
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(14))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static TensorProto tensor(String name, float[] values, long... shape) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder().setName(name).setDataType(TensorProto.DataType.FLOAT.getNumber());
    for (long extent : shape) {
      tensor.addDims(extent);
    }
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    return tensor.setRawData(ByteString.copyFrom(raw)).build();
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
