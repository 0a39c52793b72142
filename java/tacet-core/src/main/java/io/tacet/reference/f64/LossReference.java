package io.tacet.reference.f64;

import io.tacet.eventprop.FirstSpikeLoss;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DeviceArray;
import java.util.Arrays;

/** Losses of section 2 of Wunderlich and Pehle 2021 and softmax cross-entropy of read-outs. */
public final class LossReference {
  private LossReference() {}

  /** See {@link io.tacet.spi.EventPropKernels#firstSpikeLoss}. */
  public static void firstSpike(
      FirstSpikeLoss loss,
      Spikes output,
      DeviceArray labels,
      int classes,
      double duration,
      DeviceArray losses,
      DeviceArray predicted) {
    Events out = new Events(output);
    int[] label = (int[]) labels.storage().heap();
    double[] total = Real.array(losses);
    int[] guess = (int[]) predicted.storage().heap();
    double tau0 = Real.of(loss.tau0());
    double tau1 = Real.of(loss.tau1());
    double alpha = Real.of(loss.alpha());
    double[] p = new double[classes];
    int[] first = new int[classes];
    for (int b = 0; b < out.batch; b++) {
      Arrays.fill(first, -1);
      int begin = out.begin(b);
      for (int k = out.count(b) - 1; k >= 0; k--) {
        out.errors[begin + k] = 0;
        if (out.units[begin + k] < classes) {
          first[out.units[begin + k]] = begin + k;
        }
      }
      for (int c = 0; c < classes; c++) {
        p[c] = first[c] < 0 ? duration : out.times[first[c]];
      }
      int l = label[b];
      double own = p[l];
      int earliest = earliest(p, first);
      guess[b] = first[earliest] < 0 ? -1 : earliest;
      double least = p[earliest];
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        p[c] = Real.exp((least - p[c]) / tau0);
        sum += p[c];
      }
      double early = Real.exp(own / tau1);
      total[b] = (own - least) / tau0 + Real.log(sum) + alpha * (early - 1);
      if (first[l] < 0 && loss.skipSilentLabels()) {
        continue;
      }
      for (int c = 0; c < classes; c++) {
        if (first[c] >= 0) {
          double error = -p[c] / sum / tau0;
          if (c == l) {
            error += 1 / tau0 + alpha / tau1 * early;
          }
          out.errors[first[c]] = error / out.batch;
        }
      }
    }
  }

  /** The output of the smallest time; of several one that spikes, and the first of those. */
  private static int earliest(double[] times, int[] first) {
    int at = 0;
    for (int c = 1; c < times.length; c++) {
      boolean tie = times[c] == times[at] && first[at] < 0 && first[c] >= 0;
      if (times[c] < times[at] || tie) {
        at = c;
      }
    }
    return at;
  }

  /** See {@link io.tacet.spi.EventPropKernels#crossEntropy}. */
  public static void crossEntropy(
      DeviceArray valueArray,
      DeviceArray labels,
      DeviceArray errorArray,
      DeviceArray losses,
      DeviceArray predicted) {
    double[] values = Real.array(valueArray);
    double[] errors = Real.array(errorArray);
    double[] total = Real.array(losses);
    int[] label = (int[]) labels.storage().heap();
    int[] guess = (int[]) predicted.storage().heap();
    int batch = label.length;
    int classes = values.length / batch;
    for (int b = 0; b < batch; b++) {
      int row = b * classes;
      int best = 0;
      for (int c = 1; c < classes; c++) {
        if (values[row + c] > values[row + best]) {
          best = c;
        }
      }
      double top = values[row + best];
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        sum += Real.exp(values[row + c] - top);
      }
      for (int c = 0; c < classes; c++) {
        double p = Real.exp(values[row + c] - top) / sum;
        errors[row + c] = (p - (c == label[b] ? 1 : 0)) / batch;
      }
      total[b] = Real.log(sum) + top - values[row + label[b]];
      guess[b] = best;
    }
  }
}
