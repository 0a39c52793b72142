package io.tacet.spi;

import io.tacet.eventprop.FirstSpikeLoss;
import io.tacet.eventprop.LayerGradients;
import io.tacet.eventprop.LifLayer;
import io.tacet.eventprop.ReadoutLayer;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DeviceArray;

/** Kernels of {@code io.tacet.eventprop}; see the operations there for the meaning of arguments. */
public interface EventPropKernels {

  /**
   * The same operations on several replicas at once, whose arrays lie one after the other in
   * memory: arguments are those of the first, and each replica gets what a call of its own gives
   * it. Layers are of neurons without a variant.
   *
   * @param replicas at least 1
   */
  default EventPropKernels ofReplicas(int replicas) {
    if (replicas == 1) {
      return this;
    }
    throw new UnsupportedOperationException(
        "This backend computes one replica at a time; host and cuda several at once.");
  }

  /**
   * How many spikes of a sample an output is to have room for: as many as needed. Of replicas, as
   * many as one of them needs, so that their outputs remain alike.
   *
   * @param needed largest count of a pass
   */
  default int spikeRoom(int needed) {
    return needed;
  }

  /** Simulates a layer exactly; counts beyond the capacity are counted, not stored. */
  void exactForward(LifLayer layer, Spikes input, Spikes output);

  /**
   * Adjoint of {@link #exactForward}: reads {@code output.errors()}, adds to {@code gradients} and
   * writes {@code input.errors()} unless null.
   *
   * @param kick added to lambda_V at every spike of a neuron, [neurons], or null
   */
  void exactBackward(
      LifLayer layer, Spikes input, Spikes output, LayerGradients gradients, DeviceArray kick);

  /**
   * Mean potentials of the neurons of a layer along given events, of neurons with or without a
   * variant.
   *
   * @param input events whose errors are null
   * @param output spikes of {@link #exactForward}, or others
   * @param means written, [batch][neurons]
   */
  void meanPotentials(LifLayer layer, Spikes input, Spikes output, DeviceArray means);

  /**
   * Derivatives of {@link #meanPotentials} where every event stays at its time: adds to {@code
   * gradients}, adds to {@code output.errors()} and writes {@code input.errors()}, unless they are
   * null.
   *
   * @param errors dL/dmean, [batch][neurons]
   */
  void meanPotentialsBackward(
      LifLayer layer, Spikes input, Spikes output, DeviceArray errors, LayerGradients gradients);

  /**
   * Integrates a read-out layer.
   *
   * @param values read-out, [batch][neurons]
   * @param peakTimes time of the maximum, [batch][neurons]; written for MAX only
   */
  void readoutForward(ReadoutLayer layer, Spikes input, DeviceArray values, DeviceArray peakTimes);

  /**
   * Adjoint of {@link #readoutForward} for the drive {@code dL/dvalue}.
   *
   * @param weights where the weight gradient is added
   */
  void readoutBackward(
      ReadoutLayer layer,
      Spikes input,
      DeviceArray valueErrors,
      DeviceArray peakTimes,
      DeviceArray weights);

  /**
   * Time-to-first-spike loss: writes {@code output.errors()}, the loss [batch] (not divided by the
   * batch) and the predicted class INT32 [batch], -1 where all outputs are silent.
   */
  void firstSpikeLoss(
      FirstSpikeLoss loss,
      Spikes output,
      DeviceArray labels,
      int classes,
      double duration,
      DeviceArray losses,
      DeviceArray predicted);

  /** Softmax cross-entropy: writes valueErrors [batch][classes], losses and predicted classes. */
  void crossEntropy(
      DeviceArray values,
      DeviceArray labels,
      DeviceArray valueErrors,
      DeviceArray losses,
      DeviceArray predicted);
}
