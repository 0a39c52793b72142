package io.tacet.training;

import io.tacet.memory.Resources;
import io.tacet.network.RewiredSynapses;
import io.tacet.optim.Optimizer;
import java.util.ArrayList;
import java.util.List;

/** All connections of a network that are rewired while it trains. Owns their marks. */
final class Rewirings implements AutoCloseable {
  /** Keeps the random numbers of connections apart: 2^64 divided by the golden ratio. */
  private static final long APART = 0x9E3779B97F4A7C15L;

  private final List<RunningRewiring> all = new ArrayList<>();
  private final Resources resources = new Resources();

  /**
   * @param near how pairs for new synapses are drawn where it fits; null for all alike
   */
  Rewirings(List<RewiredSynapses> connections, Optimizer optimizer, NearPairs near, long seed) {
    try {
      for (RewiredSynapses connection : connections) {
        long own = seed + APART * (all.size() + 1);
        NearPairs drawing = near != null && near.draws(connection) ? near : null;
        all.add(resources.own(new RunningRewiring(connection, optimizer, drawing, own)));
      }
    } catch (RuntimeException | Error e) {
      resources.close();
      throw e;
    }
  }

  /** Before the passes of an update; see {@link RunningRewiring#begin}. */
  void begin(int update, double progress) {
    all.forEach(each -> each.begin(update, progress));
  }

  /** Between the backward pass and the update. */
  void choose(int update) {
    all.forEach(each -> each.choose(update));
  }

  /** After an update. */
  void end(int update, double progress, double rate) {
    all.forEach(each -> each.end(update, progress, rate));
  }

  @Override
  public void close() {
    resources.close();
  }
}
