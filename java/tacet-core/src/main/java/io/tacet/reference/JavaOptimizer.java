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
  public void adam(List<Update> updates, AdamSettings settings, double factor, int step) {
    for (Update each : updates) {
      Update update = each.withRate(each.rate() * factor);
      if (update.parameter().type() == DType.FLOAT64) {
        io.tacet.reference.f64.OptimizerReference.adam(workers, update, settings, step);
      } else {
        io.tacet.reference.f32.OptimizerReference.adam(workers, update, settings, step);
      }
      end(update);
    }
  }

  @Override
  public void sgd(List<Update> updates, double momentum, double factor) {
    for (Update each : updates) {
      Update update = each.withRate(each.rate() * factor);
      if (update.parameter().type() == DType.FLOAT64) {
        io.tacet.reference.f64.OptimizerReference.sgd(update, momentum);
      } else {
        io.tacet.reference.f32.OptimizerReference.sgd(update, (float) momentum);
      }
      end(update);
    }
  }

  private static void end(Update update) {
    clamp(update);
    if (update.clears()) {
      update.gradient().zero();
    }
  }

  private static void clamp(Update update) {
    if (!update.isBounded()) {
      return;
    }
    if (update.parameter().type() == DType.FLOAT64) {
      io.tacet.reference.f64.OptimizerReference.clamp(update);
    } else {
      io.tacet.reference.f32.OptimizerReference.clamp(update);
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
  public void clipNorm(List<DeviceArray> arrays, double most) {
    double norm = Math.sqrt(sumOfSquares(arrays));
    if (norm > most) {
      arrays.forEach(array -> scale(array, most / norm));
    }
  }

  @Override
  public void zero(List<DeviceArray> arrays) {
    arrays.forEach(DeviceArray::zero);
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
