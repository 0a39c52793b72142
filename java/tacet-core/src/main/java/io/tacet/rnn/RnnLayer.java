package io.tacet.rnn;

import io.tacet.Backend;
import io.tacet.dense.Activation;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.sparse.SparsePattern;
import java.util.Objects;

/**
 * Parameters of a plain recurrent layer, or of several of one shape that are computed at once: then
 * a leading axis of every array counts these replicas. A view: it owns nothing.
 *
 * @param recurrent R, [units][units]; row j is what unit j sends. On a pattern, [places]. Of
 *     replicas [replicas][units][units], without a pattern
 * @param pattern which recurrent synapses there are, [units] rows and columns; null for all of them
 * @param bias b, [units]; of replicas [replicas][units]
 * @param activation act
 */
public record RnnLayer(
    DeviceArray recurrent, SparsePattern pattern, DeviceArray bias, Activation activation) {
  /** They are an axis of a grid on a GPU. */
  private static final int MOST_REPLICAS = 65535;

  public RnnLayer {
    Objects.requireNonNull(activation, "activation");
    if (pattern == null) {
      long[] shape = recurrent.shape();
      boolean fits = shape.length == 2 || (shape.length == 3 && shape[0] <= MOST_REPLICAS);
      if (!fits
          || shape[shape.length - 1] != shape[shape.length - 2]
          || !recurrent.type().isFloating()) {
        throw new IllegalArgumentException(
            "recurrent: expected [units][units] or [replicas][units][units] of FLOAT32 or FLOAT64,"
                + " with at most "
                + MOST_REPLICAS
                + " replicas, got "
                + recurrent
                + ".");
      }
    } else {
      checkPattern(pattern, recurrent);
    }
    Expect.like(
        "bias", bias, recurrent, (long) replicas(recurrent, pattern) * units(recurrent, pattern));
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

  /** Number of units of a replica. */
  public int units() {
    return units(recurrent, pattern);
  }

  private static int units(DeviceArray recurrent, SparsePattern pattern) {
    long[] shape = recurrent.shape();
    return pattern == null ? (int) shape[shape.length - 1] : pattern.sources();
  }

  /** Number of layers of one shape; 1 unless the arrays have an axis for them. */
  public int replicas() {
    return replicas(recurrent, pattern);
  }

  private static int replicas(DeviceArray recurrent, SparsePattern pattern) {
    long[] shape = recurrent.shape();
    return pattern == null && shape.length == 3 ? (int) shape[0] : 1;
  }

  /** Where the parameters are. */
  public Backend backend() {
    return recurrent.backend();
  }
}
