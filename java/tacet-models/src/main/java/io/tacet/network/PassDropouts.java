package io.tacet.network;

import io.tacet.dense.Dense;
import io.tacet.memory.DeviceArray;
import io.tacet.network.Run.Mask;
import io.tacet.network.cells.EmbeddingCell;
import java.util.ArrayList;
import java.util.List;

/** Dropout between the layers of a pass, with one mask for all steps. */
final class PassDropouts {
  private final int batch;
  private final List<Drop> drops = new ArrayList<>();

  /** Dropout at one place of the network. */
  private record Drop(Mask kind, double p, int place) {}

  /** Dropout of the input of each layer; none of the output of the last. */
  PassDropouts(Network network, PassShape shape) {
    NetworkSpec spec = network.spec();
    Dropouts dropouts = shape.dropouts();
    dropouts.check(spec);
    batch = shape.batch();
    int number = -1;
    for (int k = 0; k < network.layers().size(); k++) {
      if (k == 0 || network.layers().get(k - 1) instanceof EmbeddingCell) {
        drops.add(new Drop(Mask.INPUT, dropouts.input(), 0));
      } else if (spec.below(k + 1).kind() == Flow.Kind.VALUES) {
        drops.add(new Drop(Mask.OUTPUT, dropouts.output(), 0));
      } else {
        drops.add(new Drop(Mask.FORWARD, dropouts.forward(), number));
      }
      number += network.layers().get(k) instanceof EmbeddingCell ? 0 : 1;
    }
    drops.add(new Drop(Mask.OUTPUT, 0, 0));
  }

  /**
   * Masks what enters layer k, or its errors.
   *
   * @param seed of the pass
   * @param array null where nothing is dropped
   */
  void mask(int k, long seed, DeviceArray array) {
    Drop drop = drops.get(k);
    if (array == null || drop.p() == 0) {
      return;
    }
    long[] extents = array.shape();
    long period = batch * extents[extents.length - 1];
    long mask = new Run(seed, null).mask(drop.kind(), drop.place());
    Dense.dropout(array, drop.p(), mask, 1, period, array);
  }
}
