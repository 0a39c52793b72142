package io.tacet.rewire;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.spi.RewiringKernels;
import java.util.List;
import java.util.Objects;

/**
 * Rewires one pattern in place: first synapses are marked, then {@link #replace} removes those and
 * grows others. Time and memory are proportional to the synapses, whatever the number of absent
 * ones. Of what it is made:
 *
 * <ul>
 *   <li>SET (Mocanu et al. 2018): {@link #markSmallest} by weight, {@link #replace} by as many.
 *   <li>RigL (Evci et al. 2020), by candidates: {@link #markSmallest} by weight, {@link #replace}
 *       by more than were removed, which at weight 0 change nothing; after a backward pass {@link
 *       #markSmallestNew} by gradient, and {@link #replace} by none.
 *   <li>DEEP R (Bellec et al. 2018): {@link #markCrossed}, {@link #replace} by as many.
 *   <li>Gradual magnitude pruning (Zhu and Gupta 2017): {@link #markSmallest}, {@link #replace} by
 *       none.
 * </ul>
 *
 * <p>Results follow from the numbers, the seed and the step alone: they are the same on every
 * backend and for any number of threads. Magnitudes are compared in single precision. Whoever holds
 * an {@link io.tacet.sparse.EventPropagation} over the pattern calls its {@code patternChanged}
 * afterwards.
 *
 * <p>Owns a mark per place but neither pattern nor arrays; closed by its creator. One thread at a
 * time.
 */
public final class Rewirer implements AutoCloseable {
  /** Most arrays that move with the synapses of a pattern. */
  public static final int MOST_COMPANIONS = 16;

  private final Wiring wiring;
  private final List<Companion> companions;
  private final RewiringKernels kernels;
  private final DeviceArray marks;
  private long synapses;

  /** Synapses that are marked to be removed. */
  private long marked;

  /** Synapses that the last replacement grew, while the marks are still at them. */
  private long grown;

  /**
   * Reads the number of synapses back.
   *
   * @param wiring the synapses, changed by nothing else from now on
   * @param companions all arrays that move with them, of one floating-point type
   * @throws IllegalArgumentException if arrays do not fit the pattern, or it has more synapses than
   *     places
   */
  public Rewirer(Wiring wiring, List<Companion> companions) {
    this.wiring = wiring;
    this.companions = List.copyOf(companions);
    if (companions.isEmpty() || companions.size() > MOST_COMPANIONS) {
      throw new IllegalArgumentException(
          "companions: expected 1 to "
              + MOST_COMPANIONS
              + " arrays, got "
              + companions.size()
              + ".");
    }
    for (Companion each : companions) {
      check("companions", each.array());
    }
    kernels = wiring.pattern().backend().kernels().rewiring();
    int[] offsets = wiring.pattern().rowOffsets().toInts();
    synapses = offsets[offsets.length - 1] / wiring.copies();
    if (synapses > wiring.places()) {
      throw new IllegalArgumentException(
          "pattern: expected at most "
              + wiring.places()
              + " synapses, as there are places, got "
              + synapses
              + ".");
    }
    marks = wiring.pattern().backend().allocate(DType.UINT16, Math.max(1, wiring.places()));
  }

  /** Number of synapses, of all gates that share one counted once. */
  public long synapses() {
    return synapses;
  }

  /** How many more synapses there can be than there are. */
  public long room() {
    return Math.min(wiring.places(), wiring.pairs()) - synapses;
  }

  /**
   * Marks the synapses of smallest magnitude, the sum of their absolute values; of equal ones those
   * that come first.
   *
   * @param values weights, say
   * @param count how many, 0 to the number of synapses
   */
  public void markSmallest(DeviceArray values, long count) {
    mark(values, count, synapses, "synapses", false);
  }

  /**
   * The same among the synapses that {@link #replace} has just grown.
   *
   * @param values gradients, say
   * @param count how many, 0 to the number grown
   */
  public void markSmallestNew(DeviceArray values, long count) {
    mark(values, count, grown, "new synapses", true);
  }

  private void mark(DeviceArray values, long count, long among, String what, boolean onlyNew) {
    check("values", values);
    if (count < 0 || count > among) {
      throw new IllegalArgumentException(
          "count: expected 0 to " + among + ", as there are " + what + ", got " + count + ".");
    }
    kernels.markSmallest(wiring, values, count, onlyNew, marks);
    marked = count;
    grown = 0;
  }

  /**
   * Takes a step of a random walk with each magnitude and marks the synapses that have become
   * dormant: those whose weight has crossed 0. A synapse of several values is dormant when none of
   * them is left on its side of 0; a value that has crossed before stays at 0 until then. Waits for
   * the device.
   *
   * @param weights updated by the gradient already
   * @param signs whose signs weights keep: negative numbers for weights of at most 0, others for
   *     weights of at least 0
   * @param step number of the update; with the seed it decides the noise
   * @return number of synapses marked
   */
  public long markCrossed(
      DeviceArray weights, DeviceArray signs, RandomWalk walk, long seed, int step) {
    check("weights", weights);
    check("signs", signs);
    Objects.requireNonNull(walk, "walk");
    marked = kernels.markCrossed(wiring, weights, signs, walk, seed, step, marks);
    grown = 0;
    return marked;
  }

  /**
   * Removes the marked synapses, and grows others between pairs that have none then, all equally
   * likely. Rows stay ascending; what goes with a synapse moves with it.
   *
   * @param grow how many to grow
   * @param seed key of the random numbers
   * @param step number of the update; with the seed it decides the draws
   * @throws IllegalArgumentException if there is no room for as many
   */
  public void replace(long grow, long seed, int step) {
    long left = synapses - marked;
    long room = Math.min(wiring.places(), wiring.pairs()) - left;
    if (grow < 0 || grow > room) {
      throw new IllegalArgumentException(
          "grow: expected 0 to "
              + room
              + " new synapses beside "
              + left
              + " in "
              + wiring.places()
              + " places for "
              + wiring.pairs()
              + " pairs, got "
              + grow
              + ".");
    }
    kernels.replace(wiring, companions, marks, left, grow, seed, step);
    synapses = left + grow;
    marked = 0;
    grown = grow;
  }

  private void check(String name, DeviceArray array) {
    Expect.like(name, array, companions.get(0).array(), wiring.length());
    if (array.backend() != wiring.pattern().backend() || !array.type().isFloating()) {
      throw new IllegalArgumentException(
          name
              + ": expected floating point on "
              + wiring.pattern().backend().name()
              + " like the pattern, got "
              + array
              + ".");
    }
  }

  @Override
  public void close() {
    marks.close();
  }
}
