package io.tacet.training.tcp;

import io.tacet.InterruptedPassException;
import io.tacet.training.Communicator;
import io.tacet.training.MemberFailedException;
import io.tacet.training.PairSums;
import io.tacet.training.PairSums.Node;
import io.tacet.training.PairSums.Numbers;
import io.tacet.training.PairSums.Slice;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A member of a group of processes, with a connection to each other member. Each adds up its part
 * of the numbers: all others send it theirs, and it sends its sums to all. A member that holds a
 * power of 2 of the shares, from a multiple of it on, sends and receives 2 (P - 1) / P times the
 * bytes of the numbers for P members, which is the least there is; others send up to as many times
 * more in the first half as they have nodes. A few numbers go to all at once, since time is then
 * that of a message.
 *
 * <p>Not thread-safe: used by the thread that trains. Connections are not encrypted.
 */
public final class TcpCommunicator implements Communicator, AutoCloseable {
  /** Up to so many bytes all members add up all numbers. */
  private static final long FEW = 8192;

  private static final Duration FAREWELL = Duration.ofSeconds(2);

  private final int rank;
  private final List<InetSocketAddress> addresses;

  /** By rank; null of this member. */
  private final Connection[] others;

  private final Duration timeout;
  private final ExecutorService sender;
  private final List<Numbers> received = new ArrayList<>();
  private final AtomicReference<MemberFailedException> failure = new AtomicReference<>();
  private int number;
  private volatile boolean closed;

