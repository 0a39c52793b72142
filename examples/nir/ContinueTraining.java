import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.YinYang;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import io.tacet.nir.NirGraph;
import io.tacet.nir.NirNetworks;
import io.tacet.optim.Adam;
import io.tacet.training.History;
import io.tacet.training.TimeToFirstSpike;
import io.tacet.training.Training;
import java.nio.file.Path;
import java.util.Arrays;

/** Trains a network, writes it as NIR, reads it as any program may, and trains on. */
public class ContinueTraining {
  public static void main(String[] args) throws Exception {
    int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 5;
    Path file = Path.of("yin-yang.nir");
    Lif lif = Lif.tau(20, 5);
    try (Backend backend = Backends.best();
        Network network =
            Network.on(backend)
                .spikes(YinYang.SOURCES)
                .lif(120, lif, Weights.normal(1.5, 0.78))
                .lif(YinYang.CLASSES, lif, Weights.normal(0.93, 0.1))
                .build(0)) {
      System.out.printf("Trained here: accuracy %.2f %%%n", 100 * train(network, epochs));
      NirNetworks.graph(network).write(file);

      NirGraph graph = NirGraph.read(file);
      graph.nodes().forEach((name, node) -> System.out.println(name + " " + node.kind().type()));
      try (Network read = NirNetworks.network(backend, graph)) {
        int[] before = network.predict(YinYang.test()).classes();
        if (!Arrays.equals(read.predict(YinYang.test()).classes(), before)) {
          throw new AssertionError("The network that was read classifies otherwise.");
        }
        System.out.printf("Trained on: accuracy %.2f %%%n", 100 * train(read, epochs));
      }
    }
  }

  private static double train(Network network, int epochs) throws Exception {
    History history =
        Training.of(network)
            .loss(TimeToFirstSpike.of(0.5, 6.4, 3e-3).skipSilentLabels())
            .optimizer(Adam.rate(5e-3).decay(0.95))
            .epochs(epochs)
            .batch(32)
            .run(YinYang.train(), YinYang.test());
    return history.testAccuracy();
  }
}
