package io.tacet.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.tacet.onnx.internal.Onnx.GraphProto;
import io.tacet.onnx.internal.Onnx.ModelProto;
import io.tacet.onnx.internal.Onnx.OperatorSetIdProto;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** What ONNX Runtime makes of a model. */
final class OnnxRuntime {
  private OnnxRuntime() {}

  /** A model around a graph. */
  static ModelProto model(GraphProto graph, long operators) {
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(operators))
        .setGraph(graph)
        .build();
  }

  /** Numbers with their extents. */
  record Numbers(float[] values, long... dims) {}

  /** All outputs for inputs of numbers, and of an INT32 vector. */
  static Map<String, Numbers> run(
      ModelProto model, Map<String, Numbers> inputs, String name, int[] vector) {
    return run(model, inputs, Map.of(), null, Map.of(name, vector));
  }

  /** All outputs for inputs of numbers. */
  static Map<String, Numbers> run(ModelProto model, Map<String, Numbers> inputs) {
    return run(model, inputs, Map.of(), null);
  }

  /** The output {@code y} for tokens [steps][batch]. */
  static float[] ofTokens(ModelProto model, long[] tokens, long steps, long batch) {
    return run(model, Map.of(), Map.of("tokens", tokens), new long[] {steps, batch})
        .get("y")
        .values();
  }

  private static Map<String, Numbers> run(
      ModelProto model, Map<String, Numbers> inputs, Map<String, long[]> whole, long[] extents) {
    return run(model, inputs, whole, extents, Map.of());
  }

  private static Map<String, Numbers> run(
      ModelProto model,
      Map<String, Numbers> inputs,
      Map<String, long[]> whole,
      long[] extents,
      Map<String, int[]> vectors) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      for (Map.Entry<String, Numbers> input : inputs.entrySet()) {
        Numbers numbers = input.getValue();
        tensors.put(
            input.getKey(),
            OnnxTensor.createTensor(
                environment, FloatBuffer.wrap(numbers.values()), numbers.dims()));
      }
      for (Map.Entry<String, long[]> input : whole.entrySet()) {
        tensors.put(
            input.getKey(),
            OnnxTensor.createTensor(environment, LongBuffer.wrap(input.getValue()), extents));
      }
      for (Map.Entry<String, int[]> input : vectors.entrySet()) {
        int[] values = input.getValue();
        tensors.put(
            input.getKey(),
            OnnxTensor.createTensor(
                environment, IntBuffer.wrap(values), new long[] {values.length}));
      }
      try (OrtSession session = environment.createSession(model.toByteArray(), options);
          OrtSession.Result result = session.run(tensors)) {
        Map<String, Numbers> outputs = new LinkedHashMap<>();
        result.forEach(
            entry -> {
              OnnxTensor tensor = (OnnxTensor) entry.getValue();
              FloatBuffer buffer = tensor.getFloatBuffer();
              float[] values = new float[buffer.remaining()];
              buffer.get(values);
              outputs.put(entry.getKey(), new Numbers(values, tensor.getInfo().getShape()));
            });
        return outputs;
      }
    } catch (OrtException e) {
      throw new AssertionError(e);
    } finally {
      tensors.values().forEach(OnnxTensor::close);
    }
  }
}
