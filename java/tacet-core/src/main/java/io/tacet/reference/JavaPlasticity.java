package io.tacet.reference;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.spi.PlasticityKernels;

/** Chooses the precision of each call by the element type of the weights. */
final class JavaPlasticity implements PlasticityKernels {
  private final io.tacet.reference.f64.OjaReference f64;
  private final io.tacet.reference.f32.OjaReference f32;

  JavaPlasticity(Workers workers) {
    f64 = new io.tacet.reference.f64.OjaReference(workers);
    f32 = new io.tacet.reference.f32.OjaReference(workers);
  }

  @Override
  public void oja(
      DeviceArray weights,
      DeviceArray gradient,
      double descent,
      DeviceArray inputs,
      double rate,
      int firstRow,
      int rows) {
    if (weights.type() == DType.FLOAT64) {
      f64.apply(weights, gradient, descent, inputs, rate, firstRow, rows);
    } else {
      f32.apply(weights, gradient, (float) descent, inputs, (float) rate, firstRow, rows);
    }
  }
}
