import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.SpikeDataset;
import io.tacet.data.StoreRecall;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.network.Connection;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import io.tacet.neuron.IntegrateAndFire.Feature;
import io.tacet.neuron.Neuron;
import io.tacet.neuron.Neurons;
import io.tacet.optim.Adam;
import io.tacet.report.Bars;
import io.tacet.report.Histogram;
import io.tacet.report.OutputFolder;
import io.tacet.training.CrossEntropy;
import io.tacet.training.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Is this symbol the one of 1 to 2 s ago? Recurrent layers of LIF neurons, and of neurons with an
 * adaptive threshold, whose time constants, jumps and refractory periods are learned.
 */
public class TrainStoreRecall {
  public static void main(String[] args) throws IOException {
    int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 8;
    int samples = args.length > 1 ? Integer.parseInt(args[1]) : 200;
    int hidden = args.length > 2 ? Integer.parseInt(args[2]) : 20;
    int seeds = args.length > 3 ? Integer.parseInt(args[3]) : 2;
    String backendName = args.length > 4 ? args[4] : "java";
    List<Neuron> neurons =
        List.of(
            Neurons.lif(),
            Neurons.integrateAndFire(Feature.ADAPTIVE_THRESHOLD, Feature.REFRACTORY)
                .with("tauThreshold", 2000)
                .with("thresholdJump", 0.8)
                .train("tauMem", "tauThreshold", "thresholdJump", "refractory"));
    List<String> names = List.of("LIF", "ALIF with a refractory period");
    OutputFolder folder = OutputFolder.create(Path.of("store-recall-out"));
    Histogram taus = new Histogram("learned time constants", "tauMem in ms", 10, 30, 40);
    Histogram rests = new Histogram("learned refractory periods", "refractory in ms", 0, 6, 48);
    List<Double> means = new ArrayList<>();
    List<Double> deviations = new ArrayList<>();
    try (Backend backend = Backends.open(backendName)) {
      for (int k = 0; k < neurons.size(); k++) {
        double[] accuracies = new double[seeds];
        for (int seed = 0; seed < seeds; seed++) {
          try (Network network = network(backend, neurons.get(k), hidden, seed)) {
            accuracies[seed] = 100 * train(network, epochs, samples, seed);
            if (k > 0) {
              taus.add("seed " + seed, network.arrays().get("layer0.tauMem").toDoubles());
              rests.add("seed " + seed, network.arrays().get("layer0.refractory").toDoubles());
            }
          }
          System.out.printf(
              "%s, seed %d: test accuracy %.1f %%%n", names.get(k), seed, accuracies[seed]);
        }
        double mean = Arrays.stream(accuracies).average().orElseThrow();
        double squares = Arrays.stream(accuracies).map(a -> (a - mean) * (a - mean)).sum();
        means.add(mean);
        deviations.add(seeds > 1 ? Math.sqrt(squares / (seeds - 1)) : 0);
        System.out.printf(
            "%s: test accuracy %.2f +- %.2f %%%n", names.get(k), mean, deviations.get(k));
      }
    }
    folder.write(
        "store-recall.png",
        new Bars("Store and recall", "neuron", "test accuracy (%)", names)
            .add("mean of " + seeds + " seeds", means, deviations));
    folder.write("time-constants.png", taus);
    folder.write("refractory-periods.png", rests);
  }

  private static Network network(Backend backend, Neuron neuron, int hidden, long seed) {
    return Network.on(backend)
        .duration(StoreRecall.INPUT_MS + 20)
        .spikes(StoreRecall.SOURCES)
        .neuron(
            hidden,
            neuron,
            Connection.dense(Weights.normal(0.4, 0.8)),
            Connection.dense(Weights.normal(0, 0.1)).delays(1, 10))
        .readout(StoreRecall.CLASSES, 20, 5, Weights.normal(0, 0.02), Reduction.SUM)
        .build(seed);
  }

  private static double train(Network network, int epochs, int samples, long seed)
      throws IOException {
    SpikeDataset train = StoreRecall.generate("store-recall train", samples, 1);
    return Training.of(network)
        .loss(new CrossEntropy())
        .optimizer(Adam.rate(1e-2).decay(0.95))
        .epochs(epochs)
        .batch(16)
        .seed(seed)
        .run(train, StoreRecall.generate("store-recall test", 300, 3))
        .testAccuracy();
  }
}
