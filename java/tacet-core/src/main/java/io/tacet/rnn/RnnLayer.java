package io.tacet.rnn;

import io.tacet.Backend;
import io.tacet.dense.Activation;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import java.util.Objects;

/**
 * Parameters of a plain recurrent layer. A view: it owns nothing.
 *
 * @param recurrent R, [units][units]; row j is what unit j sends
 * @param bias b, [units]
 * @param activation act
 */
public record RnnLayer(DeviceArray recurrent, DeviceArray bias, Activation activation) {

  public RnnLayer {
    long[] shape = recurrent.shape();
    if (shape.length != 2 || shape[1] != shape[0] || !recurrent.type().isFloating()) {
      throw new IllegalArgumentException(
          "recurrent: expected [units][units] of FLOAT32 or FLOAT64, got " + recurrent + ".");
    }
    Expect.like("bias", bias, recurrent, shape[0]);
    Objects.requireNonNull(activation, "activation");
  }

  /** Number of units. */
  public int units() {
    return (int) recurrent.shape()[0];
  }

  /** Where the parameters are. */
  public Backend backend() {
    return recurrent.backend();
  }
}
