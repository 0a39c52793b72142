package io.tacet.training;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.Dataset;
import io.tacet.data.Mnist;
import io.tacet.data.PixelSequences;
import io.tacet.data.YinYang;
import io.tacet.eventprop.Simulator;
import io.tacet.files.Json;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * Trains networks with 1 % of the recurrent synapses, and their dense twins ({@link MaskedTwin}),
 * on real tasks in single precision, and prints a line of JSON for each pair. A program, since it
 * takes minutes: arguments are the folder of MNIST and the number of seeds.
 */
final class MaskedTwins {
  private static final double DENSITY = 0.01;

  /**
   * A comparison.
   *
   * @param spec makes the network of its recurrent synapses
   */
  private record Task(
      String name,
      Function<Connection, NetworkSpec> spec,
      Weights recurrent,
      Dataset train,
      Dataset test,
      Loss loss,
      int batch,
      int epochs) {}

  private MaskedTwins() {}

  /** See the class. */
  public static void main(String[] args) throws IOException {
    for (Task task : new Task[] {spiking(), gated(Path.of(args[0]))}) {
      for (int seed = 0; seed < Integer.parseInt(args[1]); seed++) {
        System.out.println(Json.line(compare(task, seed)));
      }
    }
  }

  private static Task spiking() {
    Lif lif = Lif.tau(20, 5);
    return new Task(
        "Yin-Yang, 200 LIF neurons, grid of 0.2 ms",
        recurrent ->
            NetworkSpec.builder()
                .simulator(Simulator.grid(0.2))
                .spikes(YinYang.SOURCES)
                .lif(200, lif, Connection.dense(Weights.normal(1.5, 0.78)), recurrent)
                .lif(YinYang.CLASSES, lif, Weights.normal(0.93, 0.1))
                .spec(),
        Weights.normal(0, 0.3),
        YinYang.train(),
        YinYang.test(),
        TimeToFirstSpike.of(0.5, 6.4, 3e-3).skipSilentLabels(),
        32,
        8);
  }

  private static Task gated(Path folder) throws IOException {
    Mnist mnist = Mnist.in(folder);
    int[] order = PixelSequences.inOrder(Mnist.SOURCES);
    return new Task(
        "MNIST by rows, first 5000 samples, 256 EGRU",
        recurrent ->
            NetworkSpec.builder()
                .sequence(Mnist.SIDE)
                .egru(256, Egru.defaults().thresholds(0.1), Connection.dense(), recurrent)
                .readout(Mnist.CLASSES)
                .spec(),
        Weights.normalByFanIn(0, 1),
        mnist.trainPixels(order, Mnist.SIDE).first(5000),
        mnist.testPixels(order, Mnist.SIDE),
        new CrossEntropy(),
        50,
        6);
  }

  private static Map<String, Object> compare(Task task, int seed) throws IOException {
    NetworkSpec sparse = task.spec.apply(Connection.sparse(DENSITY, task.recurrent));
    NetworkSpec dense = task.spec.apply(Connection.dense(task.recurrent));
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, sparse, seed);
        MaskedTwin twin = new MaskedTwin(java, network, dense)) {
      EpochResult ours = training(task, network, seed).run(task.train, task.test).last();
      EpochResult theirs =
          training(task, twin.network(), seed).regulariser(twin).run(task.train, task.test).last();
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("task", task.name);
      line.put("seed", seed);
      line.put("epochs", task.epochs);
      twin.sparse().forEach((name, places) -> line.put(name, places.length));
      line.put("sparseTestAccuracy", ours.testAccuracy());
      line.put("twinTestAccuracy", theirs.testAccuracy());
      line.put("sparseSeconds", ours.seconds());
      line.put("twinSeconds", theirs.seconds());
      return line;
    }
  }

  private static Training training(Task task, Network network, int seed) {
    return Training.of(network)
        .loss(task.loss)
        .optimizer(Adam.rate(5e-3))
        .clipNorm(1)
        .batch(task.batch)
        .epochs(task.epochs)
        .seed(seed);
  }
}
