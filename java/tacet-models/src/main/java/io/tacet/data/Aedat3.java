package io.tacet.data;

import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Polarity events of an event camera from a file in AEDAT 3.1, the format of cAER and of DVS128
 * Gesture: header lines that begin with {@code #}, then packets of a header of 28 bytes and events,
 * little-endian. Packets of other kinds are skipped.
 */
public final class Aedat3 {
  static final String VERSION = "#!AER-DAT3.";
  private static final String END = "#!END-HEADER\r\n";
  private static final int PACKET_HEADER = 28;
  private static final int TIMES_OVERFLOW = 12;
  private static final int EVENT_BYTES = 8;
  private static final int POLARITY = 1;
  private static final String REMEDY = "Fetch the file again.";

  private Aedat3() {}

  /**
   * Reads a file.
   *
   * @throws FileFormatException if it is not AEDAT 3 or ends within a packet; names the offset
   * @throws IOException if it cannot be read
   */
  public static void read(Path file, EventSink sink) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int at = headerEnd(file, bytes);
    ByteBuffer data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (at < bytes.length) {
      if (bytes.length - at < PACKET_HEADER) {
        throw FileFormatException.cutShort(
            file, "a packet's header of " + PACKET_HEADER, bytes.length - at, at);
      }
      int type = data.getShort(at);
      int size = data.getInt(at + 4);
      long overflow = data.getInt(at + TIMES_OVERFLOW);
      int capacity = data.getInt(at + 16);
      int number = data.getInt(at + 20);
      int events = at + PACKET_HEADER;
      if (size < 1 || capacity < 0 || number < 0 || number > capacity || overflow < 0) {
        throw new FileFormatException(
            file,
            String.format(
                "the packet at offset %d is damaged: %d events of %d bytes with room for %d after"
                    + " %d overflows of the clock",
                at, number, size, capacity, overflow),
            REMEDY);
      }
      long length = (long) size * number;
      if (length > bytes.length - events) {
        throw FileFormatException.cutShort(
            file, "a packet of " + length, bytes.length - events, events);
      }
      if (type == POLARITY && size == EVENT_BYTES) {
        polarityEvents(file, data.slice(events, (int) length), overflow << 31, events, sink);
      }
      at = events + (int) length;
    }
  }

  /** Times of 31 bits, which wrap around, continue from {@code base}. */
  private static void polarityEvents(
      Path file, ByteBuffer slice, long base, int offset, EventSink sink)
      throws FileFormatException {
    ByteBuffer events = slice.order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < events.limit(); at += EVENT_BYTES) {
      int word = events.getInt(at);
      int time = events.getInt(at + 4);
      if (time < 0) {
        throw new FileFormatException(
            file,
            "expected a time of 0 us or later, found " + time + " at offset " + (offset + at + 4),
            REMEDY);
      }
      if ((word & 1) != 0) {
        sink.event(base + time, word >>> 17, word >>> 2 & 0x7fff, (word & 2) != 0);
      }
    }
  }

  private static int headerEnd(Path file, byte[] bytes) throws FileFormatException {
    byte[] version = VERSION.getBytes(StandardCharsets.US_ASCII);
    if (bytes.length < version.length
        || !Arrays.equals(bytes, 0, version.length, version, 0, version.length)) {
      throw Aedat.notAedat(file, VERSION, "3.1");
    }
    byte[] end = END.getBytes(StandardCharsets.US_ASCII);
    for (int at = 0; at + end.length <= bytes.length; at++) {
      if (Arrays.equals(bytes, at, at + end.length, end, 0, end.length)) {
        return at + end.length;
      }
    }
    throw new FileFormatException(
        file,
        "the file is cut short: expected the end of its header, found none up to offset "
            + bytes.length,
        REMEDY);
  }
}
