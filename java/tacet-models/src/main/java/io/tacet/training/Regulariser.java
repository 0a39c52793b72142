package io.tacet.training;

import io.tacet.network.Pass;

/** A term that is added to the loss, or a push that stands for one. */
public interface Regulariser {
  /** Adds its derivative, after the forward pass and before the backward one. */
  void apply(Pass pass);
}
