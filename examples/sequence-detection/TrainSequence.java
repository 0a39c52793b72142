import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.Sequences;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.eventprop.Simulator;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.training.EpochResult;
import io.tacet.training.Training;
import io.tacet.training.TrainingListener;
import io.tacet.training.CrossEntropy;

/** A recurrent layer with sparse synapses learns weights and delays together. */
public class TrainSequence {
  public static void main(String[] args) throws Exception {
    String backendName = args.length > 0 ? args[0] : "auto";
    double dt = args.length > 1 ? Double.parseDouble(args[1]) : 0;
    int epochs = args.length > 2 ? Integer.parseInt(args[2]) : 5;
    try (Backend backend = Backends.open(backendName);
        Network network =
            Network.on(backend)
                .duration(80)
                .simulator(Simulator.ofStep(dt))
                .spikes(Sequences.SOURCES)
                .lif(
                    100,
                    Lif.tau(20, 5),
                    Connection.dense(Weights.normal(3, 2)).delays(0, 10).trainDelays(),
                    Connection.sparse(0.1, Weights.normal(0, 1)).delays(1, 10).trainDelays())
                .readout(Sequences.CLASSES, 20, 5, Weights.normal(0, 0.3), Reduction.MAX)
                .build(0)) {
      Training.of(network)
          .loss(new CrossEntropy())
          .optimizer(Adam.rate(5e-3).decay(0.95))
          .epochs(epochs)
          .listener(
              new TrainingListener() {
                @Override
                public void epoch(EpochResult result) {
                  System.out.printf(
                      "epoch %d: loss %.4f, test accuracy %.2f %%, %.0f s%n",
                      result.epoch(),
                      result.testLoss(),
                      100 * result.testAccuracy(),
                      result.seconds());
                }
              })
          .run(Sequences.generate("train", 1500, 1), Sequences.generate("test", 500, 3));
    }
  }
}
