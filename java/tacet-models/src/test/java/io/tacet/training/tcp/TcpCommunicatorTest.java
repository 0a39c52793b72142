package io.tacet.training.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.InterruptedPassException;
import io.tacet.network.batches.Shares;
import io.tacet.training.MemberFailedException;
import io.tacet.training.PairSums;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class TcpCommunicatorTest {
  private static final JobToken TOKEN = JobToken.random();
  private static final Duration SHORT = Duration.ofSeconds(2);

  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  /** What a member does. */
  private interface Work<T> {
    T with(TcpCommunicator member) throws Exception;
  }

  private static TcpSettings settings(Duration timeout) {
    return new TcpSettings(TOKEN, 0, timeout);
  }

  private static List<InetSocketAddress> addresses(List<TcpDoor> doors) {
    return doors.stream()
        .map(door -> new InetSocketAddress(InetAddress.getLoopbackAddress(), door.port()))
        .toList();
  }

  /** Runs all members of a group, each on a thread. */
  private <T> List<Future<T>> group(int members, Duration timeout, Work<T> work)
      throws IOException {
    List<TcpDoor> doors = new ArrayList<>();
    for (int k = 0; k < members; k++) {
      doors.add(TcpDoor.open(settings(timeout)));
    }
    List<InetSocketAddress> addresses = addresses(doors);
    List<Future<T>> all = new ArrayList<>();
    for (int k = 0; k < members; k++) {
      int rank = k;
      all.add(
          threads.submit(
              () -> {
                try (TcpDoor door = doors.get(rank);
                    TcpCommunicator member = door.join(rank, addresses)) {
                  return work.with(member);
                }
              }));
    }
    return all;
  }

  private static void fill(PairSums.Numbers room, int share) {
    SplittableRandom random = new SplittableRandom(share);
    for (int i = 0; i < room.singles().length; i++) {
      room.singles()[i] = (float) ((random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(7)));
    }
    for (int i = 0; i < room.doubles().length; i++) {
      room.doubles()[i] = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(15));
    }
  }

  private static PairSums sums(int shares, int rank, int members, int singles, int doubles) {
    Shares own = Shares.of(shares, rank, members, true);
    PairSums sums = new PairSums(shares, singles, doubles);
    for (int s = own.first(); s < own.end(); s++) {
      PairSums.Numbers room = sums.room();
      fill(room, s);
      sums.add(s, room);
    }
    return sums;
  }

  @ParameterizedTest
  @CsvSource({
    "8, 2, 300000, 3",
    "8, 3, 100001, 7",
    "7, 5, 40000, 1000",
    "5, 5, 3, 2",
    "4, 1, 10, 1",
    "8, 4, 0, 5000",
    "16, 8, 70000, 0"
  })
  void sumsAreThoseOfOneProcessToTheLastBit(int shares, int members, int singles, int doubles)
      throws Exception {
    PairSums.Numbers one = sums(shares, 0, 1, singles, doubles).total();
    List<Future<PairSums>> all =
        group(
            members,
            Duration.ofSeconds(30),
            member -> {
              PairSums last = null;
              for (int again = 0; again < 3; again++) {
                last = sums(shares, member.rank(), members, singles, doubles);
                member.sum(last);
              }
              return last;
            });
    for (Future<PairSums> member : all) {
      assertThat(member.get().total().singles()).isEqualTo(one.singles());
      assertThat(member.get().total().doubles()).isEqualTo(one.doubles());
    }
  }

  @Test
  void aMemberSendsTwiceItsPartOfTheNumbers() throws Exception {
    int members = 4;
    int singles = 1_000_000;
    List<Future<Long>> all =
        group(
            members,
            Duration.ofSeconds(30),
            member -> {
              long before = member.bytesSent();
              member.sum(sums(8, member.rank(), members, singles, 0));
              return member.bytesSent() - before;
            });
    long least = 2L * (members - 1) * singles * Float.BYTES / members;
    for (Future<Long> member : all) {
      assertThat(member.get()).isBetween(least, least + 1000);
    }
  }

  @Test
  void smallThingsAreAgreedOnAndBytesComeFromTheFirst() throws Exception {
    byte[] bytes = new byte[200_000];
    new SplittableRandom(3).nextBytes(bytes);
    List<Future<byte[]>> all =
        group(
            3,
            Duration.ofSeconds(30),
            member -> {
              assertThat(member.agreed(member.rank() == 0)).isTrue();
              assertThat(member.agreed(member.rank() > 0)).isFalse();
              double[] sum = {member.rank(), 1};
              member.sum(sum);
              assertThat(sum).containsExactly(3, 3);
              return member.fromFirst(member.rank() == 0 ? bytes : null);
            });
    for (Future<byte[]> member : all) {
      assertThat(member.get()).isEqualTo(bytes);
    }
  }

  private static Throwable cause(Future<?> member) throws InterruptedException {
    try {
      member.get();
      throw new AssertionError("expected an error, got none");
    } catch (ExecutionException e) {
      return e.getCause();
    }
  }

  @Test
  void allSeeThatAMemberHasFailed() throws Exception {
    List<Future<Integer>> all =
        group(
            3,
            Duration.ofSeconds(30),
            member -> {
              if (member.rank() == 1) {
                throw new IllegalArgumentException("the second is broken");
              }
              while (true) {
                member.sum(sums(8, member.rank(), 3, 50_000, 0));
              }
            });
    assertThat(cause(all.get(1))).hasMessage("the second is broken");
    for (int other : new int[] {0, 2}) {
      assertThat(cause(all.get(other)))
          .isInstanceOf(MemberFailedException.class)
          .hasMessageContaining("does not answer member " + other + " any more");
    }
  }

  @Test
  void allAreToldWhyAMemberHasFailed() throws Exception {
    List<Future<Integer>> all =
        group(
            3,
            Duration.ofSeconds(30),
            member -> {
              for (int k = 0; k < 20; k++) {
                member.sum(sums(8, member.rank(), 3, 50_000, 0));
              }
              if (member.rank() == 1) {
                member.fail(new IllegalArgumentException("the disk is full"));
                return 1;
              }
              while (true) {
                member.sum(sums(8, member.rank(), 3, 50_000, 0));
              }
            });
    assertThat(all.get(1).get()).isEqualTo(1);
    for (int other : new int[] {0, 2}) {
      assertThat(cause(all.get(other)))
          .isInstanceOf(MemberFailedException.class)
          .hasMessageContaining("has failed: the disk is full");
    }
  }

  @Test
  void aMemberThatSaysNothingIsGivenUp() throws Exception {
    List<Future<Integer>> all =
        group(
            2,
            SHORT,
            member -> {
              if (member.rank() == 1) {
                Thread.sleep(20_000);
              }
              member.sum(new double[1]);
              return 0;
            });
    assertThat(cause(all.get(0)))
        .isInstanceOf(MemberFailedException.class)
        .hasMessageContaining("not all came within 2 s");
  }

  @Test
  void anInterruptedMemberStopsWaiting() throws Exception {
    Thread[] waiting = new Thread[1];
    List<Future<Integer>> all =
        group(
            2,
            Duration.ofSeconds(30),
            member -> {
              if (member.rank() == 0) {
                waiting[0] = Thread.currentThread();
                member.sum(new double[1]);
              }
              while (waiting[0] == null) {
                Thread.sleep(10);
              }
              Thread.sleep(100);
              waiting[0].interrupt();
              Thread.sleep(20_000);
              return 0;
            });
    assertThat(cause(all.get(0))).isInstanceOf(InterruptedPassException.class);
  }

  @Test
  void membersThatAddUpOtherThingsAreAnError() throws Exception {
    List<Future<Integer>> all =
        group(
            2,
            Duration.ofSeconds(30),
            member -> {
              member.sum(sums(4, member.rank(), 2, 10_000 + member.rank(), 0));
              return 0;
            });
    assertThat(List.of(cause(all.get(0)), cause(all.get(1))))
        .anySatisfy(e -> assertThat(e).hasMessageContaining("singles=10001"));
  }

  @Test
  void strangersDoNotGetIn() throws Exception {
    List<TcpDoor> doors = new ArrayList<>();
    for (int k = 0; k < 2; k++) {
      doors.add(TcpDoor.open(settings(Duration.ofSeconds(20))));
    }
    List<InetSocketAddress> addresses = addresses(doors);
    try (TcpDoor first = doors.get(0);
        TcpDoor second = doors.get(1)) {
      Future<double[]> one = threads.submit(() -> summed(first, 0, addresses));
      try (Socket browser = new Socket(InetAddress.getLoopbackAddress(), first.port());
          Socket silent = new Socket(InetAddress.getLoopbackAddress(), first.port())) {
        DataOutputStream out = new DataOutputStream(browser.getOutputStream());
        out.write(
            "GET / HTTP/1.1\r\nHost: somewhere in the world\r\n\r\n"
                .repeat(2)
                .getBytes(StandardCharsets.US_ASCII));
        assertThat(browser.getInputStream().read()).isEqualTo(-1);
        try (TcpDoor stranger =
            TcpDoor.open(new TcpSettings(JobToken.random(), 0, Duration.ofSeconds(20)))) {
          List<InetSocketAddress> others =
              List.of(addresses.get(0), addresses(List.of(stranger)).get(0));
          assertThatThrownBy(() -> stranger.join(1, others))
              .isInstanceOf(MemberFailedException.class)
              .hasMessageContaining("it does not know the token of this job");
        }
        try (TcpDoor late = TcpDoor.open(new TcpSettings(TOKEN, 1, Duration.ofSeconds(20)))) {
          List<InetSocketAddress> others =
              List.of(addresses.get(0), addresses(List.of(late)).get(0));
          assertThatThrownBy(() -> late.join(1, others)).isInstanceOf(MemberFailedException.class);
        }
        assertThat(summed(second, 1, addresses)).containsExactly(1);
        assertThat(one.get()).containsExactly(1);
        assertThat(silent.isConnected()).isTrue();
      }
    }
  }

  private static double[] summed(TcpDoor door, int rank, List<InetSocketAddress> addresses) {
    try (TcpCommunicator member = door.join(rank, addresses)) {
      double[] sum = {rank};
      member.sum(sum);
      return sum;
    }
  }

  @Test
  void aMemberThatDoesNotComeIsNamed() throws IOException {
    try (TcpDoor door = TcpDoor.open(settings(SHORT))) {
      List<InetSocketAddress> addresses =
          List.of(addresses(List.of(door)).get(0), new InetSocketAddress("localhost", 9));
      assertThatThrownBy(() -> door.join(0, addresses))
          .isInstanceOf(MemberFailedException.class)
          .hasMessageContaining("Member 1 (localhost")
          .hasMessageContaining("has not joined member 0 within 2 s");
    }
  }

  @Test
  void aClosedMemberTakesPartInNothing() throws Exception {
    List<Future<Integer>> all =
        group(
            1,
            SHORT,
            member -> {
              member.close();
              member.close();
              assertThatThrownBy(() -> member.sum(new double[1]))
                  .hasMessage("Member 0 has left its group.");
              return 0;
            });
    assertThat(all.get(0).get()).isZero();
  }

  @Test
  void theSecretIsNotShown() {
    assertThat(TOKEN.toString() + settings(SHORT)).doesNotContain(TOKEN.text());
    assertThat(JobToken.of(TOKEN.text()).text()).isEqualTo(TOKEN.text());
    assertThatThrownBy(() -> JobToken.of("abc")).hasMessageContaining("64 hexadecimal digits");
  }
}
