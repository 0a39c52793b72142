package io.tacet.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whole text files in UTF-8. */
public final class TextFile {
  private static final char BYTE_ORDER_MARK = '\ufeff';

  private TextFile() {}

  /**
   * The text of a file, without a byte order mark.
   *
   * @throws FileFormatException if it is not UTF-8; names the line and the byte
   * @throws IOException if it cannot be read
   */
  public static String read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    CharBuffer text = CharBuffer.allocate(bytes.limit());
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    CoderResult result = decoder.decode(bytes, text, true);
    if (result.isError()) {
      throw notUtf8(file, bytes.array(), bytes.position());
    }
    text.flip();
    return !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK
        ? text.subSequence(1, text.length()).toString()
        : text.toString();
  }

  private static FileFormatException notUtf8(Path file, byte[] bytes, int at) {
    int line = 1;
    for (int i = 0; i < at; i++) {
      line += bytes[i] == '\n' ? 1 : 0;
    }
    return new FileFormatException(
        file,
        String.format(
            "expected text in UTF-8, found the byte 0x%02x in line %d, at offset %d",
            bytes[at] & 0xff, line, at),
        "Save the file as UTF-8.");
  }
}
