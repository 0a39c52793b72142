package io.tacet.network;

import io.tacet.data.Dataset;
import io.tacet.eventprop.Spikes;
import io.tacet.network.batches.BatchPlan;
import io.tacet.network.batches.Batches;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a network says of samples.
 *
 * @param classes of each sample: the largest value (at the last step, if every step has values), or
 *     the output that spikes first; -1 if all are silent
 * @param scores of each sample and output: values of a read-out, of every step of the sample one
 *     after the other where it reads every step; or times of first spikes in ms, infinite for
 *     silent outputs
 */
public record Prediction(int[] classes, double[][] scores) {
  static Prediction of(Network network, Dataset data) {
    List<double[]> rows = new ArrayList<>();
    boolean first = false;
    try (Batches batches = Batches.of(network, data, BatchPlan.PREDICT)) {
      if (batches.samples() == 0) {
        throw new IllegalArgumentException(
            "data: expected samples to classify, got the text " + data.name() + ".");
      }
      for (int k = 0; ; k++) {
        Pass pass = batches.test(k, List.of());
        if (pass == null) {
          break;
        }
        first = pass.outputSpikes() != null;
        add(rows, pass);
      }
    }
    double[][] scores = rows.toArray(double[][]::new);
    int[] classes = new int[scores.length];
    for (int i = 0; i < classes.length; i++) {
      classes[i] = first ? earliest(scores[i]) : largest(scores[i], network.spec().outputs());
    }
    return new Prediction(classes, scores);
  }

  private static void add(List<double[]> rows, Pass pass) {
    int outputs = pass.network().spec().outputs();
    if (pass.outputSpikes() == null) {
      double[] values = pass.values().toDoubles();
      int batch = pass.batch();
      int most = values.length / batch / outputs;
      for (int b = 0; b < batch; b++) {
        boolean cut = pass.lengths() != null && pass.network().spec().readsEveryStep();
        int steps = cut ? pass.lengths()[b] : most;
        double[] row = new double[steps * outputs];
        for (int t = 0; t < steps; t++) {
          System.arraycopy(values, (t * batch + b) * outputs, row, t * outputs, outputs);
        }
        rows.add(row);
      }
      return;
    }
    Spikes spikes = pass.outputSpikes();
    int[] counts = spikes.counts().toInts();
    int[] units = spikes.units().toInts();
    double[] times = spikes.times().toDoubles();
    for (int b = 0; b < counts.length; b++) {
      double[] row = new double[outputs];
      Arrays.fill(row, Double.POSITIVE_INFINITY);
      for (int e = b * spikes.capacity(); e < b * spikes.capacity() + counts[b]; e++) {
        row[units[e]] = Math.min(row[units[e]], times[e]);
      }
      rows.add(row);
    }
  }

  private static int earliest(double[] times) {
    int best = -1;
    double least = Double.POSITIVE_INFINITY;
    for (int k = 0; k < times.length; k++) {
      if (times[k] < least) {
        least = times[k];
        best = k;
      }
    }
    return best;
  }

  /** Of the last outputs. */
  private static int largest(double[] values, int outputs) {
    int first = values.length - outputs;
    int best = first;
    for (int k = first + 1; k < values.length; k++) {
      best = values[k] > values[best] ? k : best;
    }
    return best - first;
  }
}
