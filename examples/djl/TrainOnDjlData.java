import ai.djl.inference.Predictor;
import ai.djl.modality.Classifications;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.repository.zoo.ZooModel;
import ai.djl.training.dataset.ArrayDataset;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.ArraySequences;
import io.tacet.djl.DjlModels;
import io.tacet.djl.DjlSequences;
import io.tacet.network.Network;
import io.tacet.optim.Adam;
import io.tacet.training.CrossEntropy;
import io.tacet.training.Training;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A data set of DJL teaches a network of event-gated units four frequencies, and a predictor of DJL
 * asks the network.
 */
public class TrainOnDjlData {
  private static final int STEPS = 20;
  private static final List<String> NAMES = List.of("slow", "medium", "fast", "very fast");

  public static void main(String[] args) throws IOException, TranslateException {
    int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 20;
    try (NDManager manager = NDManager.newBaseManager();
        Backend backend = Backends.best();
        Network network =
            Network.on(backend).sequence(1).egru(32).readoutOfLastStep(NAMES.size()).build(1)) {
      ArraySequences train =
          DjlSequences.read("frequencies", sines(manager, 2000, 1), STEPS, 1, NAMES.size());
      Training.of(network)
          .loss(new CrossEntropy())
          .optimizer(Adam.rate(5e-3))
          .epochs(epochs)
          .batch(100)
          .run(train, null);
      try (ZooModel<float[], Classifications> model =
              DjlModels.of("frequencies", network, new Frequencies());
          Predictor<float[], Classifications> predictor = model.newPredictor()) {
        System.out.printf("accuracy by DJL's predictor: %.1f %%%n", 100 * accuracy(predictor));
      }
    }
  }

  private static double accuracy(Predictor<float[], Classifications> predictor)
      throws TranslateException {
    SplittableRandom random = new SplittableRandom(2);
    List<float[]> signals = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      int label = random.nextInt(NAMES.size());
      signals.add(sine(label, random));
      names.add(NAMES.get(label));
    }
    List<Classifications> said = predictor.batchPredict(signals);
    int right = 0;
    for (int i = 0; i < said.size(); i++) {
      right += said.get(i).best().getClassName().equals(names.get(i)) ? 1 : 0;
    }
    return (double) right / said.size();
  }

  /** A sine of one of four frequencies with a random phase, and noise. */
  private static float[] sine(int label, SplittableRandom random) {
    double phase = random.nextDouble(2 * Math.PI);
    float[] signal = new float[STEPS];
    for (int t = 0; t < STEPS; t++) {
      signal[t] =
          (float) (Math.sin(phase + (0.4 + 0.25 * label) * t) + 0.3 * random.nextGaussian());
    }
    return signal;
  }

  private static ArrayDataset sines(NDManager manager, int samples, long seed)
      throws IOException, TranslateException {
    SplittableRandom random = new SplittableRandom(seed);
    float[] all = new float[samples * STEPS];
    int[] labels = new int[samples];
    for (int i = 0; i < samples; i++) {
      labels[i] = random.nextInt(NAMES.size());
      System.arraycopy(sine(labels[i], random), 0, all, i * STEPS, STEPS);
    }
    ArrayDataset data =
        new ArrayDataset.Builder()
            .setData(manager.create(all, new Shape(samples, STEPS, 1)))
            .optLabels(manager.create(labels))
            .setSampling(100, true)
            .build();
    data.prepare();
    return data;
  }

  /** From a signal to names and probabilities. */
  private static final class Frequencies implements Translator<float[], Classifications> {
    @Override
    public NDList processInput(TranslatorContext context, float[] signal) {
      return new NDList(context.getNDManager().create(signal, new Shape(signal.length, 1)));
    }

    @Override
    public Classifications processOutput(TranslatorContext context, NDList values) {
      NDArray probabilities = values.singletonOrThrow().softmax(0);
      return new Classifications(NAMES, probabilities);
    }
  }
}
