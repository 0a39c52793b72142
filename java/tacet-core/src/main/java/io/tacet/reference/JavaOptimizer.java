package io.tacet.reference;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.spi.OptimizerKernels;
import java.util.List;

/** Chooses the precision of each update by the element type of the parameter. */
final class JavaOptimizer implements OptimizerKernels {
  private final Workers workers;

  JavaOptimizer(Workers workers) {
    this.workers = workers;
  }

  @Override
  public void adam(
      DeviceArray parameter,
      DeviceArray gradient,
      DeviceArray m,
      DeviceArray v,
      AdamStep settings,
      int step) {
    if (parameter.type() == DType.FLOAT64) {
      io.tacet.reference.f64.OptimizerReference.adam(
          workers, parameter, gradient, m, v, settings, step);
    } else {
      io.tacet.reference.f32.OptimizerReference.adam(
          workers, parameter, gradient, m, v, settings, step);
    }
  }

  @Override
  public void sgd(
      DeviceArray parameter,
      DeviceArray gradient,
      DeviceArray velocity,
      double rate,
      double momentum,
      double decay) {
    if (parameter.type() == DType.FLOAT64) {
      io.tacet.reference.f64.OptimizerReference.sgd(
          parameter, gradient, velocity, rate, momentum, decay);
    } else {
      io.tacet.reference.f32.OptimizerReference.sgd(
          parameter, gradient, velocity, (float) rate, (float) momentum, (float) decay);
    }
  }

  @Override
  public void clamp(DeviceArray parameter, double low, double high) {
    if (parameter.type() == DType.FLOAT64) {
      io.tacet.reference.f64.OptimizerReference.clamp(parameter, low, high);
    } else {
      io.tacet.reference.f32.OptimizerReference.clamp(parameter, (float) low, (float) high);
    }
  }

  @Override
  public double sumOfSquares(List<DeviceArray> arrays) {
    double sum = 0;
    for (DeviceArray array : arrays) {
      sum += sumOfSquares(array);
    }
    return sum;
  }

  private static double sumOfSquares(DeviceArray array) {
    return array.type() == DType.FLOAT64
        ? io.tacet.reference.f64.OptimizerReference.sumOfSquares(array)
        : io.tacet.reference.f32.OptimizerReference.sumOfSquares(array);
  }

  @Override
  public void scale(DeviceArray array, double factor) {
    if (array.type() == DType.FLOAT64) {
      io.tacet.reference.f64.OptimizerReference.scale(array, factor);
    } else {
      io.tacet.reference.f32.OptimizerReference.scale(array, (float) factor);
    }
  }
}
