import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.SpikeDataset;
import io.tacet.data.YinYang;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import io.tacet.neuron.Neuron;
import io.tacet.neuron.Neurons;
import io.tacet.optim.Adam;
import io.tacet.report.LearningCurve;
import io.tacet.report.OutputFolder;
import io.tacet.training.EpochResult;
import io.tacet.training.History;
import io.tacet.training.TimeToFirstSpike;
import io.tacet.training.Training;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The Yin-Yang data set with hidden layers of different neurons, whose gradients are exact: LIF,
 * LIF with a refractory period that is learned, with an adaptive threshold, quadratic, and AdEx.
 */
public class TrainNeurons {
  private static final Lif LIF = Lif.tau(20, 5);

  public static void main(String[] args) throws IOException {
    int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 15;
    int samples = args.length > 1 ? Integer.parseInt(args[1]) : 1000;
    int hidden = args.length > 2 ? Integer.parseInt(args[2]) : 30;
    int seeds = args.length > 3 ? Integer.parseInt(args[3]) : 3;
    LearningCurve curves =
        new LearningCurve("Yin-Yang", IntStream.rangeClosed(1, epochs).toArray());
    List<Hidden> layers =
        List.of(
            new Hidden("LIF", Neurons.lif(), 1),
            new Hidden("refractory LIF", Neurons.refractory(2).train("refractory"), 1),
            new Hidden("ALIF", Neurons.alif().train("thresholdJump", "tauThreshold"), 1),
            new Hidden("QIF", Neurons.qif().tolerance(1e-6), 0.8),
            new Hidden("AdEx", Neurons.adex().tolerance(1e-6), 1.5));
    try (Backend backend = Backends.open("java")) {
      for (Hidden each : layers) {
        List<History> runs =
            IntStream.range(0, seeds)
                .mapToObj(seed -> train(backend, each, hidden, samples, epochs, seed))
                .toList();
        double[] accuracies = runs.stream().mapToDouble(History::testAccuracy).toArray();
        double mean = IntStream.range(0, seeds).mapToDouble(s -> accuracies[s]).average().orElse(0);
        double square =
            IntStream.range(0, seeds).mapToDouble(s -> Math.pow(accuracies[s] - mean, 2)).sum();
        System.out.printf(
            "%-15s test accuracy %.2f +- %.2f %%, %.2f spikes per neuron and sample, %.0f s%n",
            each.name(),
            100 * mean,
            seeds > 1 ? 100 * Math.sqrt(square / (seeds - 1)) : 0,
            runs.get(0).last().activity(),
            runs.stream().mapToDouble(run -> run.last().seconds()).sum());
        List<EpochResult> first = runs.get(0).epochs();
        curves.add(
            each.name(),
            first.stream().mapToDouble(EpochResult::testLoss).toArray(),
            first.stream().mapToDouble(EpochResult::testAccuracy).toArray());
      }
    }
    OutputFolder.create(Path.of("neurons-out")).write("neurons.png", curves);
  }

  /** A kind of hidden neurons, with the scale of initial weights by which they fire alike. */
  private record Hidden(String name, Neuron neuron, double scale) {
    Weights weights() {
      return Weights.normal(1.5 * scale, 0.78 * scale);
    }
  }

  private static History train(
      Backend backend, Hidden layer, int hidden, int samples, int epochs, long seed) {
    SpikeDataset train = YinYang.train();
    try (Network network =
        Network.on(backend)
            .spikes(YinYang.SOURCES)
            .neuron(hidden, layer.neuron(), layer.weights())
            .lif(YinYang.CLASSES, LIF, Weights.normal(0.93, 0.1))
            .build(seed)) {
      return Training.of(network)
          .loss(TimeToFirstSpike.of(0.5, 6.4, 3e-3).skipSilentLabels())
          .optimizer(Adam.rate(5e-3).decay(0.95))
          .epochs(epochs)
          .batch(16)
          .seed(seed)
          .run(train.slice(0, Math.min(samples, train.size())), YinYang.test());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
