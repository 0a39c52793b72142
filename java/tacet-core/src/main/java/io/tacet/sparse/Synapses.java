package io.tacet.sparse;

import io.tacet.Backend;
import io.tacet.memory.DeviceArray;

/**
 * A connectivity with weights: row {@code i} lists the targets that an event of source {@code i}
 * reaches. Weights are stored row-major by source in one array of {@link #count()} elements, so a
 * gradient with respect to the weights is one array of the same length and order.
 *
 * <p>Synapses own their arrays and close them.
 */
public sealed interface Synapses extends AutoCloseable
    permits DenseSynapses,
        CsrSynapses,
        FixedFanOutSynapses,
        BlockSparseSynapses,
        ProceduralSynapses {

  /** Number of presynaptic units, the rows. */
  int sources();

  /** Number of postsynaptic units. */
  int targets();

  /** Number of stored synapses. */
  long count();

  /**
   * Weights, [count], in row order ({@link BlockSparseSynapses}: block by block).
   *
   * @throws UnsupportedOperationException for {@link ProceduralSynapses}, which store none
   */
  DeviceArray weights();

  /** Transmission delays in ms, or null when every delay is 0. */
  Delays delays();

  /** The backend of the arrays. */
  default Backend backend() {
    return weights().backend();
  }

  @Override
  void close();
}
