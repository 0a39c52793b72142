package io.tacet.spi;

import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.ReadoutLayer;
import io.tacet.eventprop.Spikes;
import io.tacet.eventprop.TimeGrid;
import io.tacet.memory.DeviceArray;

/**
 * Kernels of {@code io.tacet.eventprop.GridEventProp} and {@code GridReadouts}; see the operations
 * there for the meaning of arguments. Events of one step are taken in this order: the membrane
 * advances, neurons at or above threshold spike and are reset, then everything that arrives at the
 * step is added to the currents.
 */
public interface GridKernels {

  /** Simulates a layer step by step; counts beyond the capacity are counted, not stored. */
  void forward(LifLayer layer, TimeGrid grid, Spikes input, Spikes output);

  /**
   * Adjoint of {@link #forward}: reads {@code output.errors()}, adds to {@code gradients} and
   * writes {@code input.errors()} unless null.
   *
   * @param kick added to lambda_V at every spike of a neuron, [neurons], or null
   */
  void backward(
      LifLayer layer,
      TimeGrid grid,
      Spikes input,
      Spikes output,
      LayerGradients gradients,
      DeviceArray kick);

  /**
   * Integrates a read-out layer.
   *
   * @param values read-out, [batch][neurons]
   * @param peakTimes time of the maximum, [batch][neurons]; written for MAX only
   */
  void readoutForward(
      ReadoutLayer layer, TimeGrid grid, Spikes input, DeviceArray values, DeviceArray peakTimes);

  /**
   * Adjoint of {@link #readoutForward} for the drive {@code dL/dvalue}.
   *
   * @param weights where the weight gradient is added, or null
   */
  void readoutBackward(
      ReadoutLayer layer,
      TimeGrid grid,
      Spikes input,
      DeviceArray valueErrors,
      DeviceArray peakTimes,
      DeviceArray weights);

  /**
   * Softmax cross-entropy at every step, averaged over time, and its adjoint: writes losses [batch]
   * and predicted INT32 [batch], and {@code input.errors()} unless null.
   *
   * @param weights where the weight gradient is added, or null
   */
  void crossEntropyOverTime(
      ReadoutLayer layer,
      TimeGrid grid,
      Spikes input,
      DeviceArray labels,
      DeviceArray losses,
      DeviceArray predicted,
      DeviceArray weights);
}
