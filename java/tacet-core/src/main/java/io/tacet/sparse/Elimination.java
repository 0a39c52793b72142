package io.tacet.sparse;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.spi.EliminationKernels;

/**
 * Event propagation by silence: what a silent source has synapses onto is ruled out. With receptors
 * as sources and odorants as targets this is estimation by elimination (Singh, Tchernookov and
 * Balasubramanian, "What the odor is not", Phys. Rev. E 104:024415, 2021): a receptor that does not
 * respond rules out every odorant that binds it.
 *
 * <ul>
 *   <li>{@link #candidates}: the targets that no silent source has a synapse onto
 *   <li>{@link #vetoes}: how many silent sources have a synapse onto each target
 * </ul>
 *
 * Silent sources come from {@link Events#compactSilent}. All sums are of integers and therefore
 * exact and equal on every backend. Sources are read from the bitmap of the events, which is never
 * truncated.
 *
 * <p>Synapses are kept as rows of bits, made once: an eighth of a byte per source and target,
 * whatever the density, where a row of indices takes 4 bytes per synapse (2 up to 65,536 targets).
 * Beyond a density of 1/32 (1/16) bits are fewer bytes; at all densities they are read in order, 32
 * targets are cleared by one operation, and a part of the rows is read only until no candidate is
 * left there: at a density s, 32 candidates last for {@code (ln 32 + 0.6) / s} silent sources,
 * about 80 at 5 %, of however many are silent. Bytes: with U sources that are silent in any sample,
 * {@code U targets / 8} for vetoes and at most that for candidates; besides {@code 8 batch targets}
 * read and written for vetoes, or {@code batch targets / 8} written for candidates.
 *
 * <p>Owns the rows of bits, so that the pattern may be changed or closed afterwards without effect;
 * closed by its creator. One thread at a time.
 */
public final class Elimination implements AutoCloseable {
  private final int sources;
  private final int targets;
  private final DeviceArray bound;
  private final EliminationKernels kernels;

  private Elimination(SparsePattern pattern) {
    sources = pattern.sources();
    targets = pattern.targets();
    Backend backend = pattern.backend();
    kernels = backend.kernels().elimination();
    bound = backend.allocate(DType.INT32, sources, Events.words(targets));
    try {
      kernels.bind(pattern, bound);
    } catch (RuntimeException | Error e) {
      bound.close();
      throw e;
    }
  }

  /**
   * Elimination by the synapses of a pattern, which are copied.
   *
   * @param pattern not owned; {@link SparsePattern#validate valid}
   */
  public static Elimination of(SparsePattern pattern) {
    return new Elimination(pattern);
  }

  /** Number of sources, which rule out targets by their silence. */
  public int sources() {
    return sources;
  }

  /** Number of targets, which may be ruled out. */
  public int targets() {
    return targets;
  }

  /** Where the synapses are. */
  public Backend backend() {
    return bound.backend();
  }

  /**
   * Adds to each target the number of silent sources that have a synapse onto it.
   *
   * @param silent over the sources
   * @param vetoes INT32 [batch][targets]; added to, and wraps beyond 2^31 - 1
   * @throws IllegalArgumentException if an argument has another shape, type or backend
   */
  public void vetoes(Events silent, DeviceArray vetoes) {
    checkSilent(silent);
    if (vetoes.type() != DType.INT32 || vetoes.length() != (long) silent.batch() * targets) {
      throw new IllegalArgumentException(
          "vetoes: expected INT32 [" + silent.batch() + "][" + targets + "], got " + vetoes + ".");
    }
    checkBackend("vetoes", vetoes.backend());
    kernels.vetoes(bound, targets, silent, vetoes);
  }

  /**
   * The targets that no silent source has a synapse onto, as bitmap, counts and ascending lists.
   *
   * @param silent over the sources
   * @param candidates binary, over the targets, of the same batch; overwritten. If there are more
   *     than its capacity, {@link Events#requireComplete} says so; the bitmap is complete always
   * @return the candidates given
   * @throws IllegalArgumentException if an argument has another shape or backend
   */
  public Events candidates(Events silent, Events candidates) {
    checkSilent(silent);
    if (candidates.batch() != silent.batch() || candidates.sources() != targets) {
      throw new IllegalArgumentException(
          "candidates: expected a batch of "
              + silent.batch()
              + " over "
              + targets
              + " targets, got "
              + candidates.batch()
              + " over "
              + candidates.sources()
              + ".");
    }
    if (candidates.values() != null) {
      throw new IllegalArgumentException("candidates: expected binary events, got graded ones.");
    }
    checkBackend("candidates", candidates.backend());
    kernels.candidates(bound, silent, candidates);
    return candidates.expand();
  }

  private void checkSilent(Events silent) {
    if (silent.sources() != sources) {
      throw new IllegalArgumentException(
          "silent: expected events over "
              + sources
              + " sources, got events over "
              + silent.sources()
              + ".");
    }
    checkBackend("silent", silent.backend());
  }

  private void checkBackend(String name, Backend backend) {
    if (backend != backend()) {
      throw new IllegalArgumentException(
          name
              + ": expected the backend of the pattern, "
              + backend().name()
              + ", got another one, "
              + backend.name()
              + ".");
    }
  }

  @Override
  public void close() {
    bound.close();
  }
}
