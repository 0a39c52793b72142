package io.tacet.training;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Early stopping: the weights of the epoch with the smallest loss on the set that epochs are
 * measured on, with the synapses that they belong to. Owns its copies.
 */
final class BestWeights implements AutoCloseable {
  private final int patience;
  private final Map<String, DeviceArray> arrays;
  private final Map<String, DeviceArray> copies = new LinkedHashMap<>();
  private final Resources resources = new Resources();

  /**
   * Keeps the weights that there are.
   *
   * @param patience epochs without a smaller loss before the end
   * @param arrays everything that the training changes, by name
   */
  BestWeights(int patience, Map<String, DeviceArray> arrays) {
    this.patience = patience;
    this.arrays = arrays;
    try {
      arrays.forEach(
          (name, array) ->
              copies.put(
                  name, resources.own(array.backend().allocate(array.type(), array.shape()))));
      keep();
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /** Number of the first epoch with the smallest loss; 0 if none was measured. */
  static int epoch(List<EpochResult> results) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (EpochResult result : results) {
      if (result.testLoss() < least) {
        least = result.testLoss();
        best = result.epoch();
      }
    }
    return best;
  }

  /** After each epoch: keeps its weights if it is the best so far. */
  void see(List<EpochResult> results) {
    if (epoch(results) == last(results)) {
      keep();
    }
  }

  /** Whether there were too many epochs since the best. */
  boolean over(List<EpochResult> results) {
    return last(results) - epoch(results) >= patience;
  }

  private static int last(List<EpochResult> results) {
    return results.isEmpty() ? 0 : results.get(results.size() - 1).epoch();
  }

  private void keep() {
    arrays.forEach((name, array) -> copy(array, copies.get(name)));
  }

  /** Gives the network the weights that were kept. */
  void putBack() {
    arrays.forEach((name, array) -> copy(copies.get(name), array));
  }

  private static void copy(DeviceArray from, DeviceArray to) {
    if (from.type().isFloating()) {
      to.copyFrom(from.toDoubles());
    } else {
      to.copyFrom(from.toInts());
    }
  }

  /** The copies by name of the array. */
  Map<String, DeviceArray> arrays() {
    return copies;
  }

  @Override
  public void close() {
    resources.close();
  }
}
