package io.tacet.training;

import io.tacet.memory.Resources;
import io.tacet.network.Network;
import io.tacet.network.Pass;

/**
 * A term that is added to the loss, or a push that stands for one. The loss that is reported is
 * without it.
 */
public interface Regulariser {
  /**
   * This during a training of a network, with what it needs besides.
   *
   * @param owned closed when the training ends
   */
  default Regulariser during(Network network, Resources owned) {
    return this;
  }

  /**
   * Adds its derivative by events or activity, after the forward pass and before the backward one.
   */
  default void apply(Pass pass) {}

  /**
   * Adds its derivative by parameters to their gradients, after the backward pass and before these
   * are clipped and used.
   */
  default void applyToGradients(Pass pass) {}

  /**
   * Changes weights right after an update, as a proximal step does. Gradients may be 0 by then.
   *
   * @param rate learning rate that the update had
   */
  default void afterUpdate(Network network, double rate) {}
}
