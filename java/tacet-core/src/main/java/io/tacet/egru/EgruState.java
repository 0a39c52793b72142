package io.tacet.egru;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;

/**
 * The state that a layer carries from one step to the next, or its adjoint. Owns its arrays.
 *
 * @param y events of the last step, [batch][units]: 0 where a unit was silent
 * @param h states after the last step, [batch][units]; the cell state c for {@link
 *     EgruVariant#PAPER}
 */
public record EgruState(DeviceArray y, DeviceArray h) implements AutoCloseable {

  /** Zeros; the caller closes it. */
  public static EgruState zeros(Backend backend, DType type, int batch, int units) {
    Resources made = new Resources();
    try {
      return new EgruState(
          made.own(backend.allocate(type, batch, units)),
          made.own(backend.allocate(type, batch, units)));
    } catch (RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  @Override
  public void close() {
    y.close();
    h.close();
  }
}
