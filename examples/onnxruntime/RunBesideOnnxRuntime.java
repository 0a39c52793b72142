import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.ArraySequences;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.network.Network;
import io.tacet.onnx.OnnxExport;
import io.tacet.onnxruntime.OrtTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * A network goes to ONNX, and ONNX Runtime computes it: it reads an array of Tacet and writes into
 * another, without a copy on either side.
 */
public class RunBesideOnnxRuntime {
  private static final int STEPS = 12;
  private static final int SAMPLES = 8;
  private static final int CHANNELS = 3;
  private static final int CLASSES = 4;

  public static void main(String[] args) throws IOException, OrtException {
    SplittableRandom random = new SplittableRandom(1);
    // [steps][samples][channels], as networks and their models take them.
    float[] values = new float[STEPS * SAMPLES * CHANNELS];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    Path file = Files.createTempDirectory("onnx").resolve("egru.onnx");
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (Backend host = Backends.open("host");
        Network network =
            Network.on(host).sequence(CHANNELS).egru(16).readoutOfLastStep(CLASSES).build(1)) {
      OnnxExport.write(network, file);
      try (OrtSession session = environment.createSession(file.toString());
          DeviceArray inputs = host.of(values, STEPS, SAMPLES, CHANNELS);
          DeviceArray scores = host.allocate(DType.FLOAT32, SAMPLES, CLASSES);
          OnnxTensor x = OrtTensors.view(environment, inputs);
          OnnxTensor y = OrtTensors.view(environment, scores)) {
        session.run(Map.of("x", x), Map.of("y", y)).close();
        System.out.printf(
            "largest difference between Tacet and ONNX Runtime: %.1e%n",
            difference(network.predict(samples(values)).scores(), scores.toFloats()));
      }
    }
  }

  /** The same numbers sample by sample. */
  private static ArraySequences samples(float[] values) {
    float[] bySample = new float[values.length];
    for (int t = 0; t < STEPS; t++) {
      for (int b = 0; b < SAMPLES; b++) {
        System.arraycopy(
            values, (t * SAMPLES + b) * CHANNELS, bySample, (b * STEPS + t) * CHANNELS, CHANNELS);
      }
    }
    return ArraySequences.of("noise", bySample, STEPS, CHANNELS, new int[SAMPLES], CLASSES);
  }

  private static double difference(double[][] ours, float[] theirs) {
    double largest = 0;
    for (int b = 0; b < SAMPLES; b++) {
      for (int k = 0; k < CLASSES; k++) {
        largest = Math.max(largest, Math.abs(ours[b][k] - theirs[b * CLASSES + k]));
      }
    }
    return largest;
  }
}
