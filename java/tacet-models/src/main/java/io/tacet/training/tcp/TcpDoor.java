package io.tacet.training.tcp;

import io.tacet.InterruptedPassException;
import io.tacet.training.MemberFailedException;
import java.io.Closeable;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;

/**
 * The port at which a member waits for others, and from which it goes to them. Connections of
 * anybody else are closed and do no harm; after all have joined, nobody is let in.
 */
public final class TcpDoor implements Closeable {
  /** How many are heard at once; others wait. */
  private static final int HEARD = 64;

  private static final int BACKLOG = 512;
  private static final Duration STRANGER = Duration.ofSeconds(10);
  private static final int PAUSE_MS = 20;

  private final TcpSettings settings;
  private final ServerSocket server;
  private final Map<Integer, Connection> joined = new ConcurrentSkipListMap<>();
  private final Semaphore heard = new Semaphore(HEARD);

  /** What the last stranger did wrong; null before. */
  private volatile String refused;

  private TcpDoor(TcpSettings settings) throws IOException {
    this.settings = settings;
    server = new ServerSocket();
    server.bind(null, BACKLOG);
  }

  /**
   * Opens a free port on all addresses of this machine.
   *
   * @throws IOException if there is none
   */
  public static TcpDoor open(TcpSettings settings) throws IOException {
    return new TcpDoor(settings);
  }

  /** Number of the port. */
  public int port() {
    return server.getLocalPort();
  }

  /**
   * Waits for all members to join, each of which calls this. Every two members have a connection.
   *
   * @param rank of this member
   * @param addresses of the doors of all members, by rank
   * @return what the caller closes; the door is closed now
   * @throws MemberFailedException if one does not come within the timeout
   */
  public TcpCommunicator join(int rank, List<InetSocketAddress> addresses) {
    if (rank < 0 || rank >= addresses.size()) {
      throw new IllegalArgumentException(
          "rank: expected one of " + addresses.size() + " members, got " + rank + ".");
    }
    Handshake handshake = new Handshake(settings, addresses.size());
    long deadline = System.nanoTime() + settings.timeout().toNanos();
    boolean done = false;
    try (server) {
      daemon("tacet-door", () -> admit(handshake, rank));
      for (int other = 0; other < rank; other++) {
        joined.put(other, connect(handshake, rank, other, addresses.get(other), deadline));
      }
      while (joined.size() < addresses.size() - 1) {
        pause(deadline, rank, addresses);
      }
      Map<Integer, Connection> all = new TreeMap<>(joined);
      all.values().forEach(connection -> connection.timeout(settings.timeout()));
      joined.clear();
      done = true;
      return new TcpCommunicator(rank, all, addresses, settings.timeout());
    } catch (IOException e) {
      throw new MemberFailedException("The door of this member cannot be closed.", e);
    } finally {
      if (!done) {
        close();
      }
    }
  }

  private void pause(long deadline, int rank, List<InetSocketAddress> addresses) {
    if (System.nanoTime() - deadline > 0) {
      for (int other = rank + 1; other < addresses.size(); other++) {
        if (!joined.containsKey(other)) {
          throw new MemberFailedException(
              "Member "
                  + other
                  + " ("
                  + text(addresses.get(other))
                  + ") has not joined member "
                  + rank
                  + " within "
                  + settings.timeout().toSeconds()
                  + " s."
                  + (refused == null ? "" : " The last to be refused: " + refused + "."),
              null);
        }
      }
    }
    sleep();
  }

  /** As people write it. */
  static String text(InetSocketAddress address) {
    return address.getHostString() + ":" + address.getPort();
  }

  private static void sleep() {
    try {
      Thread.sleep(PAUSE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedPassException();
    }
  }

  private Connection connect(
      Handshake handshake, int rank, int other, InetSocketAddress address, long deadline) {
    while (true) {
      Socket socket = new Socket();
      boolean done = false;
      try {
        int left = (int) Math.max(1, Math.min(10_000, (deadline - System.nanoTime()) / 1_000_000));
        socket.connect(
            address.isUnresolved()
                ? new InetSocketAddress(address.getHostString(), address.getPort())
                : address,
            left);
        Connection connection = new Connection(socket, settings.timeout());
        handshake.connect(connection, rank, other);
        done = true;
        return connection;
      } catch (ConnectException e) {
        // Its machine may be slow to let it in.
        if (System.nanoTime() - deadline > 0) {
          throw lost(rank, other, address, e);
        }
        sleep();
      } catch (IOException e) {
        throw lost(rank, other, address, e);
      } finally {
        if (!done) {
          closeQuietly(socket);
        }
      }
    }
  }

  private static MemberFailedException lost(
      int rank, int other, InetSocketAddress address, IOException e) {
    return new MemberFailedException(
        "Member "
            + rank
            + " cannot join member "
            + other
            + " at "
            + text(address)
            + ": "
            + e.getMessage()
            + ". Members have to reach each other at any port.",
        e);
  }

  /** Lets members in until the door is closed. */
  private void admit(Handshake handshake, int rank) {
    while (true) {
      Socket socket;
      try {
        socket = server.accept();
      } catch (IOException e) {
        return;
      }
      heard.acquireUninterruptibly();
      daemon("tacet-join", () -> hear(handshake, rank, socket));
    }
  }

  private void hear(Handshake handshake, int rank, Socket socket) {
    boolean kept = false;
    try {
      Connection connection = new Connection(socket, STRANGER);
      int other = handshake.accept(connection, rank);
      // A second one of a rank cannot be told from the first, and does not count.
      kept = other > rank && joined.putIfAbsent(other, connection) == null;
    } catch (IOException | RuntimeException e) {
      refused = socket.getRemoteSocketAddress() + ", " + e.getMessage();
    } finally {
      heard.release();
      if (!kept) {
        closeQuietly(socket);
      }
    }
  }

  private static void daemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }

  private static void closeQuietly(Closeable closed) {
    try {
      closed.close();
    } catch (IOException e) {
      // There is nothing left to do with it.
      return;
    }
  }

  /** Closes the port and the connections of who has joined, unless all have. */
  @Override
  public void close() {
    closeQuietly(server);
    joined.values().forEach(Connection::close);
    joined.clear();
  }
}
