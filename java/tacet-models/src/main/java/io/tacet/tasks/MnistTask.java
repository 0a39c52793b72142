package io.tacet.tasks;

import io.tacet.data.Mnist;
import io.tacet.data.SpikeDataset;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Weights;
import io.tacet.training.CrossEntropy;
import io.tacet.training.CrossEntropyOverTime;
import io.tacet.training.Loss;
import io.tacet.training.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Latency-coded MNIST with the network, loss and settings of Wunderlich and Pehle (2021): 784
 * inputs, 350 hidden neurons, 10 leaky integrators read out by their largest voltage. The last 5000
 * of the 60,000 training images, a twelfth, are kept back for validation.
 */
public final class MnistTask implements Task {
  static final List<String> DIGITS =
      IntStream.range(0, Mnist.CLASSES).mapToObj(Integer::toString).toList();

  /** Cross-entropy at every step of a grid instead of that of one number for each output. */
  private static final String OVER_TIME = "over-time";

  @Override
  public String name() {
    return "mnist";
  }

  @Override
  public String summary() {
    return "latency-coded digits, spiking, voltage read-out";
  }

  @Override
  public String published() {
    return "97.58 +- 0.12 % test accuracy after 100 epochs (Wunderlich and Pehle 2021)";
  }

  @Override
  public String standardTest() {
    return "35e52f5f";
  }

  @Override
  public List<Option> options() {
    return Options.join(
        List.of(
            Option.choice(
                "loss",
                "max",
                "cross-entropy of what is read from the voltages; over-time with the grid only",
                "max",
                "mean",
                "sum",
                "exponential",
                OVER_TIME),
            Option.real(
                "inputDropout", 0.2, 0, 0.99, "probability that an input event is left out")),
        Options.spiking(350, 60, "single"),
        List.of(SparseOptions.density("density", "input synapses of hidden neurons")),
        SparseOptions.rewiring(),
        Options.common(100, 5, 5e-3));
  }

  @Override
  public Map<String, Map<String, Object>> recipes() {
    return Map.of("paper", Map.of("decay", 0.95));
  }

  @Override
  public TaskData load(Path directory, Settings s) throws IOException {
    Mnist mnist = Mnist.in(directory);
    SpikeDataset train = mnist.train();
    int kept = train.size() - train.size() / 12;
    SpikeDataset validation = train.slice(kept, train.size()).named("MNIST validation");
    return TaskData.labelled(train.slice(0, kept), validation, mnist.test(), DIGITS)
        .first(s.integer("samples"));
  }

  @Override
  public NetworkSpec network(Settings s, TaskData data) {
    Connection dense = Connection.dense(Weights.normal(0.078, 0.045));
    return NetworkSpec.builder()
        .precision(s.precision())
        .simulator(s.simulator())
        .duration(s.real("duration"))
        .spikes(Mnist.SOURCES)
        .lif(s.integer("hidden"), Lif.tau(20, 5), SparseOptions.connection(s, "density", dense))
        .readout(Mnist.CLASSES, 20, 5, Weights.normal(0.2, 0.37), reduction(s))
        .spec();
  }

  private static Reduction reduction(Settings s) {
    return s.text("loss").equals(OVER_TIME) ? Reduction.MEAN : s.choice("loss", Reduction.class);
  }

  @Override
  public Loss loss(Settings s) {
    return s.text("loss").equals(OVER_TIME) ? new CrossEntropyOverTime() : new CrossEntropy();
  }

  @Override
  public Training training(Network network, Settings s) {
    return Task.super.training(network, s).inputDropout(s.real("inputDropout"));
  }
}
