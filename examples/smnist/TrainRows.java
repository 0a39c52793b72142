import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.Mnist;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.optim.Adam;
import io.tacet.optim.Schedule;
import io.tacet.training.History;
import io.tacet.training.Training;
import java.nio.file.Path;
import java.util.Locale;

/** Reads MNIST row by row with event-gated recurrent units: 28 steps of 28 pixels. */
public class TrainRows {
  public static void main(String[] args) throws Exception {
    if (args.length == 0) {
      System.err.println("Arguments: FOLDER_OF_MNIST [EPOCHS]");
      System.exit(2);
    }
    Mnist mnist = Mnist.in(Path.of(args[0]));
    try (Backend backend = Backends.best();
        Network network =
            Network.on(backend)
                .sequence(Mnist.SIDE)
                .egru(128, Egru.defaults().thresholds(0.1))
                .readout(Mnist.CLASSES)
                .build(0)) {
      History history =
          Training.of(network)
              .optimizer(Adam.rate(5e-3).schedule(Schedule.cosine(0.02)))
              .clipNorm(1)
              .epochs(args.length > 1 ? Integer.parseInt(args[1]) : 15)
              .batch(50)
              .run(mnist.trainRows(), mnist.testRows());
      network.save(Path.of("rows.tacet"));
      System.out.printf(Locale.ROOT, "Test accuracy %.2f %%%n", 100 * history.testAccuracy());
    }
  }
}
