package io.tacet.checkpoint;

import java.util.HexFormat;
import java.util.zip.CRC32C;

/** Constants and rules of the file format that its writer and its reader share. */
final class Format {
  /** Version that is written, and the newest that is read. */
  static final int VERSION = 1;

  /** Bytes of the header's length. */
  static final int LENGTH_BYTES = 8;

  /** Longest header, as safetensors limits it. */
  static final int MAX_HEADER_BYTES = 100_000_000;

  static final String METADATA = "__metadata__";
  static final String RESERVED = "tacet.";
  static final String HEADER_CRC = "tacet.crc32c";
  static final String FORMAT = "tacet.format";
  static final String ENTRY_CRC = "tacet.crc32c/";

  /** How the header begins, up to the digits of its check: the magic number. */
  static final String MAGIC = "{\"" + METADATA + "\":{\"" + HEADER_CRC + "\":\"";

  /** Hexadecimal digits of a check. */
  static final int CRC_DIGITS = 8;

  /** Data is written and read in pieces of this many bytes. */
  static final int CHUNK_BYTES = 1 << 20;

  /** Longest array there can be in Java. */
  static final int MAX_LENGTH = Integer.MAX_VALUE - 8;

  static final String COPY_AGAIN = "Copy it again or go back to an older one.";

  private Format() {}

  /** A check as text. */
  static String hex(CRC32C crc) {
    return HexFormat.of().toHexDigits((int) crc.getValue());
  }

  /**
   * Check of the first bytes of a file, the length and the header, in which the digits of the check
   * itself count as zeros.
   */
  static String headerCrc(byte[] lengthAndHeader) {
    int digits = LENGTH_BYTES + MAGIC.length();
    CRC32C crc = new CRC32C();
    crc.update(lengthAndHeader, 0, digits);
    for (int i = 0; i < CRC_DIGITS; i++) {
      crc.update('0');
    }
    int rest = digits + CRC_DIGITS;
    crc.update(lengthAndHeader, rest, lengthAndHeader.length - rest);
    return hex(crc);
  }

  /** Product of sizes, or -1 if one is negative or the product is longer than an array can be. */
  static int product(int... sizes) {
    long product = 1;
    boolean empty = false;
    for (int size : sizes) {
      if (size < 0) {
        return -1;
      }
      empty |= size == 0;
      product = Math.min(product * Math.max(size, 1), (long) Integer.MAX_VALUE);
    }
    if (empty) {
      return 0;
    }
    return product > MAX_LENGTH ? -1 : (int) product;
  }
}
