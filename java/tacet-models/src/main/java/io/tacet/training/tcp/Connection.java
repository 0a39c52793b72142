package io.tacet.training.tcp;

import io.tacet.InterruptedPassException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A connection of numbers, little-endian. Each direction is used by one thread at a time. A read
 * that waits sees an interrupt of its thread within half a second.
 */
final class Connection implements Closeable {
  private static final int CHUNK = 1 << 16;
  private static final int POLL_MS = 500;

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final byte[] readBytes = new byte[CHUNK];
  private final byte[] writtenBytes = new byte[CHUNK];
  private final ByteBuffer reading = littleEndian(readBytes);
  private final ByteBuffer writing = littleEndian(writtenBytes);
  private final AtomicLong sent = new AtomicLong();

  /** How long a read waits for the next byte. */
  private volatile long timeoutNanos;

  Connection(Socket socket, Duration timeout) throws IOException {
    this.socket = socket;
    socket.setTcpNoDelay(true);
    socket.setKeepAlive(true);
    socket.setSoTimeout(POLL_MS);
    in = socket.getInputStream();
    out = socket.getOutputStream();
    timeoutNanos = timeout.toNanos();
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  void timeout(Duration timeout) {
    timeoutNanos = timeout.toNanos();
  }

  /** Bytes that have been sent. */
  long sent() {
    return sent.get();
  }

  void write(byte[] bytes) throws IOException {
    out.write(bytes);
    sent.addAndGet(bytes.length);
  }

  void write(float[] values, int from, int to) throws IOException {
    for (int at = from; at < to; at += CHUNK / Float.BYTES) {
      int count = Math.min(to - at, CHUNK / Float.BYTES);
      writing.asFloatBuffer().put(values, at, count);
      flush(count * Float.BYTES);
    }
  }

  void write(double[] values, int from, int to) throws IOException {
    for (int at = from; at < to; at += CHUNK / Double.BYTES) {
      int count = Math.min(to - at, CHUNK / Double.BYTES);
      writing.asDoubleBuffer().put(values, at, count);
      flush(count * Double.BYTES);
    }
  }

  private void flush(int bytes) throws IOException {
    out.write(writtenBytes, 0, bytes);
    sent.addAndGet(bytes);
  }

  byte[] read(int count) throws IOException {
    byte[] bytes = new byte[count];
    for (int at = 0; at < count; at += CHUNK) {
      fill(bytes, at, Math.min(count - at, CHUNK));
    }
    return bytes;
  }

  void read(float[] into, int from, int to) throws IOException {
    for (int at = from; at < to; at += CHUNK / Float.BYTES) {
      int count = Math.min(to - at, CHUNK / Float.BYTES);
      fill(readBytes, 0, count * Float.BYTES);
      reading.asFloatBuffer().get(into, at, count);
    }
  }

  void read(double[] into, int from, int to) throws IOException {
    for (int at = from; at < to; at += CHUNK / Double.BYTES) {
      int count = Math.min(to - at, CHUNK / Double.BYTES);
      fill(readBytes, 0, count * Double.BYTES);
      reading.asDoubleBuffer().get(into, at, count);
    }
  }

  /** Reads bytes that have to be there in time, however slowly they come. */
  private void fill(byte[] into, int from, int count) throws IOException {
    int got = 0;
    long deadline = System.nanoTime() + timeoutNanos;
    while (got < count) {
      try {
        int more = in.read(into, from + got, count - got);
        if (more < 0) {
          throw new EOFException("the connection has ended");
        }
        got += more;
      } catch (SocketTimeoutException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw new InterruptedPassException();
        }
      }
      if (got < count && System.nanoTime() - deadline > 0) {
        throw new SocketTimeoutException(
            "not all came within " + Duration.ofNanos(timeoutNanos).toSeconds() + " s");
      }
    }
  }

  /** Says a last thing, if the other side still takes it, and that no more will come. */
  void end(byte[] message) {
    try {
      out.write(message);
      socket.shutdownOutput();
    } catch (IOException e) {
      close();
    }
  }

  /**
   * Reads what still comes until the other side ends, so that it gets the last thing that was said,
   * but not for longer than to a time by {@link System#nanoTime}.
   */
  void drain(long deadline) {
    byte[] rest = new byte[CHUNK];
    boolean open = !socket.isClosed();
    while (open && System.nanoTime() - deadline < 0) {
      open = mayGoOn(rest);
    }
  }

  private boolean mayGoOn(byte[] rest) {
    try {
      return in.read(rest) >= 0;
    } catch (SocketTimeoutException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // Whatever it still had to say, nobody listens.
      return;
    }
  }
}
