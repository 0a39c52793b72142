package io.tacet.spi;

import io.tacet.memory.DeviceArray;

/** Kernels of {@code io.tacet.plasticity}; its arguments, checked. */
public interface PlasticityKernels {

  /**
   * See {@link io.tacet.plasticity.Oja#apply}.
   *
   * @param gradient null for no descent
   * @param firstRow first row of the weights that responds and changes by the rule
   * @param rows number of these rows, at least 1
   */
  void oja(
      DeviceArray weights,
      DeviceArray gradient,
      double descent,
      DeviceArray inputs,
      double rate,
      int firstRow,
      int rows);
}
