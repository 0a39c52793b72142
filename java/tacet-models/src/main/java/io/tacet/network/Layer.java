package io.tacet.network;

import io.tacet.optim.Parameter;
import java.util.List;

/**
 * A layer on a backend: the one interface of all cells. Owns its parameters and their gradients.
 * Not thread-safe.
 */
public interface Layer extends AutoCloseable {
  /** Its structure. */
  LayerSpec spec();

  /** Parameters, gradients and what else a model file keeps; they stay the layer's. */
  LayerArrays arrays();

  /**
   * Buffers for passes of one shape; the caller closes them before the layer.
   *
   * @param reader the layer above; null for the last
   */
  LayerPass room(PassShape shape, LayerSpec reader);

  /** Its state between chunks of a sequence; the caller closes it. */
  default LayerState state(int batch) {
    return LayerState.none();
  }

  /**
   * The layer one step at a time, in FLOAT32 on the java backend; the caller closes it before the
   * layer.
   *
   * @param batch number of samples stepped together
   * @param reader the layer above; null for the last
   * @throws IllegalArgumentException if the layer cannot be stepped
   */
  default LayerStep step(int batch, LayerSpec reader) {
    throw new IllegalArgumentException(
        "stream: expected layers on steps or tokens, got ." + spec().cell() + "(...).");
  }

  /** Trained parameters. */
  default List<Parameter> parameters() {
    return arrays().parameters();
  }

  /** Its synapses onto itself, one for each direction in time; none where it has none. */
  default List<RecurrentSynapses> recurrent() {
    return List.of();
  }

  /** Number of synapses; those of gates that share a pattern count once. */
  default long synapses() {
    return 0;
  }

  @Override
  default void close() {
    arrays().close();
  }
}
