package io.tacet.systems.multitask;

import io.tacet.data.ArraySequences;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.training.Loss;
import io.tacet.training.Passes;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * A loss that also keeps, of each pass of training, the fraction of answers with the sign of their
 * target, among those whose target is not 0.
 */
final class SignAccuracy implements Loss {
  private final Loss loss;
  private float[] history = new float[1024];
  private int passes;
  private double updatesToAll = Double.NaN;

  SignAccuracy(Loss loss) {
    this.loss = loss;
  }

  @Override
  public void evaluate(Pass pass) {
    // Before the loss, which may replace values by errors.
    float accuracy = (float) of(pass.values().toDoubles(), pass.targets(), k -> true);
    if (passes == history.length) {
      history = Arrays.copyOf(history, 2 * passes);
    }
    if (accuracy == 1 && Double.isNaN(updatesToAll)) {
      updatesToAll = passes;
    }
    history[passes++] = accuracy;
    loss.evaluate(pass);
  }

  /** Updates before the first pass in which all were right; NaN if there was none. */
  double updatesToAll() {
    return updatesToAll;
  }

  /** Of each pass. */
  float[] history() {
    return Arrays.copyOf(history, passes);
  }

  /** Of a whole data set. */
  static double of(Network network, ArraySequences data) {
    return of(network, data, k -> true);
  }

  /** Of some samples of a data set. */
  static double of(Network network, ArraySequences data, IntPredicate counts) {
    float[] targets = new float[data.size()];
    for (int k = 0; k < targets.length; k++) {
      data.fillTargets(k, targets, targets.length, k);
    }
    double[] values = new double[targets.length];
    int[] done = {0};
    Passes.forward(
        network,
        data,
        pass -> {
          double[] some = pass.values().toDoubles();
          System.arraycopy(some, 0, values, done[0], some.length);
          done[0] += some.length;
        });
    return of(values, targets, counts);
  }

  private static double of(double[] values, float[] targets, IntPredicate counts) {
    int right = 0;
    int asked = 0;
    for (int k = 0; k < values.length; k++) {
      if (targets[k] != 0 && counts.test(k)) {
        asked++;
        right += values[k] * targets[k] > 0 ? 1 : 0;
      }
    }
    return (double) right / asked;
  }
}
