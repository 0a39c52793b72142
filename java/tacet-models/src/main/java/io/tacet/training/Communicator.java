package io.tacet.training;

/**
 * The members of a group that train copies of one network together: threads of a process with a
 * device each, or processes of a cluster. All members make the same calls in the same order, and
 * all get the same bits, run after run.
 */
public interface Communicator {
  /** Number of this member, from 0. Member 0 measures, reports and writes checkpoints. */
  int rank();

  /** Number of members. */
  int size();

  /**
   * Completes the sums of this member by those of all others.
   *
   * @param sums of the shares of this member, which follow those of the member before
   * @throws MemberFailedException if another member failed
   * @throws IllegalStateException if another member adds up something else
   */
  void sum(PairSums sums);

  /** Replaces an array by the sum of those of all members, of the same length at each. */
  default void sum(double[] values) {
    PairSums sums = new PairSums(size(), 0, values.length);
    PairSums.Numbers room = sums.room();
    System.arraycopy(values, 0, room.doubles(), 0, values.length);
    sums.add(rank(), room);
    sum(sums);
    System.arraycopy(sums.total().doubles(), 0, values, 0, values.length);
  }

  /** The value that member 0 gives, at all members. */
  default double ofFirst(double value) {
    double[] one = {rank() == 0 ? value : 0};
    sum(one);
    return one[0];
  }

  /** What member 0 has decided, at all members. */
  default boolean agreed(boolean decision) {
    return ofFirst(decision ? 1 : 0) > 0;
  }

  /**
   * Tells the others that this member has failed, so that none waits for it.
   *
   * @param reason why
   */
  void fail(Throwable reason);

  /** A group of one. */
  static Communicator alone() {
    return new Communicator() {
      @Override
      public int rank() {
        return 0;
      }

      @Override
      public int size() {
        return 1;
      }

      @Override
      public void sum(PairSums sums) {
        // All shares are in it.
      }

      @Override
      public void sum(double[] values) {
        // They are the sum.
      }

      @Override
      public void fail(Throwable reason) {
        // There is nobody to tell.
      }
    };
  }
}
