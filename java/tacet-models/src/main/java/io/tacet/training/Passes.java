package io.tacet.training;

import io.tacet.data.Dataset;
import io.tacet.data.SpikeDataset;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.batches.BatchPlan;
import io.tacet.network.batches.Batches;
import io.tacet.network.batches.SpikeBatches;
import java.util.List;
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

  /**
   * Runs all samples forward, in the order of the data.
   *
   * @param look is shown one pass after the other, of as many samples as fit, each open during the
   *     call only
   */
  public static void forward(Network network, Dataset data, Consumer<Pass> look) {
    try (Batches batches = Batches.of(network, data, BatchPlan.MEASURE)) {
      for (int k = 0; ; k++) {
        Pass pass = batches.test(k, List.of());
        if (pass == null) {
          return;
        }
        look.accept(pass);
      }
    }
  }
}
