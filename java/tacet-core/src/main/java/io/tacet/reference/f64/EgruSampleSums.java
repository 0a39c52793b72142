package io.tacet.reference.f64;

import io.tacet.memory.DeviceArray;

/**
 * Each sample's share of the gradients of biases and thresholds, so that they can be added in the
 * order of the samples, whichever thread made them.
 */
final class EgruSampleSums {
  private final double[][] thresholds;
  private final double[][] inputBias;
  private final double[][] recurrentBias;

  EgruSampleSums(int batch, int units) {
    thresholds = new double[batch][units];
    inputBias = new double[batch][3 * units];
    recurrentBias = new double[batch][3 * units];
  }

  void store(int n, EgruAdjointSample sample) {
    System.arraycopy(sample.theta, 0, thresholds[n], 0, sample.theta.length);
    store(sample.updateBias, sample.resetBias, sample.candidateBias, inputBias[n]);
    store(sample.updateBias, sample.resetBias, sample.productBias, recurrentBias[n]);
  }

  private static void store(double[] z, double[] r, double[] g, double[] out) {
    System.arraycopy(z, 0, out, 0, z.length);
    System.arraycopy(r, 0, out, z.length, z.length);
    System.arraycopy(g, 0, out, 2 * z.length, z.length);
  }

  /** Adds the sums; null arrays are not wanted. */
  void addTo(DeviceArray theta, DeviceArray input, DeviceArray recurrent) {
    add(thresholds, theta);
    add(inputBias, input);
    add(recurrentBias, recurrent);
  }

  private static void add(double[][] shares, DeviceArray wanted) {
    if (wanted != null) {
      double[] out = Real.array(wanted);
      for (double[] share : shares) {
        RowSums.addOne(share, 1, 0, out.length, out);
      }
    }
  }
}
