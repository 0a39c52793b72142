package io.tacet.reference;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.rnn.RnnGradients;
import io.tacet.rnn.RnnLayer;
import io.tacet.spi.RnnKernels;

/** Chooses the precision of each call by the element type of its layer. */
final class JavaRnn implements RnnKernels {
  private final io.tacet.reference.f64.RnnReference f64;
  private final io.tacet.reference.f32.RnnReference f32;

  JavaRnn(Workers workers, TiledProduct library) {
    f64 = new io.tacet.reference.f64.RnnReference(workers, library);
    f32 = new io.tacet.reference.f32.RnnReference(workers, library);
  }

  @Override
  public void forward(
      RnnLayer layer,
      DeviceArray currents,
      DeviceArray first,
      DeviceArray values,
      DeviceArray last) {
    if (layer.recurrent().type() == DType.FLOAT64) {
      f64.forward(layer, currents, first, values, last);
    } else {
      f32.forward(layer, currents, first, values, last);
    }
  }

  @Override
  public void backward(
      RnnLayer layer,
      DeviceArray values,
      DeviceArray first,
      DeviceArray errors,
      RnnGradients gradients) {
    if (layer.recurrent().type() == DType.FLOAT64) {
      f64.backward(layer, values, first, errors, gradients);
    } else {
      f32.backward(layer, values, first, errors, gradients);
    }
  }
}
