package io.tacet.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.tacet.report.ProtoMessage;
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
  /** The element type FLOAT of ONNX. */
  private static final int FLOAT = 1;

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

  /** ModelProto with the operator GRU; field numbers are those of onnx.proto. */
  private byte[] model(float[][] arrays) {
    float[] bias = new float[6 * units];
    System.arraycopy(arrays[2], 0, bias, 0, 3 * units);
    System.arraycopy(arrays[3], 0, bias, 3 * units, 3 * units);
    ProtoMessage node = new ProtoMessage();
    for (String name : new String[] {"X", "W", "R", "B", "", "H"}) {
      node.putString(1, name);
    }
    node.putString(2, "Y").putString(4, "GRU");
    node.putMessage(5, integer("hidden_size", units));
    node.putMessage(5, integer("linear_before_reset", 1));
    ProtoMessage graph =
        new ProtoMessage()
            .putMessage(1, node)
            .putString(2, "gru")
            .putMessage(5, tensor("W", arrays[0], 1, 3L * units, units))
            .putMessage(5, tensor("R", arrays[1], 1, 3L * units, units))
            .putMessage(5, tensor("B", bias, 1, 6L * units))
            .putMessage(11, value("X", steps, batch, units))
            .putMessage(11, value("H", 1, batch, units))
            .putMessage(12, value("Y", steps, 1, batch, units));
    ProtoMessage operators = new ProtoMessage().putString(1, "").putLong(2, 14);
    return new ProtoMessage()
        .putLong(1, 8)
        .putMessage(7, graph)
        .putMessage(8, operators)
        .toByteArray();
  }

  private static ProtoMessage integer(String name, long value) {
    return new ProtoMessage().putString(1, name).putLong(3, value).putLong(20, 2);
  }

  private static ProtoMessage tensor(String name, float[] values, long... shape) {
    ByteBuffer raw = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asFloatBuffer().put(values);
    ProtoMessage tensor = new ProtoMessage();
    for (long extent : shape) {
      tensor.putLong(1, extent);
    }
    return tensor.putLong(2, FLOAT).putString(8, name).putBytes(9, raw.array());
  }

  private static ProtoMessage value(String name, long... shape) {
    ProtoMessage extents = new ProtoMessage();
    for (long extent : shape) {
      extents.putMessage(1, new ProtoMessage().putLong(1, extent));
    }
    ProtoMessage type = new ProtoMessage().putLong(1, FLOAT).putMessage(2, extents);
    return new ProtoMessage()
        .putString(1, name)
        .putMessage(2, new ProtoMessage().putMessage(1, type));
  }
}
