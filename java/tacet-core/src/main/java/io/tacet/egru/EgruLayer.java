package io.tacet.egru;

import io.tacet.Backend;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.sparse.SparsePattern;
import java.util.Objects;

/**
 * Parameters of a layer of H event-gated recurrent units. A view: it owns nothing. Gates are packed
 * as z, r, g.
 *
 * <p>Recurrent weights are dense, or values on a sparse pattern of which row j lists what unit j
 * reaches. The gates share a pattern of H targets, where each synapse has three weights, or each
 * has its own, where the pattern has 3 H targets, those of z before those of r and of g.
 *
 * @param recurrent R, [units][3 units]; row j is what unit j sends. On a pattern, [places][3] for
 *     gates that share it, else [places]
 * @param pattern which recurrent synapses there are; null for all of them
 * @param inputBias b_x, [3 units]
 * @param recurrentBias b_r, [3 units]; not used by {@link EgruVariant#PAPER}
 * @param thresholds theta, [units]; not used without events
 * @param options variant, engine and surrogate
 */
public record EgruLayer(
    DeviceArray recurrent,
    SparsePattern pattern,
    DeviceArray inputBias,
    DeviceArray recurrentBias,
    DeviceArray thresholds,
    EgruOptions options) {

  public EgruLayer {
    Objects.requireNonNull(options, "options");
    if (pattern == null) {
      long[] shape = recurrent.shape();
      if (shape.length != 2 || shape[1] != 3 * shape[0]) {
        throw new IllegalArgumentException(
            "recurrent: expected [units][3 units], got " + recurrent + ".");
      }
    } else {
      checkPattern(pattern, recurrent, options.engine());
    }
    long units = pattern == null ? recurrent.shape()[0] : pattern.sources();
    Expect.like("inputBias", inputBias, recurrent, 3 * units);
    Expect.like("recurrentBias", recurrentBias, recurrent, 3 * units);
    Expect.like("thresholds", thresholds, recurrent, units);
  }

  /** With dense recurrent weights. */
  public EgruLayer(
      DeviceArray recurrent,
      DeviceArray inputBias,
      DeviceArray recurrentBias,
      DeviceArray thresholds,
      EgruOptions options) {
    this(recurrent, null, inputBias, recurrentBias, thresholds, options);
  }

  private static void checkPattern(
      SparsePattern pattern, DeviceArray recurrent, EgruEngine engine) {
    long units = pattern.sources();
    if (pattern.targets() != units && pattern.targets() != 3 * units) {
      throw new IllegalArgumentException(
          "pattern: expected "
              + units
              + " targets, which the gates share, or "
              + 3 * units
              + ", one for each gate, as there are "
              + units
              + " sources; got "
              + pattern.targets()
              + ".");
    }
    if (!recurrent.type().isFloating() || recurrent.backend() != pattern.backend()) {
      throw new IllegalArgumentException(
          "recurrent: expected floating-point values on "
              + pattern.backend().name()
              + " like the pattern, got "
              + recurrent
              + ".");
    }
    long values = pattern.targets() == units ? 3 * pattern.places() : pattern.places();
    Expect.like("recurrent", recurrent, recurrent, values);
    if (engine != EgruEngine.AUTO && engine != EgruEngine.EVENT) {
      throw new IllegalArgumentException(
          "options.engine: expected AUTO or EVENT for recurrent weights on a sparse pattern, got "
              + engine
              + ".");
    }
  }

  /** Number of units H. */
  public int units() {
    return pattern == null ? (int) recurrent.shape()[0] : pattern.sources();
  }

  /** Number of recurrent weights of a synapse: 3 where the gates share a pattern, else 1. */
  public int gatesPerSynapse() {
    return pattern != null && pattern.targets() == pattern.sources() ? 3 : 1;
  }

  /** The backend of the parameters. */
  public Backend backend() {
    return recurrent.backend();
  }
}
