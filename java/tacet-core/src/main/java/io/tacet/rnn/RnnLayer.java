package io.tacet.rnn;

import io.tacet.Backend;
import io.tacet.dense.Activation;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.sparse.SparsePattern;
import java.util.Objects;

/**
 * Parameters of a plain recurrent layer. A view: it owns nothing.
 *
 * @param recurrent R, [units][units]; row j is what unit j sends. On a pattern, [places]
 * @param pattern which recurrent synapses there are, [units] rows and columns; null for all of them
 * @param bias b, [units]
 * @param activation act
 */
public record RnnLayer(
    DeviceArray recurrent, SparsePattern pattern, DeviceArray bias, Activation activation) {

  public RnnLayer {
    Objects.requireNonNull(activation, "activation");
    if (pattern == null) {
      long[] shape = recurrent.shape();
      if (shape.length != 2 || shape[1] != shape[0] || !recurrent.type().isFloating()) {
        throw new IllegalArgumentException(
            "recurrent: expected [units][units] of FLOAT32 or FLOAT64, got " + recurrent + ".");
      }
    } else {
      checkPattern(pattern, recurrent);
    }
    long units = pattern == null ? recurrent.shape()[0] : pattern.sources();
    Expect.like("bias", bias, recurrent, units);
  }

  /** With dense recurrent weights. */
  public RnnLayer(DeviceArray recurrent, DeviceArray bias, Activation activation) {
    this(recurrent, null, bias, activation);
  }

  private static void checkPattern(SparsePattern pattern, DeviceArray recurrent) {
    if (pattern.targets() != pattern.sources()) {
      throw new IllegalArgumentException(
          "pattern: expected as many targets as sources, got "
              + pattern.targets()
              + " and "
              + pattern.sources()
              + ".");
    }
    if (recurrent.length() != pattern.places()
        || !recurrent.type().isFloating()
        || recurrent.backend() != pattern.backend()) {
      throw new IllegalArgumentException(
          "recurrent: expected "
              + pattern.places()
              + " floating-point values on "
              + pattern.backend().name()
              + ", one for each place of the pattern, got "
              + recurrent
              + ".");
    }
  }

  /** Number of units. */
  public int units() {
    return pattern == null ? (int) recurrent.shape()[0] : pattern.sources();
  }

  /** Where the parameters are. */
  public Backend backend() {
    return recurrent.backend();
  }
}
