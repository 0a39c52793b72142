package io.tacet.training;

import io.tacet.data.SpikeDataset;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import java.util.SplittableRandom;

/** Single passes, for looking at what a network does. */
public final class Passes {
  private Passes() {}

  /** A pass that has gone forward over the named samples; the caller closes it. */
  public static Pass forward(Network network, SpikeDataset data, int... samples) {
    Batches batches = new Batches(network, data);
    try {
      Pass pass = batches.load(samples, 0, samples.length, 0, new SplittableRandom(0));
      pass.forward();
      return pass;
    } catch (RuntimeException | Error e) {
      batches.close();
      throw e;
    }
  }
}
