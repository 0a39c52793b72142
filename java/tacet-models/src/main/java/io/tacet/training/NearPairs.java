package io.tacet.training;

import io.tacet.network.Positions;
import io.tacet.network.RewiredSynapses;
import io.tacet.network.Rewiring;
import io.tacet.rewire.Wiring;
import io.tacet.sparse.PhiloxRandom;
import java.util.Arrays;
import java.util.HashSet;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Draws pairs of units for new synapses, near ones more often: one after the other, each with a
 * probability in proportion to exp(-distance / scale) among the pairs that have no synapse and have
 * not been drawn. Pairs are proposed uniformly and accepted with that factor; when that has taken
 * as many proposals as there are pairs, the rest is drawn from all of them by exponential keys
 * (Efraimidis and Spirakis 2006), so that a draw takes time of the order of the pairs at most, and
 * memory of that of the synapses.
 *
 * @param positions of the units, sources and targets
 * @param scale distance at which a pair is e times rarer than one at no distance
 */
record NearPairs(Positions positions, double scale) {
  NearPairs {
    if (!(scale > 0) || Double.isInfinite(scale)) {
      throw new IllegalArgumentException("scale: expected a distance above 0, got " + scale + ".");
    }
  }

  /** Whether synapses are among the units that have these positions, and new ones are drawn. */
  boolean draws(RewiredSynapses synapses) {
    Wiring wiring = synapses.wiring();
    Rewiring.Method method = synapses.connection().rewiring().method();
    return wiring.sources() == positions.units()
        && wiring.targets() == positions.units()
        && (method == Rewiring.Method.SET || method == Rewiring.Method.DEEP_R);
  }

  /**
   * Draws distinct pairs without a synapse; those whose synapse is about to be removed count as
   * having one.
   *
   * @param count no more than there are
   * @param step number of the update; with the seed it decides the draws
   * @return number of each pair, source times units plus target, ascending
   */
  long[] draw(Wiring wiring, int count, long seed, int step) {
    return new Draw(wiring, count, new PhiloxRandom(seed, step)).run();
  }

  private final class Draw {
    private final int units = positions.units();
    private final int copies;
    private final int[] offsets;
    private final int[] targets;
    private final int count;
    private final PhiloxRandom random;
    private final Set<Long> drawn = new HashSet<>();

    Draw(Wiring wiring, int count, PhiloxRandom random) {
      copies = wiring.copies();
      offsets = wiring.pattern().rowOffsets().toInts();
      targets = wiring.pattern().indices().toInts();
      this.count = count;
      this.random = random;
    }

    long[] run() {
      long pairs = (long) units * units;
      for (long proposal = 0; proposal < pairs && drawn.size() < count; proposal++) {
        int source = unit();
        int target = unit();
        if (fraction() < factor(source, target) && isAbsent(source, target)) {
          drawn.add(pair(source, target));
        }
      }
      if (drawn.size() < count) {
        drawFromAll();
      }
      return drawn.stream().mapToLong(Long::longValue).sorted().toArray();
    }

    private int unit() {
      return (int) (((random.nextInt() & 0xFFFFFFFFL) * units) >>> 32);
    }

    /** In [0, 1). */
    private double fraction() {
      return (random.nextLong() >>> 11) * 0x1p-53;
    }

    private double factor(int source, int target) {
      return StrictMath.exp(-positions.distance(source, target) / scale);
    }

    private long pair(int source, int target) {
      return (long) source * units + target;
    }

    /** The first of the copies of a row tells its targets. */
    private boolean isAbsent(int source, int target) {
      int begin = offsets[source];
      int end = begin + (offsets[source + 1] - begin) / copies;
      return Arrays.binarySearch(targets, begin, end, target) < 0;
    }

    /** The smallest of -ln(u) / factor, as logarithms, which do not overflow far away. */
    private void drawFromAll() {
      record Key(double value, long pair) {}
      int left = count - drawn.size();
      PriorityQueue<Key> smallest =
          new PriorityQueue<>((a, b) -> Double.compare(b.value(), a.value()));
      for (int source = 0; source < units; source++) {
        for (int target = 0; target < units; target++) {
          double key =
              StrictMath.log(-StrictMath.log(1 - fraction()))
                  + positions.distance(source, target) / scale;
          boolean wanted = smallest.size() < left || key < smallest.element().value();
          if (wanted && isAbsent(source, target) && !drawn.contains(pair(source, target))) {
            smallest.add(new Key(key, pair(source, target)));
            if (smallest.size() > left) {
              smallest.remove();
            }
          }
        }
      }
      smallest.forEach(key -> drawn.add(key.pair()));
    }
  }
}
