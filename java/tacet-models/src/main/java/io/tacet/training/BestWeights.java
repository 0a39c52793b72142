package io.tacet.training;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.optim.Parameter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Early stopping: the weights of the epoch with the smallest loss on the set that epochs are
 * measured on. Owns its copies.
 */
final class BestWeights implements AutoCloseable {
  private final int patience;
  private final List<Parameter> parameters;
  private final Map<String, DeviceArray> copies = new LinkedHashMap<>();
  private final Resources resources = new Resources();

  /**
   * Keeps the weights that there are.
   *
   * @param patience epochs without a smaller loss before the end
   */
  BestWeights(int patience, List<Parameter> parameters) {
    this.patience = patience;
    this.parameters = parameters;
    try {
      for (Parameter p : parameters) {
        DeviceArray value = p.value();
        copies.put(p.name(), resources.own(value.backend().allocate(value.type(), value.shape())));
      }
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
    parameters.forEach(p -> copies.get(p.name()).copyFrom(p.value().toDoubles()));
  }

  /** Gives the network the weights that were kept. */
  void putBack() {
    parameters.forEach(p -> p.value().copyFrom(copies.get(p.name()).toDoubles()));
  }

  /** The copies by name of the parameter. */
  Map<String, DeviceArray> arrays() {
    return copies;
  }

  @Override
  public void close() {
    resources.close();
  }
}
