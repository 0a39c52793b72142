package io.tacet.spi;

import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruStream;
import io.tacet.egru.EgruTape;
import io.tacet.memory.DeviceArray;
import io.tacet.sparse.Synapses;

/**
 * Kernels of {@code io.tacet.egru.Egru}; see there for the equations.
 *
 * <p>A zoneout mask is a function of the seed and the element: unit i of sample n at step t keeps
 * its state if {@code (w >>> 8) 2^-24 < p} for word {@code e % 4} of the Philox block with counter
 * {@code (e / 4, t, 0, 2)} and the seed as its key, {@code e = n units + i}.
 */
public interface EgruKernels {

  /** Runs all steps; the tape is null for inference, as are unwanted outputs. */
  void forward(EgruLayer layer, EgruInputs inputs, EgruOutputs outputs, EgruTape tape);

  /** Adjoint of {@link #forward}. */
  void backward(
      EgruLayer layer,
      EgruInputs inputs,
      EgruTape tape,
      EgruErrors errors,
      EgruGradients gradients);

  /** See {@code Egru.gradientFactors}. */
  void gradientFactors(
      EgruLayer layer, EgruInputs inputs, EgruTape tape, DeviceArray currents, DeviceArray sent);

  /**
   * See {@code EgruStream.of}: Stepwise inference, on the java backend only.
   *
   * @param input dense or CSR, to 3 units targets, without delays
   */
  default EgruStream stream(EgruLayer layer, Synapses input, int batch) {
    throw new UnsupportedOperationException(
        "Streams run on the java backend; open the layer there (Backends.open(\"java\")).");
  }
}
