package io.tacet.network.cells;

import io.tacet.dense.Dense;
import io.tacet.memory.DeviceArray;
import io.tacet.network.PassShape;
import io.tacet.network.Run;
import io.tacet.network.Run.Mask;

/** Dropout of whole words: of the rows of a table that tokens select. */
final class WordDropout {
  private WordDropout() {}

  /**
   * Masks the rows of a table, or of its gradient.
   *
   * @param target where the masked rows go; null where no words are dropped
   * @return the rows to use: the target, or the source where there is none
   */
  static DeviceArray apply(PassShape shape, Run run, DeviceArray source, DeviceArray target) {
    if (target == null) {
      return source;
    }
    long[] extents = source.shape();
    Dense.dropout(
        source, shape.dropouts().word(), run.mask(Mask.WORD, 0), extents[1], extents[0], target);
    return target;
  }
}
