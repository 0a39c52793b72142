package io.tacet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.network.batches.Shares;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PairSumsTest {
  private static final int SINGLES = 37;
  private static final int DOUBLES = 5;

  /** Numbers of very different sizes, so that another order of additions shows. */
  static void fill(PairSums.Numbers room, int share) {
    SplittableRandom random = new SplittableRandom(share);
    for (int i = 0; i < room.singles().length; i++) {
      room.singles()[i] = (float) ((random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(7)));
    }
    for (int i = 0; i < room.doubles().length; i++) {
      room.doubles()[i] = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(15));
    }
  }

  static PairSums member(Shares shares, int singles, int doubles) {
    PairSums sums = new PairSums(shares.count(), singles, doubles);
    for (int s = shares.first(); s < shares.end(); s++) {
      PairSums.Numbers room = sums.room();
      fill(room, s);
      sums.add(s, room);
    }
    return sums;
  }

  @Test
  void sevenSharesAreAddedInPairs() {
    PairSums sums = member(Shares.of(7, 0, 1, true), 1, 0);
    float[] x = new float[7];
    for (int s = 0; s < 7; s++) {
      PairSums.Numbers one = new PairSums.Numbers(new float[1], new double[0]);
      fill(one, s);
      x[s] = one.singles()[0];
    }
    float expected = ((x[0] + x[1]) + (x[2] + x[3])) + ((x[4] + x[5]) + x[6]);
    assertThat(sums.total().singles()[0]).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 8, 13, 16})
  void whoHoldsWhichSharesDoesNotChangeABit(int shares) throws InterruptedException {
    PairSums.Numbers one = member(Shares.of(shares, 0, 1, true), SINGLES, DOUBLES).total();
    for (int members = 2; members <= shares; members++) {
      List<Communicator> group = ThreadCommunicator.group(members);
      List<PairSums> all = new ArrayList<>();
      List<Thread> threads = new ArrayList<>();
      for (Communicator member : group) {
        PairSums own = member(Shares.of(shares, member.rank(), members, true), SINGLES, DOUBLES);
        assertThat(own.nodes().stream().map(PairSums.Node::width).toList())
            .isEqualTo(PairSums.widths(own.first(), own.end()));
        all.add(own);
        threads.add(new Thread(() -> member.sum(own)));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      for (PairSums own : all) {
        assertThat(own.total().singles()).isEqualTo(one.singles());
        assertThat(own.total().doubles()).isEqualTo(one.doubles());
      }
    }
  }

  @Test
  void arraysAreUsedAgain() {
    PairSums sums = new PairSums(4, 3, 0);
    PairSums.Numbers first = sums.room();
    sums.add(0, first);
    sums.add(1, sums.room());
    sums.clear();
    assertThat(List.of(sums.room(), sums.room())).contains(first);
  }

  @Test
  void sharesThatAreMissingAreAnError() {
    PairSums sums = new PairSums(4, 1, 0);
    sums.add(1, sums.room());
    assertThatThrownBy(() -> sums.add(3, sums.room()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("share: expected the one after those from 1 to 1 of 4, got 3.");
    assertThatThrownBy(sums::total).hasMessageContaining("expected all of 4 shares");
  }

  @Test
  void membersWithOtherNumbersAreAnError() throws InterruptedException {
    List<Communicator> group = ThreadCommunicator.group(2);
    List<Throwable> errors = new ArrayList<>();
    Thread other =
        new Thread(
            () -> errors.add(thrownBy(group.get(1), member(Shares.of(2, 1, 2, true), 4, 0))));
    other.start();
    errors.add(thrownBy(group.get(0), member(Shares.of(2, 0, 2, true), 3, 0)));
    other.join();
    assertThat(errors).allMatch(IllegalStateException.class::isInstance);
    assertThat(errors).anyMatch(e -> e.getMessage().contains("4 and 0 numbers of 2 shares"));
  }

  private static Throwable thrownBy(Communicator member, PairSums sums) {
    try {
      member.sum(sums);
      return null;
    } catch (RuntimeException e) {
      return e;
    }
  }
}
