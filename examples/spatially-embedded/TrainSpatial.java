import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.analysis.WiringMeasures;
import io.tacet.data.Dataset;
import io.tacet.data.Sequences;
import io.tacet.dense.Activation;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.network.Connection;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.Positions;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.systems.sernn.ChoiceTask;
import io.tacet.training.CrossEntropy;
import io.tacet.training.History;
import io.tacet.training.Training;
import io.tacet.training.WiringCost;

/**
 * A layer of 100 recurrent units in space, of any cell, under a cost of its wiring: {@code
 * TrainSpatial rnn|egru|lif spatial|weight STRENGTH EPOCHS}.
 */
public class TrainSpatial {
  private static final Positions GRID = Positions.grid(5, 5, 4);

  public static void main(String[] args) throws Exception {
    String cell = args.length > 0 ? args[0] : "rnn";
    boolean spatial = args.length < 2 || args[1].equals("spatial");
    double strength = args.length > 2 ? Double.parseDouble(args[2]) : 0.1;
    int epochs = args.length > 3 ? Integer.parseInt(args[3]) : 10;
    boolean spikes = cell.equals("lif");
    int trials = cell.equals("rnn") ? 5120 : 2560;
    Dataset train =
        spikes ? Sequences.generate("train", 1500, 1) : ChoiceTask.trials(trials, 1);
    Dataset test = spikes ? Sequences.generate("test", 500, 3) : ChoiceTask.eachKind();
    try (Backend backend = Backends.open("java");
        Network network = network(Network.on(backend), cell).build(spikes ? 2 : 1)) {
      History history =
          Training.of(network)
              .loss(new CrossEntropy())
              .optimizer(optimizer(cell))
              .regulariser(
                  spatial ? WiringCost.spatial(strength, GRID) : WiringCost.weight(strength))
              .inputNoise(cell.equals("rnn") ? 0.05 : 0)
              .epochs(epochs)
              .batch(spikes ? 32 : 128)
              .seed(1)
              .run(train, test);
      WiringMeasures wiring =
          WiringMeasures.of(
              WiringCost.strengths(network.layers().get(0).recurrent().get(0)), GRID, 1);
      System.out.printf("Test accuracy %.2f %%%n", 100 * history.testAccuracy());
      System.out.printf(
          "Total weight %.1f, correlation with length %.3f, mean length %.2f, small-worldness %.2f,"
              + " modularity %.3f%n",
          wiring.total(),
          wiring.correlation(),
          wiring.length(),
          wiring.smallWorldness(),
          wiring.modularity());
    }
  }

  private static NetworkBuilder network(NetworkBuilder on, String cell) {
    return switch (cell) {
      case "egru" ->
          on.sequence(ChoiceTask.CHANNELS).egru(100, Egru.defaults()).readout(ChoiceTask.CLASSES);
      case "lif" ->
          on.duration(80)
              .spikes(Sequences.SOURCES)
              .lif(
                  100,
                  Lif.tau(20, 5),
                  Connection.dense(Weights.normal(3, 2)).delays(0, 10).trainDelays(),
                  Connection.sparse(0.2, Weights.normal(0, 1)).delays(1, 10).trainDelays())
              .readout(Sequences.CLASSES, 20, 5, Weights.normal(0, 0.3), Reduction.MAX);
      default ->
          on.sequence(ChoiceTask.CHANNELS)
              .rnn(
                  100,
                  Activation.RELU,
                  Connection.dense(Weights.xavierUniform()),
                  Connection.dense(Weights.orthogonal()))
              .readoutOfLastStep(ChoiceTask.CLASSES, Weights.xavierUniform());
    };
  }

  private static Adam optimizer(String cell) {
    return switch (cell) {
      case "egru" -> Adam.rate(3e-3);
      case "lif" -> Adam.rate(5e-3).decay(0.95);
      default -> Adam.rate(1e-3);
    };
  }
}
