package io.tacet.training;

import io.tacet.memory.DeviceArray;

/**
 * The members of a group that train copies of one network together: threads of a process with a
 * device each, or processes of a cluster. All members make the same calls in the same order. Sums
 * are taken in the order of ranks, so that all members get the same bits, run after run.
 */
public interface Communicator {
  /** Number of this member, from 0. Member 0 measures, reports and writes checkpoints. */
  int rank();

  /** Number of members. */
  int size();

  /**
   * Replaces an array by the sum of those of all members.
   *
   * @param array FLOAT32 or FLOAT64, of the same length and type at every member, on its own
   *     backend
   * @throws MemberFailedException if another member failed
   * @throws IllegalStateException if another member has another array
   */
  void sum(DeviceArray array);

  /** Replaces an array by that of member 0; otherwise as {@link #sum(DeviceArray)}. */
  void broadcast(DeviceArray array);

  /** As {@link #sum(DeviceArray)}, of a Java array. */
  void sum(double[] values);

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

  /** Tells the others that this member has failed, so that none waits for it. */
  void fail();

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
      public void sum(DeviceArray array) {}

      @Override
      public void broadcast(DeviceArray array) {}

      @Override
      public void sum(double[] values) {}

      @Override
      public void fail() {}
    };
  }
}
