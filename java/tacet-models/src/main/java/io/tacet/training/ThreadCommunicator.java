package io.tacet.training;

import io.tacet.InterruptedPassException;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Phaser;
import java.util.stream.IntStream;

/**
 * Members that are threads of one process. Each brings its array to the Java heap, sums its share
 * of the elements over all members, and takes the whole sum back: time and memory of a member are
 * proportional to the elements, whatever the number of members.
 */
public final class ThreadCommunicator implements Communicator {
  private final Group group;
  private final int rank;

  /** What the members share. */
  private static final class Group {
    final Object[] given;

    /** Terminated when a member fails, which nobody waits at any more. */
    final Phaser phaser;

    Group(int size) {
      given = new Object[size];
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

  @Override
  public void sum(DeviceArray array) {
    if (array.type() == DType.FLOAT32) {
      float[] values = array.toFloats();
      exchange(values, values.length);
      array.copyFrom(values);
    } else {
      double[] values = array.toDoubles();
      sum(values);
      array.copyFrom(values);
    }
  }

  @Override
  public void sum(double[] values) {
    exchange(values, values.length);
  }

  /** Member 0's array becomes the sum, each member adding a share of it; then all copy it. */
  private void exchange(Object own, int length) {
    group.given[rank] = own;
    group.await();
    List<Object> all = new ArrayList<>(List.of(group.given));
    try {
      int from = (int) ((long) length * rank / size());
      int to = (int) ((long) length * (rank + 1) / size());
      add(all, length, from, to);
    } catch (RuntimeException e) {
      fail();
      throw e;
    }
    group.await();
    if (rank > 0) {
      System.arraycopy(all.get(0), 0, own, 0, length);
    }
    // Member 0 may change its array only when all have copied it.
    group.await();
  }

  private static void add(List<Object> all, int length, int from, int to) {
    for (Object other : all) {
      if (other.getClass() != all.get(0).getClass() || Array.getLength(other) != length) {
        throw new IllegalStateException(
            "array: expected arrays of one type and length at all members, got "
                + other.getClass().getSimpleName()
                + " of "
                + Array.getLength(other)
                + " and "
                + length
                + ".");
      }
    }
    for (Object other : all.subList(1, all.size())) {
      if (all.get(0) instanceof float[] sum) {
        for (int i = from; i < to; i++) {
          sum[i] += ((float[]) other)[i];
        }
      } else {
        double[] sum = (double[]) all.get(0);
        for (int i = from; i < to; i++) {
          sum[i] += ((double[]) other)[i];
        }
      }
    }
  }

  @Override
  public void broadcast(DeviceArray array) {
    if (rank > 0) {
      array.zero();
    }
    sum(array);
  }

  @Override
  public void fail() {
    group.phaser.forceTermination();
  }
}
