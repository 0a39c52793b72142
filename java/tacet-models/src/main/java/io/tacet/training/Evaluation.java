package io.tacet.training;

import io.tacet.data.Dataset;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.batches.BatchPlan;
import io.tacet.network.batches.Batches;
import java.util.Arrays;

/**
 * How a network does on a data set.
 *
 * @param loss mean loss
 * @param accuracy fraction of samples whose class was predicted; NaN where they have targets
 * @param activity events per hidden neuron and sample; of recurrent units also per step; NaN
 *     without hidden units that have events
 * @param predicted class of each sample; empty where every step has a prediction, or samples have
 *     targets
 */
public record Evaluation(double loss, double accuracy, double activity, int[] predicted) {
  /** Runs the whole data set through the network; nothing changes. */
  public static Evaluation of(Network network, Loss loss, Dataset data) {
    try (Batches batches = Batches.of(network, data, BatchPlan.MEASURE)) {
      return run(batches, loss);
    }
  }

  static Evaluation run(Batches batches, Loss loss) {
    Tally tally = new Tally();
    int[] predicted = new int[batches.samples()];
    int at = 0;
    for (int k = 0; ; k++) {
      Pass pass = batches.test(k, tally.activities());
      if (pass == null) {
        return new Evaluation(
            tally.meanLoss(), tally.accuracy(), tally.activity(), Arrays.copyOf(predicted, at));
      }
      loss.evaluate(pass);
      int[] classes = Trainee.count(pass, tally);
      if (predicted.length > 0) {
        System.arraycopy(classes, 0, predicted, at, classes.length);
        at += classes.length;
      }
    }
  }
}