  TcpCommunicator(
      int rank,
      Map<Integer, Connection> connections,
      List<InetSocketAddress> addresses,
      Duration timeout) {
    this.rank = rank;
    this.addresses = List.copyOf(addresses);
    this.timeout = timeout;
    others = new Connection[addresses.size()];
    connections.forEach((other, connection) -> others[other] = connection);
    sender =
        Executors.newSingleThreadExecutor(
            work -> {
              Thread thread = new Thread(work, "tacet-send-" + rank);
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int size() {
    return others.length;
  }

  /** Bytes that this member has sent so far. */
  public long bytesSent() {
    return Arrays.stream(others).mapToLong(other -> other == null ? 0 : other.sent()).sum();
  }

  /** What a member does with another. */
  private interface Talk {
    void with(int other, Connection connection) throws IOException;
  }

  @Override
  public void sum(PairSums sums) {
    requireOpen();
    number++;
    if (size() == 1) {
      return;
    }
    boolean few = sums.all().bytes() <= FEW;
    List<Node> own = sums.nodes();
    Numbers first = own.get(0).numbers();
    Future<?> sent =
        send((other, to) -> sendNodes(to, sums, own, few ? sums.all() : sums.slice(other, size())));
    Slice mine = few ? sums.all() : sums.slice(rank, size());
    Slice compact = new Slice(0, mine.to() - mine.from(), 0, mine.doublesTo() - mine.doublesFrom());
    Numbers total = PairSums.total(nodes(sums, mine, compact), compact);
    await(sent);
    System.arraycopy(total.singles(), 0, first.singles(), mine.from(), compact.to());
    System.arraycopy(total.doubles(), 0, first.doubles(), mine.doublesFrom(), compact.doublesTo());
    if (!few) {
      Future<?> told = send((other, to) -> sendTotal(to, sums, first, mine));
      receive((other, from) -> receiveTotal(from, sums, first, other));
      await(told);
    }
    sums.complete();
  }

  private void sendNodes(Connection to, PairSums sums, List<Node> nodes, Slice slice)
      throws IOException {
    to.write(new Header(Header.NODES, number, sums, sums.first(), sums.end()).bytes());
    for (Node node : nodes) {
      write(to, node.numbers(), slice);
    }
  }

  private void sendTotal(Connection to, PairSums sums, Numbers total, Slice slice)
      throws IOException {
    to.write(new Header(Header.TOTAL, number, sums, 0, sums.shares()).bytes());
    write(to, total, slice);
  }

  private static void write(Connection to, Numbers numbers, Slice slice) throws IOException {
    to.write(numbers.singles(), slice.from(), slice.to());
    to.write(numbers.doubles(), slice.doublesFrom(), slice.doublesTo());
  }

  private void receiveTotal(Connection from, PairSums sums, Numbers into, int other)
      throws IOException {
    new Header(Header.TOTAL, number, sums, 0, sums.shares()).read(from);
    Slice slice = sums.slice(other, size());
    from.read(into.singles(), slice.from(), slice.to());
    from.read(into.doubles(), slice.doublesFrom(), slice.doublesTo());
  }

  /** The nodes of all members in the order of shares, of a slice, at the beginning of arrays. */
  private List<Node> nodes(PairSums sums, Slice slice, Slice compact) {
    List<List<Node>> byRank = new ArrayList<>();
    for (int k = 0; k < size(); k++) {
      byRank.add(new ArrayList<>());
    }
    int[] used = {0};
    for (Node node : sums.nodes()) {
      Numbers copy = room(used[0]++, compact);
      System.arraycopy(node.numbers().singles(), slice.from(), copy.singles(), 0, compact.to());
      System.arraycopy(
          node.numbers().doubles(), slice.doublesFrom(), copy.doubles(), 0, compact.doublesTo());
      byRank.get(rank).add(new Node(node.first(), node.width(), copy));
    }
    receive(
        (other, from) -> {
          Header header = new Header(Header.NODES, number, sums, -1, -1).read(from);
          int at = header.first();
          for (int width : PairSums.widths(header.first(), header.end())) {
            Numbers room = room(used[0]++, compact);
            from.read(room.singles(), 0, compact.to());
            from.read(room.doubles(), 0, compact.doublesTo());
            byRank.get(other).add(new Node(at, width, room));
            at += width;
          }
        });
    List<Node> all = byRank.stream().flatMap(List::stream).toList();
    requireAll(all, sums.shares());
    return all;
  }

  private static void requireAll(List<Node> all, int shares) {
    int at = 0;
    for (Node node : all) {
      if (node.first() != at) {
        break;
      }
      at += node.width();
    }
    if (at != shares) {
      throw new IllegalStateException(
          "shares: expected all of "
              + shares
              + " in the order of members, got them up to "
              + at
              + ". All members have to be set up alike.");
    }
  }

  /** Arrays of the lengths of a slice; those of large slices are kept for the next sum. */
  private Numbers room(int place, Slice compact) {
    Numbers kept = place < received.size() ? received.get(place) : null;
    if (kept != null
        && kept.singles().length == compact.to()
        && kept.doubles().length == compact.doublesTo()) {
      return kept;
    }
    Numbers made = new Numbers(new float[compact.to()], new double[compact.doublesTo()]);
    if (compact.bytes() > FEW) {
      while (received.size() <= place) {
        received.add(made);
      }
      received.set(place, made);
    }
    return made;
  }

  /**
   * The bytes that member 0 gives, at all members.
   *
   * @param bytes not looked at elsewhere, may be null there
   */
  public byte[] fromFirst(byte[] bytes) {
    requireOpen();
    number++;
    if (size() == 1) {
      return bytes;
    }
    if (rank == 0) {
      PairSums none = new PairSums(1, bytes.length, 0);
      await(
          send(
              (other, to) -> {
                to.write(new Header(Header.BYTES, number, none, 0, 1).bytes());
                to.write(bytes);
              }));
      return bytes;
    }
    byte[][] got = new byte[1][];
    talk(
        0,
        (other, from) -> {
          Header header = new Header(Header.BYTES, number, null, 0, 1).read(from);
          got[0] = from.read(header.singles());
        });
    return got[0];
  }

  /** To all others, the next one first, on the thread that sends. */
  private Future<?> send(Talk talk) {
    return sender.submit(
        () -> {
          for (int k = 1; k < size(); k++) {
            talk((rank + k) % size(), talk);
          }
        });
  }

  /** From all others, the one before first, which sends to this one first. */
  private void receive(Talk talk) {
    for (int k = 1; k < size(); k++) {
      talk((rank - k + size()) % size(), talk);
    }
  }

  private void talk(int other, Talk talk) {
    boolean done = false;
    try {
      talk.with(other, others[other]);
      done = true;
    } catch (IOException e) {
      failure.compareAndSet(null, new MemberFailedException(message(other, e), e));
      if (e instanceof ReasonException) {
        // Who listens to this member before the one that failed is to hear it, too.
        tell(e.getMessage());
      }
      // The first one: it has ended the connections to all others.
      throw failure.get();
    } finally {
      if (!done) {
        close();
      }
    }
  }

  private String message(int other, IOException e) {
    String name = "Member " + other + " (" + TcpDoor.text(addresses.get(other)) + ")";
    return e instanceof ReasonException
        ? name + " has failed: " + e.getMessage()
        : name
            + " does not answer member "
            + rank
            + " any more: "
            + e.getMessage()
            + ". Its own error says why, if it has not just ended.";
  }

  private void await(Future<?> sent) {
    try {
      sent.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new InterruptedPassException();
    } catch (TimeoutException e) {
      close();
      throw new MemberFailedException(
          "The others took nothing from member " + rank + " for " + timeout.toSeconds() + " s.", e);
    } catch (ExecutionException e) {
      close();
      if (e.getCause() instanceof RuntimeException own) {
        throw own;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("Member " + rank + " has left its group.");
    }
  }

  /** Tells the others why, waits until they know it, but no longer than two seconds, and closes. */
  @Override
  public void fail(Throwable reason) {
    if (!closed) {
      tell(String.valueOf(reason.getMessage()));
    }
    close();
  }

  /** Says a last thing to all others. */
  private void tell(String reason) {
    if (sentAll()) {
      byte[] message = Header.failure(reason);
      long deadline = System.nanoTime() + FAREWELL.toNanos();
      Arrays.stream(others).filter(Objects::nonNull).forEach(other -> other.end(message));
      Arrays.stream(others).filter(Objects::nonNull).forEach(other -> other.drain(deadline));
    }
  }

  /** Whether nothing is on its way, into which nothing else can be said. */
  private boolean sentAll() {
    sender.shutdown();
    try {
      return sender.awaitTermination(FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Ends all connections; does nothing if they have. */
  @Override
  public void close() {
    closed = true;
    sender.shutdownNow();
    for (Connection other : others) {
      if (other != null) {
        other.close();
      }
    }
  }
}
