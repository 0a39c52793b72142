package io.tacet.egru;

import io.tacet.Backend;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;

/**
 * Parameters of a layer of H event-gated recurrent units. A view: it owns nothing. Gates are packed
 * as z, r, g.
 *
 * @param recurrent R, [units][3 units]; row j is what unit j sends
 * @param inputBias b_x, [3 units]
 * @param recurrentBias b_r, [3 units]; not used by {@link EgruVariant#PAPER}
 * @param thresholds theta, [units]; not used without events
 * @param options variant, engine and surrogate
 */
public record EgruLayer(
    DeviceArray recurrent,
    DeviceArray inputBias,
    DeviceArray recurrentBias,
    DeviceArray thresholds,
    EgruOptions options) {

  public EgruLayer {
    long[] shape = recurrent.shape();
    if (shape.length != 2 || shape[1] != 3 * shape[0]) {
      throw new IllegalArgumentException(
          "recurrent: expected [units][3 units], got " + recurrent + ".");
    }
    Expect.like("inputBias", inputBias, recurrent, shape[1]);
    Expect.like("recurrentBias", recurrentBias, recurrent, shape[1]);
    Expect.like("thresholds", thresholds, recurrent, shape[0]);
  }

  /** Number of units H. */
  public int units() {
    return (int) recurrent.shape()[0];
  }

  /** The backend of the parameters. */
  public Backend backend() {
    return recurrent.backend();
  }
}
