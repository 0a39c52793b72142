package io.tacet.reference.f64;

import io.tacet.memory.DeviceArray;
import io.tacet.reference.Workers;

/**
 * Gain control by feedforward inhibition, a task per row; see {@link io.tacet.dense.GainControl}.
 */
public final class GainReference {
  private GainReference() {}

  /** See {@link io.tacet.spi.DenseKernels#controlGain}. */
  public static void control(
      Workers workers, DeviceArray valueArray, DeviceArray gainArray, DeviceArray controlledArray) {
    double[] values = Real.array(valueArray);
    double[] controlled = Real.array(controlledArray);
    double gain = Real.array(gainArray)[0];
    int units = units(valueArray);
    workers.run(
        values.length / units,
        (row, worker) -> {
          int from = row * units;
          double threshold = gain * mean(values, from, units);
          for (int i = from; i < from + units; i++) {
            controlled[i] = rectified(values[i] - threshold);
          }
        });
  }

  /** See {@link io.tacet.spi.DenseKernels#controlGainBackward}. */
  public static void backward(
      Workers workers,
      DeviceArray valueArray,
      DeviceArray gainArray,
      DeviceArray errorArray,
      DeviceArray gradientArray) {
    double[] values = Real.array(valueArray);
    double[] errors = Real.array(errorArray);
    double gain = Real.array(gainArray)[0];
    int units = units(valueArray);
    double[] parts = new double[values.length / units];
    workers.run(
        parts.length,
        (row, worker) -> {
          int from = row * units;
          double mean = mean(values, from, units);
          double threshold = gain * mean;
          double sum = 0;
          for (int i = from; i < from + units; i++) {
            sum += values[i] - threshold > 0 ? errors[i] : 0;
          }
          double inhibition = gain * sum / units;
          for (int i = from; i < from + units; i++) {
            double direct = values[i] - threshold > 0 ? errors[i] : 0;
            errors[i] = direct - (values[i] > 0 ? inhibition : 0);
          }
          parts[row] = -mean * sum;
        });
    if (gradientArray != null) {
      double[] gradient = Real.array(gradientArray);
      for (double part : parts) {
        gradient[0] += part;
      }
    }
  }

  private static double mean(double[] values, int from, int units) {
    double sum = 0;
    for (int i = from; i < from + units; i++) {
      sum += rectified(values[i]);
    }
    return sum / units;
  }

  /** A NaN stays one. */
  private static double rectified(double x) {
    return x < 0 ? 0 : x;
  }

  private static int units(DeviceArray array) {
    long[] shape = array.shape();
    return (int) shape[shape.length - 1];
  }
}
