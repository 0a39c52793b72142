package io.tacet.spi;

import io.tacet.memory.DeviceArray;
import io.tacet.rewire.Companion;
import io.tacet.rewire.GradientFactors;
import io.tacet.rewire.RandomWalk;
import io.tacet.rewire.Wiring;
import java.util.List;

/**
 * Kernels of {@link io.tacet.rewire.Rewirer}; its arguments, checked. Marks are UINT16 [places], 0
 * or 1; a synapse s of row i, the j-th of n there, has value g at {@code values s + g}, or, where
 * the wiring repeats its targets, at {@code values (s - j) + g n + j}.
 */
public interface RewiringKernels {

  /**
   * Marks those of smallest magnitude and no others.
   *
   * @param onlyMarked whether only synapses that are marked already count
   */
  void markSmallest(
      Wiring wiring, DeviceArray values, long count, boolean onlyMarked, DeviceArray marks);

  /**
   * Walks and marks those that crossed 0 and no others. The noise of value {@code g} of synapse
   * {@code s} is that of {@code WeightLaw.normal(0, 1)} for word {@code e % 4} of the Philox block
   * with counter {@code (low word of e/4, high word, step, 17)} and e = values s + g.
   *
   * @return how many were marked
   */
  long markCrossed(
      Wiring wiring,
      DeviceArray weights,
      DeviceArray signs,
      RandomWalk walk,
      long seed,
      int step,
      DeviceArray marks);

  /**
   * Finds the pairs with the largest gradients among those without a synapse and those whose
   * synapse is marked. A gradient is summed from the first pair of step and sample to the last by
   * fused multiplications and additions; a pair has the sum of the absolute values of its
   * gradients, from the first value to the last, and goes before others of that sum that come
   * later. NaN is above everything.
   *
   * @param marks null where no synapse is marked
   * @param count at least 1, and no more than there are
   * @param found INT32 [2][count]; sources and targets of these pairs in ascending order
   */
  void findLargest(
      Wiring wiring, DeviceArray marks, GradientFactors factors, long count, DeviceArray found);

  /**
   * Removes the marked synapses, then grows the given pairs, or the pairs that the first {@code
   * grow} values of {@link io.tacet.rewire.Permutation} name among those without a synapse, counted
   * by source and then by target. Value g of companion c of a new synapse from i to m is the law's
   * for word g of the Philox block with counter {@code (i, m, step, 18 + 256 c)}. Marks are 1
   * afterwards where a synapse is new.
   *
   * @param left synapses that are not marked
   * @param pairs those to grow, as {@link #findLargest} leaves them; null for drawn ones
   */
  void replace(
      Wiring wiring,
      List<Companion> companions,
      DeviceArray marks,
      long left,
      long grow,
      DeviceArray pairs,
      long seed,
      int step);
}
