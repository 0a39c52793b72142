package io.tacet.network.batches;

import io.tacet.data.SpikeDataset;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;

/**
 * The shares that every batch is cut into, each with passes of its own, and those of them that are
 * computed here.
 *
 * @param count number of shares of a batch
 * @param first the first share that is computed here, from 0
 * @param end the one after the last
 * @param apart whether a sample is always in the same share, whatever the epoch: so whoever
 *     computes a share needs no other samples
 */
public record Shares(int count, int first, int end, boolean apart) {
  /** A batch is one share, and here. */
  public static final Shares ALL = new Shares(1, 0, 1, false);

  public Shares {
    if (first < 0 || first >= end || end > count) {
      throw new IllegalArgumentException(
          "first, end: expected 0 <= first < end <= "
              + count
              + ", the number of shares, got "
              + first
              + " and "
              + end
              + ".");
    }
  }

  /**
   * Those of a member of a group: as many as of the others, or one less.
   *
   * @param count number of shares of a batch, at least the number of members
   * @param rank of the member, from 0
   * @param members number of members
   */
  public static Shares of(int count, int rank, int members, boolean apart) {
    if (count < members) {
      throw new IllegalArgumentException(
          "shares: expected at least one for each of "
              + members
              + " members, got "
              + count
              + ". Use more shares, or fewer members.");
    }
    Share member = new Share(rank, members);
    return new Shares(count, member.from(0, count), member.to(0, count), apart);
  }

  /** Number of shares that are computed here. */
  public int here() {
    return end - first;
  }

  /** One of those that are computed here, from 0. */
  Share at(int place) {
    return new Share(first + place, count);
  }

  /**
   * The share that a sample is in, where samples stay in their shares.
   *
   * @param sample its index
   * @param samples number of all samples
   * @param batch samples of a batch
   */
  public int of(int sample, int samples, int batch) {
    int begin = sample / batch * batch;
    int length = Math.min(samples - begin, batch);
    int share = (int) ((long) (sample - begin) * count / length);
    while (new Share(share, count).to(begin, begin + length) <= sample) {
      share++;
    }
    return share;
  }

  /**
   * The order of samples in an epoch, drawn among those of each share where samples stay in theirs.
   *
   * @param samples number of samples
   * @param batch samples of a batch
   * @param seed of a share
   */
  int[] order(int samples, int batch, ToLongFunction<Share> seed) {
    if (!apart) {
      return SpikeDataset.permutation(samples, seed.applyAsLong(new Share(0, 1)));
    }
    int[] order = new int[samples];
    for (int s = 0; s < count; s++) {
      Share share = new Share(s, count);
      int[] places = places(share, samples, batch);
      int[] drawn = SpikeDataset.permutation(places.length, seed.applyAsLong(share));
      for (int k = 0; k < places.length; k++) {
        order[places[k]] = places[drawn[k]];
      }
    }
    return order;
  }

  private static int[] places(Share share, int samples, int batch) {
    return IntStream.iterate(0, begin -> begin < samples, begin -> begin + batch)
        .flatMap(
            begin -> {
              int end = Math.min(samples, begin + batch);
              return IntStream.range(share.from(begin, end), share.to(begin, end));
            })
        .toArray();
  }

  /** Sizes of the shares of a batch that come up here. */
  IntStream sizes(int batch) {
    return IntStream.range(0, here()).map(place -> at(place).of(batch)).distinct();
  }
}
