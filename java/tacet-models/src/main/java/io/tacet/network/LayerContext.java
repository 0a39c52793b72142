package io.tacet.network;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.List;

/**
 * What a layer is created from.
 *
 * @param backend of its arrays
 * @param network what it belongs to
 * @param name with which names of its arrays begin
 * @param number among the layers that are numbered, from 0
 * @param strand number of directions of the layers below it
 * @param below output of the layer below, or the input
 * @param layers those below it, from the inputs
 * @param numbers its parameters are among these
 */
public record LayerContext(
    Backend backend,
    NetworkSpec network,
    String name,
    int number,
    int strand,
    Flow below,
    List<Layer> layers,
    Numbers numbers) {

  /** Type of the parameters. */
  public DType type() {
    return network.precision();
  }

  /** A buffer of the type of the parameters, for the owner of these. */
  public DeviceArray buffer(Resources owner, long... shape) {
    return owner.own(backend.allocate(type(), shape));
  }

  /** Arrays for the layer, which closes them. */
  public LayerArrays arrays() {
    return new LayerArrays(backend, type(), numbers);
  }
}
