package io.tacet.systems.multitask;

import io.tacet.data.SequenceData;
import io.tacet.network.Network;
import io.tacet.network.Signal;
import io.tacet.training.Passes;
import java.util.ArrayList;
import java.util.List;

/**
 * Activity of the hidden layer.
 *
 * @param patterns of all stimuli in context A and then B, [50][units]
 */
record Hidden(double[][] patterns) {
  /** Of all stimuli, which are the samples of {@code data}. */
  static Hidden of(Network network, SequenceData data) {
    List<double[]> rows = new ArrayList<>();
    Passes.forward(
        network,
        data,
        pass -> {
          double[] values = ((Signal.Steps) pass.output(0)).values().toDoubles();
          int units = values.length / pass.batch();
          for (int b = 0; b < pass.batch(); b++) {
            double[] row = new double[units];
            System.arraycopy(values, b * units, row, 0, units);
            rows.add(row);
          }
        });
    return new Hidden(rows.toArray(double[][]::new));
  }

  /** Units that are active for some stimulus in this context and for none in the other. */
  int onlyIn(int context) {
    int count = 0;
    for (int j = 0; j < patterns[0].length; j++) {
      count += isActive(context, j) && !isActive(1 - context, j) ? 1 : 0;
    }
    return count;
  }

  /** Units that are active for no stimulus. */
  int silent() {
    int count = 0;
    for (int j = 0; j < patterns[0].length; j++) {
      count += isActive(0, j) || isActive(1, j) ? 0 : 1;
    }
    return count;
  }

  private boolean isActive(int context, int unit) {
    for (int s = 0; s < Blobs.COUNT; s++) {
      if (patterns[context * Blobs.COUNT + s][unit] > 0) {
        return true;
      }
    }
    return false;
  }
}
