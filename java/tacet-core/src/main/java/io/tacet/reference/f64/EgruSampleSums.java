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

  void store(int n, double[] theta, double[] input, double[] recurrent) {
    System.arraycopy(theta, 0, thresholds[n], 0, theta.length);
    System.arraycopy(input, 0, inputBias[n], 0, input.length);
    System.arraycopy(recurrent, 0, recurrentBias[n], 0, recurrent.length);
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
