package io.tacet.training;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.network.Network;
import io.tacet.optim.Parameter;
import java.util.Arrays;

/**
 * Adds up the gradients of the shares of a batch, and what was counted in them, over all members of
 * a group. Gradients of sparse connections are those of their synapses, so that nothing else is
 * sent.
 */
final class ShareSums {
  private final Network network;
  private final Communicator group;
  private final int shares;
  private PairSums sums;

  /**
   * Of the shares of a batch.
   *
   * @param shares their number in the whole group
   */
  ShareSums(Network network, Communicator group, int shares) {
    this.network = network;
    this.group = group;
    this.shares = shares;
  }

  /** Begins a batch. */
  void begin() {
    int layers = network.layers().size();
    int singles = length(DType.FLOAT32);
    int doubles = length(DType.FLOAT64) + Tally.numbers(layers);
    if (sums == null || sums.singles() != singles || sums.doubles() != doubles) {
      sums = new PairSums(shares, singles, doubles);
    }
    sums.clear();
  }

  private int length(DType type) {
    long length = 0;
    for (Parameter p : network.parameters()) {
      length += p.gradient().type() == type ? p.gradient().length() : 0;
    }
    return Math.toIntExact(length);
  }

  /**
   * Adds a share; those of a member come in their order.
   *
   * @param share its number
   * @param fraction of the samples of the batch that are in it: gradients are means over a share
   * @param counted in it
   */
  void add(int share, double fraction, Tally counted) {
    PairSums.Numbers room = sums.room();
    int at = 0;
    int atDouble = 0;
    for (Parameter p : network.parameters()) {
      DeviceArray gradient = p.gradient();
      gradient.backend().kernels().optimizer().scale(gradient, fraction);
      if (gradient.type() == DType.FLOAT32) {
        float[] values = gradient.toFloats();
        System.arraycopy(values, 0, room.singles(), at, values.length);
        at += values.length;
      } else {
        double[] values = gradient.toDoubles();
        System.arraycopy(values, 0, room.doubles(), atDouble, values.length);
        atDouble += values.length;
      }
    }
    counted.write(room.doubles(), atDouble);
    sums.add(share, room);
  }

  /** Leaves the sums of the batch in the gradients, and adds what was counted. */
  void end(Tally tally) {
    group.sum(sums);
    PairSums.Numbers all = sums.total();
    int at = 0;
    int atDouble = 0;
    for (Parameter p : network.parameters()) {
      DeviceArray gradient = p.gradient();
      int length = (int) gradient.length();
      if (gradient.type() == DType.FLOAT32) {
        gradient.copyFrom(Arrays.copyOfRange(all.singles(), at, at + length));
        at += length;
      } else {
        gradient.copyFrom(Arrays.copyOfRange(all.doubles(), atDouble, atDouble + length));
        atDouble += length;
      }
    }
    tally.add(all.doubles(), atDouble, network.layers().size());
  }
}
