package io.tacet.training;

import io.tacet.data.SpikeDataset;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import java.util.SplittableRandom;

/**
 * How a network does on a data set.
 *
 * @param loss mean loss
 * @param accuracy fraction of samples whose class was predicted
 * @param activity events per hidden neuron and sample; of recurrent units also per step
 * @param predicted class of each sample
 */
public record Evaluation(double loss, double accuracy, double activity, int[] predicted) {
  private static final int BATCH = 128;

  /** Runs the whole data set through the network; nothing changes. */
  public static Evaluation of(Network network, Loss loss, SpikeDataset data) {
    try (Batches batches = new Batches(network, data)) {
      return run(batches, loss, data.size());
    }
  }

  static Evaluation run(Batches batches, Loss loss, int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) {
      order[i] = i;
    }
    Tally tally = new Tally();
    int[] predicted = new int[size];
    SplittableRandom unused = new SplittableRandom(0);
    for (int from = 0; from < size; from += BATCH) {
      Pass pass = batches.load(order, from, Math.min(size, from + BATCH), 0, unused);
      pass.forward();
      loss.evaluate(pass);
      int[] classes = SpikingTrainee.count(pass, batches.labels(), tally);
      System.arraycopy(classes, 0, predicted, from, pass.batch());
    }
    return new Evaluation(tally.meanLoss(), tally.accuracy(), tally.activity(), predicted);
  }
}
