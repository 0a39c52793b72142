import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.ArraySequences;
import io.tacet.egru.GruWeights;
import io.tacet.network.Egru;
import io.tacet.network.GruExchange;
import io.tacet.network.Network;
import io.tacet.onnx.OnnxExport;
import io.tacet.onnx.OnnxImport;
import io.tacet.optim.Adam;
import io.tacet.training.CrossEntropy;
import io.tacet.training.Training;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * A GRU that has learnt goes to an ONNX model and comes back, as one of another framework would, and
 * lends its weights to event-gated units, which learn on and go to ONNX in turn.
 */
public class ThroughOnnx {
  private static final int STEPS = 20;
  private static final int UNITS = 32;
  private static final int CLASSES = 4;

  public static void main(String[] args) throws IOException {
    int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 20;
    Path folder = Files.createTempDirectory("onnx");
    ArraySequences train = phases(2000, 1);
    ArraySequences test = phases(500, 2);
    Path gru = folder.resolve("gru.onnx");
    try (Backend backend = Backends.best();
        Network network =
            Network.on(backend).sequence(1).gru(UNITS).readoutOfLastStep(CLASSES).build(1)) {
      train(network, epochs, train);
      OnnxExport.write(network, gru);
      System.out.printf("GRU: accuracy %.1f %%, in %s%n", 100 * accuracy(network, test), gru);
    }

    Path egru = folder.resolve("egru.onnx");
    try (Backend backend = Backends.best();
        Network imported = OnnxImport.read(backend, gru);
        Network events =
            Network.on(backend)
                .sequence(1)
                .egru(UNITS, Egru.defaults().thresholds(0.05))
                .readoutOfLastStep(CLASSES)
                .build(1)) {
      System.out.printf("the same, imported: accuracy %.1f %%%n", 100 * accuracy(imported, test));
      GruWeights weights = GruExchange.of(imported, "layer0");
      GruExchange.put(events, "layer0", weights);
      System.out.printf(
          "event-gated units with its weights: accuracy %.1f %%%n", 100 * accuracy(events, test));
      train(events, epochs, train);
      OnnxExport.write(events, egru);
      System.out.printf(
          "the same, trained: accuracy %.1f %%, in %s%n", 100 * accuracy(events, test), egru);
    }
  }

  private static void train(Network network, int epochs, ArraySequences data) throws IOException {
    Training.of(network)
        .loss(new CrossEntropy())
        .optimizer(Adam.rate(5e-3))
        .epochs(epochs)
        .batch(100)
        .run(data, null);
  }

  /** Sines of four frequencies with a random phase, and noise. */
  private static ArraySequences phases(int samples, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] x = new float[samples * STEPS];
    int[] labels = new int[samples];
    for (int i = 0; i < samples; i++) {
      labels[i] = random.nextInt(CLASSES);
      double phase = random.nextDouble(2 * Math.PI);
      double step = 0.4 + 0.25 * labels[i];
      for (int t = 0; t < STEPS; t++) {
        x[i * STEPS + t] = (float) (Math.sin(phase + step * t) + 0.8 * random.nextGaussian());
      }
    }
    return ArraySequences.of("sines", x, STEPS, 1, labels, CLASSES);
  }

  private static double accuracy(Network network, ArraySequences data) {
    int[] classes = network.predict(data).classes();
    int right = 0;
    for (int i = 0; i < classes.length; i++) {
      right += classes[i] == data.label(i) ? 1 : 0;
    }
    return (double) right / classes.length;
  }
}
