package io.tacet.rewire;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.spi.RewiringKernels;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Rewires one pattern in place: first synapses are marked, then {@link #replace} removes those and
 * grows others. Memory is proportional to the synapses, whatever the number of absent ones, and so
 * is time, but for a search among these. Of what it is made:
 *
 * <ul>
 *   <li>SET (Mocanu et al. 2018): {@link #markSmallest} by weight, {@link #replace} by as many.
 *   <li>RigL (Evci et al. 2020): {@link #markSmallest} by weight, {@link #findLargest} by gradient,
 *       {@link #replaceByFound}.
 *   <li>RigL where gradients are not sums of products: {@link #markSmallest} by weight, {@link
 *       #marked} and {@link #initial} for a search elsewhere, {@link #replaceBy} what it has found.
 *   <li>RigL by candidates: {@link #markSmallest} by weight, {@link #replace} by more than were
 *       removed, which at weight 0 change nothing; after a backward pass {@link #markSmallestNew}
 *       by gradient, and {@link #replace} by none.
 *   <li>DEEP R (Bellec et al. 2018): {@link #markCrossed}, {@link #replace} by as many.
 *   <li>Gradual magnitude pruning (Zhu and Gupta 2017): {@link #markSmallest}, {@link #replace} by
 *       none.
 * </ul>
 *
 * <p>Results follow from the numbers, the seed and the step alone: they are the same on every
 * backend and for any number of threads. Magnitudes of weights are compared in single precision,
 * gradients of absent synapses in that of the arrays. Whoever holds an {@link
 * io.tacet.sparse.EventPropagation} over the pattern calls its {@code patternChanged} afterwards.
 *
 * <p>Owns a mark per place and what it has found, but neither pattern nor arrays; closed by its
 * creator. One thread at a time.
 */
public final class Rewirer implements AutoCloseable {
  /** Most arrays that move with the synapses of a pattern. */
  public static final int MOST_COMPANIONS = 16;

  private static final long NOTHING = -1;

  private final Wiring wiring;
  private final List<Companion> companions;
  private final RewiringKernels kernels;
  private final DeviceArray marks;
  private long synapses;

  /** Synapses that are marked to be removed. */
  private long marked;

  /** Synapses that the last replacement grew, while the marks are still at them. */
  private long grown;

  /** Pairs that {@link #findLargest} has found, INT32 [2][pairs]; null for none. */
  private DeviceArray found;

  /** How many, also where that is none; below 0 where nothing was looked for. */
  private long wanted = NOTHING;

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
    marked(count);
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
    marked(kernels.markCrossed(wiring, weights, signs, walk, seed, step, marks));
    return marked;
  }

  private void marked(long count) {
    marked = count;
    grown = 0;
    forget();
  }

  /** Which synapses are marked to be removed, in their order. Waits for the device. */
  public boolean[] marked() {
    boolean[] all = new boolean[Math.toIntExact(synapses)];
    if (marked > 0) {
      int[] read = marks.toInts();
      for (int s = 0; s < all.length; s++) {
        all[s] = read[s] != 0;
      }
    }
    return all;
  }

  /**
   * What the first value of a new synapse is going to be if it comes by a replacement with this
   * seed and step.
   *
   * @param array one of the companions
   * @param pair source times {@code targets()} of the wiring plus target
   */
  public double initial(DeviceArray array, long pair, long seed, int step) {
    for (int c = 0; c < companions.size(); c++) {
      if (companions.get(c).array() == array) {
        int[] bits = new int[4];
        int source = (int) (pair / wiring.targets());
        int target = (int) (pair % wiring.targets());
        Companion.draw(c, source, target, step, seed, bits);
        return companions.get(c).initial().weight(bits[0]);
      }
    }
    throw new IllegalArgumentException(
        "array: expected one of the companions of the pattern, got " + array + ".");
  }

  /**
   * Finds the pairs without a synapse whose weights would have the largest gradients, the sum of
   * the absolute values of those of a synapse; of equal ones those that come first. Marked synapses
   * count as absent, since they are going to be. Takes time in proportion to what was sent times
   * the targets, and memory for some rows of the gradient, never for all.
   *
   * @param factors of the gradients; read at once
   * @param count how many, kept until the next mark or replacement
   * @throws IllegalArgumentException if there is no room for as many, or arrays do not fit
   */
  public void findLargest(GradientFactors factors, long count) {
    factors.check(wiring, companions.get(0).array());
    checkRoom("count", count);
    forget();
    if (count > 0) {
      found = wiring.pattern().backend().allocate(DType.INT32, 2, count);
      kernels.findLargest(wiring, marked == 0 ? null : marks, factors, count, found);
    }
    wanted = count;
  }

  private void forget() {
    if (found != null) {
      DeviceArray pairs = found;
      found = null;
      pairs.close();
    }
    wanted = NOTHING;
  }

  /**
   * Removes the marked synapses and grows the pairs that {@link #findLargest} has found since,
   * which therefore need no check.
   *
   * @param seed key of the random numbers
   * @param step number of the update; with the seed it decides initial values that are drawn
   * @throws IllegalStateException if nothing was looked for since synapses were marked or replaced
   */
  public void replaceByFound(long seed, int step) {
    if (wanted == NOTHING) {
      throw new IllegalStateException(
          "Nothing was looked for since synapses were marked or replaced; call findLargest"
              + " before.");
    }
    replace(found, wanted, seed, step);
  }

  /**
   * Removes the marked synapses and grows the given pairs. Reads the pattern back, to check them.
   *
   * @param pairs numbers of pairs without a synapse but a marked one: source times {@code
   *     targets()} of the wiring plus target, ascending
   * @param seed key of the random numbers
   * @param step number of the update; with the seed it decides initial values that are drawn
   * @throws IllegalArgumentException if there is no room for as many, or a pair is not in order, is
   *     there already or does not exist
   */
  public void replaceBy(long[] pairs, long seed, int step) {
    checkRoom("pairs", pairs.length);
    if (pairs.length == 0) {
      replace(null, 0, seed, step);
      return;
    }
    int[] split = split(pairs);
    try (DeviceArray given =
        wiring.pattern().backend().allocate(DType.INT32, 2, pairs.length).copyFrom(split)) {
      replace(given, pairs.length, seed, step);
    }
  }

  /** Sources and then targets. */
  private int[] split(long[] pairs) {
    int[] offsets = wiring.pattern().rowOffsets().toInts();
    int[] indices = wiring.pattern().indices().toInts();
    boolean[] leaving = marked();
    int[] split = new int[2 * pairs.length];
    long before = -1;
    for (int k = 0; k < pairs.length; k++) {
      if (pairs[k] <= before || pairs[k] >= wiring.pairs()) {
        throw new IllegalArgumentException(
            "pairs: expected different numbers below "
                + wiring.pairs()
                + ", ascending, got "
                + pairs[k]
                + " after "
                + before
                + ".");
      }
      before = pairs[k];
      int source = (int) (pairs[k] / wiring.targets());
      int target = (int) (pairs[k] % wiring.targets());
      int begin = offsets[source];
      int end = begin + (offsets[source + 1] - begin) / wiring.copies();
      int there = Arrays.binarySearch(indices, begin, end, target);
      if (there >= 0 && !leaving[there - begin + begin / wiring.copies()]) {
        throw new IllegalArgumentException(
            "pairs: expected pairs without a synapse, got that from "
                + source
                + " to "
                + target
                + ".");
      }
      split[k] = source;
      split[pairs.length + k] = target;
    }
    return split;
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
    checkRoom("grow", grow);
    replace(null, grow, seed, step);
  }

  private void replace(DeviceArray pairs, long grow, long seed, int step) {
    long left = synapses - marked;
    if (marked == 0) {
      // They may still be those of new synapses.
      marks.zero();
    }
    kernels.replace(wiring, companions, marks, left, grow, pairs, seed, step);
    synapses = left + grow;
    marked(0);
    grown = grow;
  }

  private void checkRoom(String name, long grow) {
    long left = synapses - marked;
    long room = Math.min(wiring.places(), wiring.pairs()) - left;
    if (grow < 0 || grow > room) {
      throw new IllegalArgumentException(
          name
              + ": expected 0 to "
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
    forget();
    marks.close();
  }
}
