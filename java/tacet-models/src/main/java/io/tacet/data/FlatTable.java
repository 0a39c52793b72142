package io.tacet.data;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * A table of a flatbuffer. Reading what is not there gives the default; reading beyond the end
 * throws {@link IndexOutOfBoundsException}.
 */
final class FlatTable {
  private static final int IDENTIFIER = 4;

  private final ByteBuffer data;
  private final int at;
  private final int slots;
  private final int slotsEnd;

  private FlatTable(ByteBuffer data, int at) {
    this.data = data;
    this.at = at;
    slots = at - data.getInt(at);
    slotsEnd = slots + Short.toUnsignedInt(data.getShort(slots));
  }

  /** The outermost table of a buffer. */
  static FlatTable root(byte[] bytes, int from, int length) {
    ByteBuffer data = ByteBuffer.wrap(bytes, from, length).slice().order(ByteOrder.LITTLE_ENDIAN);
    return new FlatTable(data, data.getInt(0));
  }

  /** The four characters that say what a buffer holds. */
  static String identifier(byte[] bytes, int from, int length) {
    return length < 2 * IDENTIFIER
        ? ""
        : new String(bytes, from + IDENTIFIER, IDENTIFIER, StandardCharsets.US_ASCII);
  }

  /** Where a field is; 0 if it is not there. */
  private int field(int index) {
    int slot = slots + 2 * (index + 2);
    int offset = slot < slotsEnd ? Short.toUnsignedInt(data.getShort(slot)) : 0;
    return offset == 0 ? 0 : at + offset;
  }

  int integer(int index, int otherwise) {
    int field = field(index);
    return field == 0 ? otherwise : data.getInt(field);
  }

  long longInteger(int index, long otherwise) {
    int field = field(index);
    return field == 0 ? otherwise : data.getLong(field);
  }

  /** The structures of a vector, {@code each} bytes long, one after the other. */
  ByteBuffer structures(int index, int each) {
    int field = field(index);
    if (field == 0) {
      return ByteBuffer.allocate(0);
    }
    int vector = field + data.getInt(field);
    int count = data.getInt(vector);
    long length = (long) each * count;
    int from = vector + Integer.BYTES;
    if (length < 0 || length > data.limit() - from) {
      throw new IndexOutOfBoundsException(count + " structures of " + each + " bytes at " + from);
    }
    return data.slice(from, (int) length).order(ByteOrder.LITTLE_ENDIAN);
  }
}
