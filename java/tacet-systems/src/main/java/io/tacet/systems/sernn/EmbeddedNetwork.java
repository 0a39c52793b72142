package io.tacet.systems.sernn;

import io.tacet.Backend;
import io.tacet.analysis.WiringMeasures;
import io.tacet.checkpoint.NamedArrays;
import io.tacet.data.SequenceData;
import io.tacet.dense.Activation;
import io.tacet.network.Connection;
import io.tacet.network.Network;
import io.tacet.network.Positions;
import io.tacet.network.Weights;
import io.tacet.optim.Adam;
import io.tacet.optim.Schedule;
import io.tacet.training.EpochResult;
import io.tacet.training.Training;
import io.tacet.training.TrainingListener;
import io.tacet.training.WiringCost;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The network of the publication, and how it is trained. */
final class EmbeddedNetwork {
  static final int UNITS = 100;
  static final Positions GRID = Positions.grid(5, 5, 4);
  static final String RECURRENT = "layer0.recurrentWeights";

  private static final int TRIALS = 5120;
  private static final int BATCH = 128;
  private static final double NOISE = 0.05;

  private EmbeddedNetwork() {}

  /**
   * A network after some epochs.
   *
   * @param accuracy on a trial of each kind
   * @param recurrent weights [UNITS][UNITS], by source
   * @param arrays all of them
   */
  record Snapshot(double accuracy, double[] recurrent, NamedArrays arrays) {
    boolean learned() {
      return accuracy >= 0.9;
    }

    WiringMeasures measures() {
      return WiringMeasures.of(recurrent, GRID, 1);
    }
  }

  /** 100 rectified linear units, read at the last step. */
  static Network build(Backend backend, Connection recurrent, long seed) {
    return Network.on(backend)
        .sequence(ChoiceTask.CHANNELS)
        .rnn(UNITS, Activation.RELU, Connection.dense(Weights.xavierUniform()), recurrent)
        .readoutOfLastStep(ChoiceTask.CLASSES, Weights.xavierUniform())
        .build(seed);
  }

  /**
   * Trains a network.
   *
   * @param cost of its wiring
   * @param epochs after which to take snapshots, ascending
   */
  static List<Snapshot> train(Backend backend, WiringCost cost, long seed, List<Integer> epochs)
      throws IOException {
    List<Snapshot> snapshots = new ArrayList<>();
    try (Network network = build(backend, Connection.dense(Weights.orthogonal()), seed)) {
      Training.of(network)
          .optimizer(
              new Adam(1e-3, 0.9, 0.999, 1e-7, 0, Double.POSITIVE_INFINITY, Schedule.constant()))
          .regulariser(cost)
          .inputNoise(NOISE)
          .epochs(epochs.get(epochs.size() - 1))
          .batch(BATCH)
          .seed(seed)
          .listener(
              new TrainingListener() {
                @Override
                public void epoch(EpochResult result) {
                  if (result.epoch() == epochs.get(snapshots.size())) {
                    snapshots.add(snapshot(network));
                  }
                }
              })
          .run(ChoiceTask.trials(TRIALS, seed), null);
    }
    return snapshots;
  }

  private static Snapshot snapshot(Network network) {
    return new Snapshot(
        accuracy(network), network.arrays().get(RECURRENT).toDoubles(), network.weights());
  }

  /** On a trial of each kind. */
  static double accuracy(Network network) {
    SequenceData trials = ChoiceTask.eachKind();
    int[] classes = network.predict(trials).classes();
    int right = 0;
    for (int k = 0; k < classes.length; k++) {
      right += classes[k] == trials.label(k) ? 1 : 0;
    }
    return (double) right / classes.length;
  }
}
