package io.tacet.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.tacet.report.ProtoMessage;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One step of ONNX Runtime's GRU (reset gate after the product) with as many inputs as units, as a
 * model of that single operator: a dense peer of {@link EgruStreamBenchmark}. Its step is compared
 * with that of our layer with the same weights and no threshold.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xmx6g"})
public class OnnxGruBenchmark {
  /** The element type FLOAT of ONNX. */
  private static final int FLOAT = 1;

  @Param("1024")
  int units;

  @Param("1")
  int batch;

  /** Threads within an operator. */
  @Param({"1", "2"})
  int threads;

  private OrtSession session;
  private Map<String, OnnxTensor> inputs;

  @Setup(Level.Trial)
  public void make() throws OrtException {
    SplittableRandom random = new SplittableRandom(1);
    float[][] arrays = {
      random(random, 3 * units * units, 0.05),
      random(random, 3 * units * units, 0.05),
      random(random, 3 * units, 0.05),
      random(random, 3 * units, 0.05)
    };
    float[] x = random(random, batch * units, 1);
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(threads);
      session = environment.createSession(model(arrays), options);
    }
    long[] shape = {1, batch, units};
    inputs =
        Map.of(
            "X",
            OnnxTensor.createTensor(environment, direct(x), shape),
            "H",
            OnnxTensor.createTensor(environment, direct(new float[x.length]), shape));
    try (OrtSession.Result out = session.run(inputs)) {
      FloatBuffer values = ((OnnxTensor) out.get(0)).getFloatBuffer();
      float[] y = new float[values.remaining()];
      values.get(y);
      DenseGru.compare("ONNX Runtime's GRU", units, batch, new int[] {0, 1, 2}, arrays, x, y);
    }
  }

  private static float[] random(SplittableRandom random, int length, double scale) {
    float[] values = new float[length];
    for (int k = 0; k < length; k++) {
      values[k] = (float) (scale * random.nextGaussian());
    }
    return values;
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
    node.putString(2, "").putString(2, "Y_h").putString(4, "GRU");
    node.putMessage(5, integer("hidden_size", units));
    node.putMessage(5, integer("linear_before_reset", 1));
    ProtoMessage graph =
        new ProtoMessage()
            .putMessage(1, node)
            .putString(2, "gru")
            .putMessage(5, tensor("W", arrays[0], 1, 3L * units, units))
            .putMessage(5, tensor("R", arrays[1], 1, 3L * units, units))
            .putMessage(5, tensor("B", bias, 1, 6L * units))
            .putMessage(11, value("X"))
            .putMessage(11, value("H"))
            .putMessage(12, value("Y_h"));
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

  /** An input or output [1][batch][units]. */
  private ProtoMessage value(String name) {
    ProtoMessage shape = new ProtoMessage();
    for (long extent : new long[] {1, batch, units}) {
      shape.putMessage(1, new ProtoMessage().putLong(1, extent));
    }
    ProtoMessage type = new ProtoMessage().putLong(1, FLOAT).putMessage(2, shape);
    return new ProtoMessage()
        .putString(1, name)
        .putMessage(2, new ProtoMessage().putMessage(1, type));
  }

  @TearDown(Level.Trial)
  public void close() throws OrtException {
    inputs.values().forEach(OnnxTensor::close);
    session.close();
  }

  @Benchmark
  public long step() throws OrtException {
    try (OrtSession.Result out = session.run(inputs)) {
      return out.size();
    }
  }
}
