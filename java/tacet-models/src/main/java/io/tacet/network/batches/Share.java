package io.tacet.network.batches;

/**
 * The part of every batch that a member of a group takes: as many samples as the others, or one
 * less.
 *
 * @param rank of the member, from 0
 * @param size number of members
 */
public record Share(int rank, int size) {
  /** All of a batch. */
  public static final Share ALL = new Share(0, 1);

  public Share {
    if (size < 1 || rank < 0 || rank >= size) {
      throw new IllegalArgumentException(
          "rank, size: expected a rank from 0 to size - 1, got " + rank + " and " + size + ".");
    }
  }

  /** First of the samples begin .. end-1 that are in the share. */
  int from(int begin, int end) {
    return begin + (int) ((long) (end - begin) * rank / size);
  }

  /** End of the samples that are in the share; equal to {@link #from} where there are none. */
  int to(int begin, int end) {
    return begin + (int) ((long) (end - begin) * (rank + 1) / size);
  }

  /** Number of samples of a batch that are in the share. */
  int of(int batch) {
    return to(0, batch) - from(0, batch);
  }

  /** A seed of its own for each member; that of the batch for the first. */
  long seed(long batch) {
    return batch + rank * 0x9E3779B97F4A7C15L;
  }
}
