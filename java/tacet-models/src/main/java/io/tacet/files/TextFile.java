package io.tacet.files;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text files in UTF-8. */
public final class TextFile {
  private static final char BYTE_ORDER_MARK = '\ufeff';
  private static final int CHUNK_BYTES = 1 << 13;

  private TextFile() {}

  /**
   * The text of a file, without a byte order mark.
   *
   * @throws FileFormatException if it is not UTF-8; names the line and the byte
   * @throws IOException if it cannot be read
   */
  public static String read(Path file) throws IOException {
    try {
      String text = Files.readString(file);
      return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw notUtf8(file);
    }
  }

  /** What to throw for a file in which a decoder met bytes that are not UTF-8: finds the first. */
  static FileFormatException notUtf8(Path file) throws IOException {
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer bytes = ByteBuffer.allocate(CHUNK_BYTES);
    CharBuffer text = CharBuffer.allocate(CHUNK_BYTES);
    long line = 1;
    long offset = 0;
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      boolean ended = false;
      while (!ended) {
        int count = in.read(bytes.array(), bytes.position(), bytes.remaining());
        ended = count < 0;
        bytes.position(bytes.position() + Math.max(count, 0)).flip();
        CoderResult result = decoder.decode(bytes, text.clear(), ended);
        line += text.flip().chars().filter(c -> c == '\n').count();
        offset += bytes.position();
        if (result.isError()) {
          return bad(file, bytes.get(bytes.position()), line, offset);
        }
        bytes.compact();
      }
    }
    return new FileFormatException(file, "the file changed while it was read", "Try again.");
  }

  private static FileFormatException bad(Path file, byte found, long line, long offset) {
    return new FileFormatException(
        file,
        String.format(
            "expected text in UTF-8, found the byte 0x%02x in line %d, at offset %d",
            found & 0xff, line, offset),
        "Save the file as UTF-8.");
  }
}
