package io.tacet.tasks;

import io.tacet.Backend;
import io.tacet.data.Mnist;
import io.tacet.data.SpikeDataset;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.eventprop.Simulator;
import io.tacet.memory.DType;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.training.CrossEntropyOverTime;
import io.tacet.training.Loss;
import io.tacet.training.Training;
import io.tacet.training.VoltageLoss;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Latency-coded MNIST with the network, loss and settings of Wunderlich and Pehle (2021): 784
 * inputs, 350 hidden neurons, 10 leaky integrators read out by their largest voltage. The last 5000
 * of the 60,000 training images, a twelfth, are kept back for validation.
 */
public final class MnistTask implements Task {
  /** Cross-entropy at every step of a grid instead of that of one number for each output. */
  private static final String OVER_TIME = "over-time";

  @Override
  public String name() {
    return "mnist";
  }

  @Override
  public String published() {
    return "97.58 +- 0.12 % test accuracy after 100 epochs (Wunderlich and Pehle 2021)";
  }

  @Override
  public List<String> classes() {
    return IntStream.range(0, Mnist.CLASSES).mapToObj(Integer::toString).toList();
  }

  @Override
  public Settings settings(String recipe) {
    if (!recipe.equals("paper")) {
      throw Task.noRecipe(recipe, "paper");
    }
    return new Settings(
        name(), recipe, 100, 5, 0, 350, 60, DType.FLOAT32, Simulator.exact(), "max");
  }

  @Override
  public Data load(Path directory) throws IOException {
    Mnist mnist = Mnist.in(directory == null ? usualDirectory() : directory);
    SpikeDataset train = mnist.train();
    int kept = train.size() - train.size() / 12;
    SpikeDataset validation = train.slice(kept, train.size()).named("MNIST validation");
    return new Data(train.slice(0, kept), validation, mnist.test());
  }

  private static Path usualDirectory() {
    return Path.of(System.getenv().getOrDefault("TACET_DATA", "data"));
  }

  @Override
  public Network build(Backend backend, Settings settings) {
    return Network.on(backend)
        .precision(settings.precision())
        .simulator(settings.simulator())
        .duration(settings.duration())
        .spikes(Mnist.SOURCES)
        .lif(settings.hidden(), Lif.tau(20, 5), Weights.normal(0.078, 0.045))
        .readout(Mnist.CLASSES, 20, 5, Weights.normal(0.2, 0.37), reduction(settings.loss()))
        .build(settings.seed());
  }

  private static Reduction reduction(String loss) {
    return switch (loss) {
      case "max" -> Reduction.MAX;
      case "mean", OVER_TIME -> Reduction.MEAN;
      case "sum" -> Reduction.SUM;
      case "exponential" -> Reduction.EXPONENTIAL;
      default ->
          throw new IllegalArgumentException(
              "loss: mnist has the losses max, mean, sum, exponential and over-time, got '"
                  + loss
                  + "'.");
    };
  }

  @Override
  public Loss loss(Settings settings) {
    return settings.loss().equals(OVER_TIME) ? new CrossEntropyOverTime() : new VoltageLoss();
  }

  @Override
  public Training training(Network network, Settings settings) {
    return Training.of(network)
        .loss(loss(settings))
        .optimizer(Adam.rate(5e-3).decay(0.95))
        .epochs(settings.epochs())
        .batch(settings.batch())
        .seed(settings.seed())
        .inputDropout(0.2);
  }
}
