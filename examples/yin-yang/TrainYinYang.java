import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.YinYang;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.training.History;
import io.tacet.training.TimeToFirstSpike;
import io.tacet.training.Training;
import java.nio.file.Path;

/** Builds, trains and saves the Yin-Yang network of Wunderlich and Pehle (2021). */
public class TrainYinYang {
  public static void main(String[] args) throws Exception {
    int epochs = args.length > 0 ? Integer.parseInt(args[0]) : 100;
    Lif lif = Lif.tau(20, 5);
    try (Backend backend = Backends.best();
        Network network =
            Network.on(backend)
                .spikes(YinYang.SOURCES)
                .lif(200, lif, Weights.normal(1.5, 0.78))
                .lif(YinYang.CLASSES, lif, Weights.normal(0.93, 0.1))
                .build(0)) {
      History history =
          Training.of(network)
              .loss(TimeToFirstSpike.of(0.5, 6.4, 3e-3).skipSilentLabels())
              .optimizer(Adam.rate(5e-3).decay(0.95))
              .epochs(epochs)
              .batch(32)
              .run(YinYang.train(), YinYang.test());
      network.save(Path.of("yin-yang.tacet"));
      System.out.printf("Test accuracy %.2f %%%n", 100 * history.testAccuracy());
    }
  }
}
