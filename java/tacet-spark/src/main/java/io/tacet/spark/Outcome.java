package io.tacet.spark;

import io.tacet.network.SpikeMargin;
import io.tacet.training.EpochResult;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/** What the first worker brings home. No record, for Kryo's sake. */
final class Outcome implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int FIELDS = 10;

  private final byte[] model;
  private final double[][] epochs;

  /** Of each epoch, the layer with the smallest slope of a spike. */
  private final String[] layers;

  private final int attempt;
  private final int firstEpoch;
  private final long updates;
  private final long bytesSent;
  private final double seconds;

  Outcome(byte[] model, TrainingSummary summary) {
    this.model = model;
    epochs = summary.epochs().stream().map(Outcome::row).toArray(double[][]::new);
    layers = summary.epochs().stream().map(e -> e.margin().layer()).toArray(String[]::new);
    attempt = summary.attempt();
    firstEpoch = summary.firstEpoch();
    updates = summary.updates();
    bytesSent = summary.bytesSent();
    seconds = summary.seconds();
  }

  private static double[] row(EpochResult result) {
    double[] row = new double[FIELDS + result.activities().size()];
    row[0] = result.epoch();
    row[1] = result.trainLoss();
    row[2] = result.trainAccuracy();
    row[3] = result.activity();
    row[4] = result.rate();
    row[5] = result.backwardSparsity();
    row[6] = result.seconds();
    row[7] = result.margin().slope();
    row[8] = result.margin().grazes();
    row[9] = result.margin().sample();
    for (int k = 0; k < result.activities().size(); k++) {
      row[FIELDS + k] = result.activities().get(k);
    }
    return row;
  }

  private static EpochResult result(double[] row, String layer) {
    List<Double> activities = new ArrayList<>();
    for (int k = FIELDS; k < row.length; k++) {
      activities.add(row[k]);
    }
    return new EpochResult(
        (int) row[0],
        row[1],
        row[2],
        Double.NaN,
        Double.NaN,
        row[3],
        activities,
        row[4],
        row[5],
        new SpikeMargin(row[7], (long) row[8], layer, (int) row[9]),
        row[6]);
  }

  /** The network as a file. */
  byte[] model() {
    return model;
  }

  TrainingSummary summary() {
    List<EpochResult> results = new ArrayList<>();
    for (int k = 0; k < epochs.length; k++) {
      results.add(result(epochs[k], layers[k]));
    }
    return new TrainingSummary(results, attempt, firstEpoch, updates, bytesSent, seconds);
  }
}
