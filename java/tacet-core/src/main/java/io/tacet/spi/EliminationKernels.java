package io.tacet.spi;

import io.tacet.memory.DeviceArray;
import io.tacet.sparse.Events;
import io.tacet.sparse.SparsePattern;

/**
 * Kernels of {@link io.tacet.sparse.Elimination}; its arguments, checked. A bound target is one
 * with a synapse: bit {@code m % 32} of word {@code m / 32} of row i of {@code bound}, INT32
 * [sources][words of targets], tells whether source i binds target m. Of silent sources the bitmap
 * is read, of candidates it is written.
 */
public interface EliminationKernels {

  /** Fills {@code bound} from a pattern; bits beyond the last target are 0. */
  void bind(SparsePattern pattern, DeviceArray bound);

  /** vetoes[b][m] += number of silent sources of sample b that bind target m. */
  void vetoes(DeviceArray bound, int targets, Events silent, DeviceArray vetoes);

  /** Bit m of sample b is whether no silent source of sample b binds target m. */
  void candidates(DeviceArray bound, Events silent, Events candidates);
}
