import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The sections of a 64-bit little-endian ELF image: a shared library or a cubin. */
record Elf(List<Section> sections) {
  /** A name, where it lies, and its bytes; none for a section that takes no room in the image. */
  record Section(String name, long size, ByteBuffer bytes) {}

  private static final int MAGIC = 0x464c457f;
  private static final int HEADERS = 0x28;
  private static final int HEADER_BYTES = 0x3a;
  private static final int HEADER_COUNT = 0x3c;
  private static final int NAMES = 0x3e;
  private static final int NO_BITS = 8;

  static boolean is(ByteBuffer image) {
    return image.remaining() >= 64 && little(image).getInt(0) == MAGIC;
  }

  static Elf of(ByteBuffer image) {
    ByteBuffer b = little(image);
    int headers = (int) b.getLong(HEADERS);
    int bytes = b.getShort(HEADER_BYTES);
    int count = b.getShort(HEADER_COUNT) & 0xffff;
    int names = (int) b.getLong(headers + b.getShort(NAMES) * bytes + 24);
    List<Section> sections = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int at = headers + i * bytes;
      int offset = (int) b.getLong(at + 24);
      long size = b.getLong(at + 32);
      boolean empty = b.getInt(at + 4) == NO_BITS;
      sections.add(
          new Section(
              string(b, names + b.getInt(at)),
              size,
              little(b.slice(empty ? 0 : offset, empty ? 0 : (int) size))));
    }
    return new Elf(sections);
  }

  /** The section of this name, or null. */
  Section section(String name) {
    return sections.stream().filter(s -> s.name().equals(name)).findFirst().orElse(null);
  }

  static ByteBuffer little(ByteBuffer bytes) {
    return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
  }

  static String string(ByteBuffer b, int start) {
    int end = start;
    while (b.get(end) != 0) {
      end++;
    }
    byte[] text = new byte[end - start];
    b.get(start, text);
    return new String(text, StandardCharsets.US_ASCII);
  }
}
