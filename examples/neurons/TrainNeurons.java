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
import io.tacet.report.Bars;
import io.tacet.report.OutputFolder;
import io.tacet.training.History;
import io.tacet.training.TimeToFirstSpike;
import io.tacet.training.Training;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
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
    List<Hidden> layers =
        List.of(
            new Hidden("LIF", Neurons.lif(), 1),
            new Hidden("refractory LIF", Neurons.refractory(2).train("refractory"), 1),
            new Hidden("ALIF", Neurons.alif().train("thresholdJump", "tauThreshold"), 1),
            new Hidden("QIF", Neurons.qif().tolerance(1e-6), 0.8),
            new Hidden("AdEx", Neurons.adex().tolerance(1e-6), 1.5));
    List<Double> means = new ArrayList<>();
    List<Double> deviations = new ArrayList<>();
    try (Backend backend = Backends.open("java")) {
      for (Hidden each : layers) {
        List<History> runs =
            IntStream.range(0, seeds)
                .mapToObj(seed -> train(backend, each, hidden, samples, epochs, seed))
                .toList();
        double[] accuracies = runs.stream().mapToDouble(h -> 100 * h.testAccuracy()).toArray();
        double mean = Arrays.stream(accuracies).average().orElseThrow();
        double squares = Arrays.stream(accuracies).map(a -> (a - mean) * (a - mean)).sum();
        means.add(mean);
        deviations.add(seeds > 1 ? Math.sqrt(squares / (seeds - 1)) : 0);
        System.out.printf(
            "%-15s test accuracy %.2f +- %.2f %%, %.2f spikes per neuron and sample, %.0f s%n",
            each.name(),
            mean,
            deviations.get(deviations.size() - 1),
            runs.get(0).last().activity(),
            runs.stream().mapToDouble(run -> run.last().seconds()).sum());
      }
    }
    List<String> names = layers.stream().map(Hidden::name).toList();
    Bars bars =
        new Bars("Yin-Yang, " + hidden + " hidden neurons", "neuron", "test accuracy (%)", names)
            .add("mean of " + seeds + " seeds", means, deviations);
    OutputFolder.create(Path.of("neurons-out")).write("neurons.png", bars);
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
