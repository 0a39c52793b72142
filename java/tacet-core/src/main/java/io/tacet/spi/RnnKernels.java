package io.tacet.spi;

import io.tacet.memory.DeviceArray;
import io.tacet.rnn.RnnGradients;
import io.tacet.rnn.RnnLayer;

/** Kernels of {@link io.tacet.rnn.Rnn}; its arguments, checked. */
public interface RnnKernels {

  /** See {@link io.tacet.rnn.Rnn#forward}. */
  void forward(
      RnnLayer layer,
      DeviceArray currents,
      DeviceArray first,
      DeviceArray values,
      DeviceArray last);

  /** See {@link io.tacet.rnn.Rnn#backward}. */
  void backward(
      RnnLayer layer,
      DeviceArray values,
      DeviceArray first,
      DeviceArray errors,
      RnnGradients gradients);
}
