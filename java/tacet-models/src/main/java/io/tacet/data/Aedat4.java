package io.tacet.data;

import io.airlift.compress.zstd.ZstdInputStream;
import io.tacet.files.FileFormatException;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;

/**
 * Polarity events of an event camera from a file in AEDAT 4.0, the format of the DV software: a
 * line with the version, a header, then packets, each a compressed flatbuffer, and at the end a
 * table of the packets, which is not needed to read them in order. Little-endian. Packets of other
 * kinds (frames, inertial measurements, triggers) are skipped; events of several cameras in one
 * file come mixed.
 */
public final class Aedat4 {
  static final String VERSION = "#!AER-DAT4.0\r\n";

  private static final int LENGTH_BYTES = 4;
  private static final int PACKET_HEADER = 8;
  private static final int EVENT_BYTES = 16;
  private static final String HEADER_KIND = "IOHE";
  private static final String EVENTS_KIND = "EVTS";

  /** Most bytes of a packet for each compressed one; recordings have about 4. */
  private static final long MOST_RATIO = 256;

  private static final long ALWAYS_ALLOWED = 1L << 20;
  private static final String REMEDY = "Fetch or record the file again.";

  private final Path file;
  private final InputStream in;

  /** Where packets end: at their table, or where the file does. */
  private long end;

  private long at;

  private Aedat4(Path file, InputStream in, long length) {
    this.file = file;
    this.in = in;
    end = length;
  }

  /** How the packets of a file are compressed, by their number in the header. */
  private enum Compression {
    NONE,
    LZ4,
    LZ4_HIGH,
    ZSTD,
    ZSTD_HIGH;

    InputStream open(byte[] packet) throws IOException {
      InputStream bytes = new ByteArrayInputStream(packet);
      return switch (this) {
        case NONE -> bytes;
        case LZ4, LZ4_HIGH -> new FramedLZ4CompressorInputStream(bytes);
        case ZSTD, ZSTD_HIGH -> new ZstdInputStream(bytes);
      };
    }
  }

  /**
   * Reads a file, packet by packet.
   *
   * @throws FileFormatException if it is not AEDAT 4.0, is compressed in an unknown way, or is
   *     damaged or cut short; names the offset
   * @throws IOException if it cannot be read
   */
  public static void read(Path file, EventSink sink) throws IOException {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      new Aedat4(file, in, Files.size(file)).read(sink);
    }
  }

  private void read(EventSink sink) throws IOException {
    byte[] version = in.readNBytes(VERSION.length());
    if (!new String(version, StandardCharsets.US_ASCII).equals(VERSION)) {
      throw Aedat.notAedat(file, VERSION.strip(), "4.0");
    }
    at = version.length;
    Compression compression = header();
    while (at < end) {
      long packet = at;
      int size = take("a packet's header", PACKET_HEADER).getInt(LENGTH_BYTES);
      if (size < 0) {
        throw damaged("packet", packet, "it has " + size + " bytes");
      }
      byte[] bytes = decompressed(compression, take("a packet", size).array());
      ByteBuffer events;
      try {
        events = events(bytes, packet);
      } catch (IndexOutOfBoundsException e) {
        throw damaged("packet", packet, "it refers to what it does not hold: " + e.getMessage());
      }
      for (int e = 0; e < events.limit(); e += EVENT_BYTES) {
        int x = events.getShort(e + 8);
        int y = events.getShort(e + 10);
        if (x < 0 || y < 0) {
          throw damaged("packet", packet, "an event is at pixel " + x + ", " + y);
        }
        long micros = events.getLong(e);
        if (micros < 0) {
          throw damaged("packet", packet, "an event is at " + micros + " us");
        }
        sink.event(micros, x, y, events.get(e + 12) != 0);
      }
    }
  }

  /** Reads the header; says how packets are compressed, and finds out where they end. */
  private Compression header() throws IOException {
    long start = at;
    int size = take("the header's length", LENGTH_BYTES).getInt(0);
    if (size < 0) {
      throw damaged("header", start, "it has " + size + " bytes");
    }
    byte[] bytes = take("a header", size).array();
    if (!FlatTable.identifier(bytes, 0, size).equals(HEADER_KIND)) {
      throw damaged("header", start, "it is not marked " + HEADER_KIND);
    }
    int compression;
    long table;
    try {
      FlatTable header = FlatTable.root(bytes, 0, size);
      compression = header.integer(0, 0);
      table = header.longInteger(1, -1);
    } catch (IndexOutOfBoundsException e) {
      throw damaged("header", start, "it refers to what it does not hold: " + e.getMessage());
    }
    // A recording that was not closed has no table.
    if (table >= 0) {
      if (table < at || table > end) {
        throw new FileFormatException(
            file,
            String.format(
                "the file is cut short or damaged: expected the table of its packets at offset %d,"
                    + " found the end of its header at %d and of the file at %d",
                table, at, end),
            REMEDY);
      }
      end = table;
    }
    Compression[] known = Compression.values();
    if (compression < 0 || compression >= known.length) {
      throw new FileFormatException(
          file,
          String.format(
              "expected packets with compression 0 (none), 1 or 2 (LZ4), 3 or 4 (Zstandard), found"
                  + " %d in the header at offset %d",
              compression, start),
          "Save the recording with one of these, for example with dv-processing or DV.");
    }
    return known[compression];
  }

  /** The next bytes of the file. */
  private ByteBuffer take(String what, int size) throws IOException {
    if (size > end - at) {
      throw FileFormatException.cutShort(file, what + " of " + size, end - at, at);
    }
    byte[] bytes = in.readNBytes(size);
    if (bytes.length < size) {
      throw FileFormatException.cutShort(file, what + " of " + size, bytes.length, at);
    }
    at += size;
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private byte[] decompressed(Compression compression, byte[] packet) throws IOException {
    long start = at - packet.length;
    long most = Math.min(Integer.MAX_VALUE - 9, ALWAYS_ALLOWED + MOST_RATIO * packet.length);
    byte[] bytes;
    try (InputStream stream = compression.open(packet)) {
      bytes = stream.readNBytes((int) most + 1);
    } catch (IOException | RuntimeException e) {
      // The libraries report damage by exceptions of both kinds.
      FileFormatException damage =
          damaged("packet", start, "it is not valid " + compression + " (" + e.getMessage() + ")");
      damage.initCause(e);
      throw damage;
    }
    if (bytes.length > most) {
      throw damaged(
          "packet",
          start,
          "its " + packet.length + " bytes become more than " + most + ", which no recording does");
    }
    return bytes;
  }

  /** The events of a packet, {@value #EVENT_BYTES} bytes each; none of a packet of another kind. */
  private ByteBuffer events(byte[] bytes, long packet) throws FileFormatException {
    int length = bytes.length - LENGTH_BYTES;
    int stated = length < 0 ? -1 : ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(0);
    if (length < 0 || stated != length) {
      throw damaged(
          "packet", packet, String.format("it holds %d bytes, and says %d", length, stated));
    }
    if (!FlatTable.identifier(bytes, LENGTH_BYTES, length).equals(EVENTS_KIND)) {
      return ByteBuffer.allocate(0);
    }
    return FlatTable.root(bytes, LENGTH_BYTES, length).structures(0, EVENT_BYTES);
  }

  private FileFormatException damaged(String what, long offset, String how) {
    return new FileFormatException(
        file, "the " + what + " at offset " + offset + " is damaged: " + how, REMEDY);
  }
}
