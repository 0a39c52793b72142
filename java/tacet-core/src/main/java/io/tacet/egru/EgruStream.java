package io.tacet.egru;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.sparse.CsrSynapses;
import io.tacet.sparse.DenseSynapses;
import io.tacet.sparse.Synapses;

/**
 * Stepwise inference on one or a few samples, for input that arrives over time. The cost comes only
 * from nonzero inputs and from units that sent an event in the previous step, so the time of a step
 * falls with both activities. A step allocates nothing.
 *
 * <p>The state belongs to the caller, so one stream serves any number of sequences, one after the
 * other. A stream keeps its own copy of the weights, arranged for this purpose: it does not see
 * later updates. A NaN among the inputs is computed with as in a sequence: all units of its sample
 * send NaN from then on, until the caller sets {@code y} and {@code h} back; other samples are not
 * touched. Not thread-safe; streams are independent of each other only if each has a backend of its
 * own.
 */
public interface EgruStream extends AutoCloseable {

  /**
   * A stream over a layer in FLOAT32 on the java backend; the caller closes it before the backend.
   *
   * @param inputWeights W, [inputs][3 units]
   * @param batch number of samples N stepped together, at least 1
   */
  static EgruStream of(EgruLayer layer, DeviceArray inputWeights, int batch) {
    long[] shape = inputWeights.shape();
    if (shape.length != 2 || shape[1] != 3L * layer.units()) {
      throw new IllegalArgumentException(
          "inputWeights: expected [inputs][" + 3 * layer.units() + "], got " + inputWeights + ".");
    }
    Expect.like("inputWeights", inputWeights, layer.recurrent(), inputWeights.length());
    return open(
        layer, new DenseSynapses((int) shape[0], 3 * layer.units(), inputWeights, null), batch);
  }

  /**
   * The same with sparse input weights: with recurrent ones on a pattern, the time and memory of a
   * stream are in proportion to the synapses, and the time of a step to those of what is active.
   *
   * @param inputWeights from inputs to 3 units targets, those of z before those of r and of g;
   *     without delays
   */
  static EgruStream of(EgruLayer layer, CsrSynapses inputWeights, int batch) {
    if (inputWeights.targets() != 3L * layer.units() || inputWeights.delays() != null) {
      throw new IllegalArgumentException(
          "inputWeights: expected "
              + 3L * layer.units()
              + " targets, 3 for each unit, without delays, got "
              + inputWeights.targets()
              + (inputWeights.delays() == null ? "." : " with delays."));
    }
    DeviceArray weights = inputWeights.weights();
    Expect.like("inputWeights", weights, layer.recurrent(), weights.length());
    return open(layer, inputWeights, batch);
  }

  private static EgruStream open(EgruLayer layer, Synapses input, int batch) {
    if (batch < 1) {
      throw new IllegalArgumentException("batch: expected at least 1, got " + batch + ".");
    }
    layer.requireOne();
    return layer.backend().kernels().egru().stream(layer, input, batch);
  }

  /**
   * One step; zoneout mixes as in evaluation.
   *
   * @param x inputs, [batch][inputs]; zeros are skipped
   * @param y events of the step before, replaced by those of this step, [batch][units]
   * @param h states after the step before, replaced, [batch][units]
   * @throws IllegalArgumentException if an array has another length
   */
  void step(float[] x, float[] y, float[] h);

  /** Number of samples N. */
  int batch();

  /** Number of inputs C. */
  int inputs();

  /** Number of units H. */
  int units();

  @Override
  void close();
}
