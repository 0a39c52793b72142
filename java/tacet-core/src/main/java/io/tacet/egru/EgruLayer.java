package io.tacet.egru;

import io.tacet.Backend;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.sparse.SparsePattern;
import java.util.Objects;

/**
 * Parameters of a layer of H event-gated recurrent units, or of several of one shape that are
 * computed at once: then a leading axis of every array counts these replicas. A view: it owns
 * nothing. Gates are packed as z, r, g.
 *
 * <p>Recurrent weights are dense, or values on a sparse pattern of which row j lists what unit j
 * reaches. The gates share a pattern of H targets, where each synapse has three weights, or each
 * has its own, where the pattern has 3 H targets, those of z before those of r and of g.
 *
 * @param recurrent R, [units][3 units]; row j is what unit j sends. On a pattern, [places][3] for
 *     gates that share it, else [places]. Of replicas [replicas][units][3 units], without a pattern
 * @param pattern which recurrent synapses there are; null for all of them
 * @param inputBias b_x, [3 units]
 * @param recurrentBias b_r, [3 units]; not used by {@link EgruVariant#PAPER}
 * @param thresholds theta, [units]; not used without events
 * @param options variant, engine and surrogate; of replicas, of all
 */
public record EgruLayer(
    DeviceArray recurrent,
    SparsePattern pattern,
    DeviceArray inputBias,
    DeviceArray recurrentBias,
    DeviceArray thresholds,
    EgruOptions options) {
  /** They are an axis of a grid on a GPU. */
  private static final int MOST_REPLICAS = 65535;

  public EgruLayer {
    Objects.requireNonNull(options, "options");
    if (pattern == null) {
      checkDense(recurrent);
    } else {
      checkPattern(pattern, recurrent, options.engine());
    }
    long units = (long) replicas(recurrent, pattern) * units(recurrent, pattern);
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

  private static void checkDense(DeviceArray recurrent) {
    long[] shape = recurrent.shape();
    boolean fits = shape.length == 2 || (shape.length == 3 && shape[0] <= MOST_REPLICAS);
    if (!fits || shape[shape.length - 1] != 3 * shape[shape.length - 2]) {
      throw new IllegalArgumentException(
          "recurrent: expected [units][3 units] or [replicas][units][3 units], with at most "
              + MOST_REPLICAS
              + " replicas, got "
              + recurrent
              + ".");
    }
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

  /** Number of units H of a replica. */
  public int units() {
    return units(recurrent, pattern);
  }

  private static int units(DeviceArray recurrent, SparsePattern pattern) {
    long[] shape = recurrent.shape();
    return pattern == null ? (int) shape[shape.length - 2] : pattern.sources();
  }

  /** Number of layers of one shape; 1 unless the arrays have an axis for them. */
  public int replicas() {
    return replicas(recurrent, pattern);
  }

  private static int replicas(DeviceArray recurrent, SparsePattern pattern) {
    long[] shape = recurrent.shape();
    return pattern == null && shape.length == 3 ? (int) shape[0] : 1;
  }

  /** Refuses layers of several replicas where only one is meant. */
  void requireOne() {
    if (recurrent.shape().length == 3) {
      throw new IllegalArgumentException(
          "layer: expected one, without an axis for replicas, got recurrent weights "
              + recurrent
              + ".");
    }
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
