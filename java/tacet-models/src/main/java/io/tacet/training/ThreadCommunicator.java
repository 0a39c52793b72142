package io.tacet.training;

import io.tacet.InterruptedPassException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Phaser;
import java.util.stream.IntStream;

/**
 * Members that are threads of one process. Each adds up its part of the elements over all members
 * and copies the whole sum: the time of a member is proportional to the elements, whatever the
 * number of members.
 */
public final class ThreadCommunicator implements Communicator {
  private final Group group;
  private final int rank;

  /** What the members share. */
  private static final class Group {
    final PairSums[] given;

    /** Terminated when a member fails, which nobody waits at any more. */
    final Phaser phaser;

    Group(int size) {
      given = new PairSums[size];
      phaser = new Phaser(size);
    }

    void await() {
      int phase;
      try {
        phase = phaser.awaitAdvanceInterruptibly(phaser.arrive());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        phaser.forceTermination();
        throw new InterruptedPassException();
      }
      if (phase < 0) {
        throw new MemberFailedException();
      }
    }
  }

  private ThreadCommunicator(Group group, int rank) {
    this.group = group;
    this.rank = rank;
  }

  /**
   * The members of a group, one for each thread.
   *
   * @param size number of members, at least 1
   */
  public static List<Communicator> group(int size) {
    Training.positive("size", size);
    Group group = new Group(size);
    return IntStream.range(0, size)
        .mapToObj(rank -> (Communicator) new ThreadCommunicator(group, rank))
        .toList();
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return group.given.length;
  }

  /** The arrays of member 0 become the sum, each member adding a part of them; then all copy it. */
  @Override
  public void sum(PairSums sums) {
    group.given[rank] = sums;
    group.await();
    PairSums.Slice all = sums.all();
    PairSums.Numbers total;
    try {
      List<PairSums.Node> nodes = new ArrayList<>();
      for (PairSums other : group.given) {
        sums.requireAlike(other);
        nodes.addAll(other.nodes());
      }
      total = PairSums.total(nodes, sums.slice(rank, size()));
    } catch (RuntimeException e) {
      fail(e);
      throw e;
    }
    group.await();
    PairSums.Numbers own = sums.nodes().get(0).numbers();
    if (rank > 0) {
      System.arraycopy(total.singles(), 0, own.singles(), 0, all.to());
      System.arraycopy(total.doubles(), 0, own.doubles(), 0, all.doublesTo());
    }
    sums.complete();
    // Member 0 may change its arrays only when all have copied them.
    group.await();
  }

  @Override
  public void fail(Throwable reason) {
    group.phaser.forceTermination();
  }
}
