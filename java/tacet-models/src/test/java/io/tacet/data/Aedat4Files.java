package io.tacet.data;

import io.airlift.compress.zstd.ZstdOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorOutputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;

/** Writes small recordings in AEDAT 4. */
final class Aedat4Files {
  static final int NONE = 0;
  static final int LZ4 = 1;
  static final int ZSTD = 3;
  static final String VERSION = "#!AER-DAT4.0\r\n";

  private Aedat4Files() {}

  /**
   * A recording with a packet of another kind, the events in two packets, and a table of packets.
   *
   * @param closed whether the header says where the table is
   * @param events {x, y, on, microseconds}
   */
  static byte[] recording(int compression, boolean closed, long[]... events) throws IOException {
    ByteArrayOutputStream packets = new ByteArrayOutputStream();
    int half = events.length / 2;
    packet(packets, 1, compressed(compression, buffer("IMUS", new long[0][])));
    packet(packets, 0, compressed(compression, buffer("EVTS", part(events, 0, half))));
    packet(packets, 0, compressed(compression, buffer("EVTS", part(events, half, events.length))));
    int headerLength = 52;
    int start = VERSION.length() + 4 + headerLength;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(VERSION.getBytes(StandardCharsets.US_ASCII));
    byte[] headerBytes = new byte[4 + headerLength];
    ByteBuffer header = little(headerBytes).putInt(headerLength);
    // The vtable at 8 of the buffer, the table at 20: compression, place of the table of packets.
    header.putInt(20).put("IOHE".getBytes(StandardCharsets.US_ASCII));
    header.putShort((short) 8).putShort((short) 20).putShort((short) 4).putShort((short) 8);
    header.putInt(0).putInt(12).putInt(compression);
    header.putLong(closed ? start + packets.size() : -1);
    out.write(headerBytes);
    packets.writeTo(out);
    if (closed) {
      out.write(compressed(compression, buffer("FTAB", new long[0][])));
    }
    return out.toByteArray();
  }

  private static long[][] part(long[][] events, int from, int to) {
    return java.util.Arrays.copyOfRange(events, from, to);
  }

  private static ByteBuffer little(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static void packet(OutputStream out, int stream, byte[] bytes) throws IOException {
    byte[] header = new byte[8];
    little(header).putInt(stream).putInt(bytes.length);
    out.write(header);
    out.write(bytes);
  }

  /** A flatbuffer with one vector of structures, after its length. */
  private static byte[] buffer(String kind, long[][] events) {
    int length = 28 + 16 * events.length;
    byte[] bytes = new byte[4 + length];
    ByteBuffer out = little(bytes).putInt(length);
    out.putInt(16).put(kind.getBytes(StandardCharsets.US_ASCII));
    out.putShort((short) 6).putShort((short) 8).putShort((short) 4).putShort((short) 0);
    out.putInt(8).putInt(4).putInt(events.length);
    for (long[] e : events) {
      out.putLong(e[3]).putShort((short) e[0]).putShort((short) e[1]).putInt((int) e[2]);
    }
    return bytes;
  }

  /** Frames as cameras' software writes them: each block may refer to the one before. */
  private static OutputStream lz4(OutputStream out) throws IOException {
    return new FramedLZ4CompressorOutputStream(
        out,
        new FramedLZ4CompressorOutputStream.Parameters(
            FramedLZ4CompressorOutputStream.BlockSize.K64,
            false,
            false,
            true,
            BlockLZ4CompressorOutputStream.createParameterBuilder()
                .tunedForSpeed()
                .withMaxNumberOfCandidates(1)
                .build()));
  }

  private static byte[] compressed(int compression, byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream to =
        switch (compression) {
          case LZ4 -> lz4(out);
          case ZSTD -> new ZstdOutputStream(out);
          default -> out;
        }) {
      to.write(bytes);
    }
    return out.toByteArray();
  }
}
