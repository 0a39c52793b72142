package io.tacet.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** Writes arrays in version 1 of the {@code .npy} format: little-endian, C order. */
final class NpyWriter {
  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  private static final int ALIGNMENT = 64;
  private static final int MOST_DIMENSIONS = 64;

  private NpyWriter() {}

  static void write(TypedArray array, OutputStream out) throws IOException {
    if (array.type() == EntryType.BFLOAT16) {
      write(new TypedArray(EntryType.FLOAT32, array.shape(), array.floats()), out);
      return;
    }
    if (array.shape().size() > MOST_DIMENSIONS) {
      throw new IOException(
          String.format(
              "NumPy has arrays of at most %d dimensions, not %d",
              MOST_DIMENSIONS, array.shape().size()));
    }
    out.write(header(array));
    EntryType type = array.type();
    byte[] chunk = new byte[Format.CHUNK_BYTES];
    ByteBuffer buffer = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
    int perChunk = chunk.length / type.bytes();
    int length = array.length();
    for (int from = 0; from < length; from += perChunk) {
      int count = Math.min(perChunk, length - from);
      type.put(array.array(), from, count, buffer);
      out.write(chunk, 0, count * type.bytes());
    }
  }

  private static byte[] header(TypedArray array) {
    String sizes = array.shape().stream().map(String::valueOf).collect(Collectors.joining(", "));
    String text =
        String.format(
            "{'descr': '%s%s', 'fortran_order': False, 'shape': (%s%s), }",
            array.type().bytes() == 1 ? "|" : "<",
            array.type().numpyCode(),
            sizes,
            array.shape().size() == 1 ? "," : "");
    int before = MAGIC.length + 2 + Short.BYTES;
    int total = (before + text.length() + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    ByteBuffer bytes = ByteBuffer.allocate(total).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (total - before));
    bytes.put(text.getBytes(StandardCharsets.US_ASCII));
    while (bytes.remaining() > 1) {
      bytes.put((byte) ' ');
    }
    return bytes.put((byte) '\n').array();
  }
}
