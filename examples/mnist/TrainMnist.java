import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.Mnist;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.training.EpochResult;
import io.tacet.training.Training;
import io.tacet.training.TrainingListener;
import io.tacet.training.CrossEntropy;
import java.nio.file.Path;

/** Latency-coded MNIST, 784-350-10, read out by the largest voltage. */
public class TrainMnist {
  public static void main(String[] args) throws Exception {
    if (args.length == 0) {
      System.err.println("Arguments: FOLDER_OF_MNIST [EPOCHS]");
      System.exit(2);
    }
    Mnist mnist = Mnist.in(Path.of(args[0]));
    try (Backend backend = Backends.best();
        Network network =
            Network.on(backend)
                .spikes(Mnist.SOURCES)
                .lif(350, Lif.tau(20, 5), Weights.normal(0.078, 0.045))
                .readout(Mnist.CLASSES, 20, 5, Weights.normal(0.2, 0.37), Reduction.MAX)
                .build(0)) {
      Training.of(network)
          .loss(new CrossEntropy())
          .optimizer(Adam.rate(5e-3).decay(0.95))
          .inputDropout(0.2)
          .batch(5)
          .epochs(args.length > 1 ? Integer.parseInt(args[1]) : 20)
          .listener(
              new TrainingListener() {
                @Override
                public void epoch(EpochResult result) {
                  System.out.printf(
                      "epoch %d: test accuracy %.2f %%, %.0f s%n",
                      result.epoch(), 100 * result.testAccuracy(), result.seconds());
                }
              })
          .run(mnist.train(), mnist.test());
      network.save(Path.of("mnist.tacet"));
    }
  }
}
