package io.tacet.training;

import io.tacet.network.Pass;

/** What is minimised: looks at the output of a pass and writes its errors. */
public interface Loss {
  /**
   * Writes the loss and the predicted class of each sample, and dL/doutput divided by the batch; or
   * adds the gradients of the last layer at once, see {@link Pass#crossEntropyOverTime}. Gradients
   * are zeroed before.
   *
   * @throws IllegalArgumentException if the network's output is not of the kind this loss is for
   */
  void evaluate(Pass pass);

  /**
   * Whether {@link #evaluate} only issues work to the device, so that it may be called before
   * {@link Pass#settle}. False unless a loss says otherwise.
   */
  default boolean issuesOnly() {
    return false;
  }
}
