package io.tacet.training.tcp;

import io.tacet.training.PairSums;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What precedes numbers on a connection: from it the reader knows that the other member is where it
 * is itself, and how much comes.
 *
 * @param kind {@link #NODES}, {@link #TOTAL} or {@link #BYTES}
 * @param number of the sum, from 1
 * @param shares of the whole group
 * @param singles numbers of 32 bits of a share, or bytes
 * @param doubles numbers of 64 bits of a share
 * @param first share
 * @param end share after the last
 */
record Header(int kind, int number, int shares, int singles, int doubles, int first, int end) {
  /** Nodes of sums follow. */
  static final int NODES = 1;

  /** A part of the sum of all shares follows. */
  static final int TOTAL = 2;

  /** Bytes follow. */
  static final int BYTES = 3;

  /** The other member has failed; its reason follows, as text. */
  private static final int FAILED = 4;

  private static final int LONGEST_REASON = 4096;

  private static final int MAGIC = 0x54534D31;
  private static final int LENGTH = 8 * Integer.BYTES;

  /**
   * Of sums.
   *
   * @param sums null where the other side says how much comes
   */
  Header(int kind, int number, PairSums sums, int first, int end) {
    this(
        kind,
        number,
        sums == null ? 1 : sums.shares(),
        sums == null ? -1 : sums.singles(),
        sums == null ? 0 : sums.doubles(),
        first,
        end);
  }

  /** A whole message that says why a member has failed. */
  static byte[] failure(String reason) {
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, LONGEST_REASON);
    byte[] header = new Header(FAILED, 0, 1, length, 0, 0, 1).bytes();
    byte[] message = Arrays.copyOf(header, header.length + length);
    System.arraycopy(text, 0, message, header.length, length);
    return message;
  }

  byte[] bytes() {
    return ByteBuffer.allocate(LENGTH)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putInt(MAGIC)
        .putInt(kind)
        .putInt(number)
        .putInt(shares)
        .putInt(singles)
        .putInt(doubles)
        .putInt(first)
        .putInt(end)
        .array();
  }

  /**
   * Reads one that has to be as this one, but where this one has -1.
   *
   * @throws IOException if it is another, or the other member has failed
   */
  Header read(Connection from) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(from.read(LENGTH)).order(ByteOrder.LITTLE_ENDIAN);
    int magic = in.getInt();
    Header got =
        new Header(
            in.getInt(),
            in.getInt(),
            in.getInt(),
            in.getInt(),
            in.getInt(),
            in.getInt(),
            in.getInt());
    if (magic == MAGIC && got.kind == FAILED && got.singles >= 0 && got.singles <= LONGEST_REASON) {
      throw new ReasonException(new String(from.read(got.singles), StandardCharsets.UTF_8));
    }
    if (magic != MAGIC || !fits(got)) {
      throw new ProtocolException(
          "expected "
              + this
              + ", got "
              + (magic == MAGIC ? got.toString() : "something else")
              + "; all members have to be set up alike, with the same data");
    }
    return got;
  }

  private boolean fits(Header got) {
    return got.kind == kind
        && got.number == number
        && got.shares == shares
        && (singles < 0 ? got.singles >= 0 : got.singles == singles)
        && got.doubles == doubles
        && (first < 0 ? got.first >= 0 && got.first < got.end : got.first == first)
        && (end < 0 ? got.end <= shares : got.end == end);
  }
}
