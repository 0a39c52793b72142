package io.tacet.training;

import io.tacet.checkpoint.ModelFile;
import java.io.IOException;

/** Where the latest state of a training is kept. */
@FunctionalInterface
public interface Checkpoints {
  /**
   * Replaces the state that was kept before, whole or not at all.
   *
   * @throws IOException if it cannot be written, which ends the training
   */
  void write(ModelFile state) throws IOException;
}
