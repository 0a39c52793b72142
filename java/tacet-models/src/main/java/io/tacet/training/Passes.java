package io.tacet.training;

import io.tacet.data.SpikeDataset;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.batches.BatchPlan;
import io.tacet.network.batches.SpikeBatches;
import java.util.function.Consumer;

/** Single passes, for looking at what a network does. */
public final class Passes {
  private Passes() {}

  /**
   * Runs the named samples forward.
   *
   * @param look is shown the pass, which is open during the call only
   */
  public static void forward(
      Network network, SpikeDataset data, int[] samples, Consumer<Pass> look) {
    try (SpikeBatches batches = new SpikeBatches(network, data, BatchPlan.MEASURE)) {
      look.accept(batches.forward(samples, 0, samples.length));
    }
  }
}
