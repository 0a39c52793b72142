package io.tacet.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Polarity events of an event camera from a {@code .bs2} file, the format of N-MNIST (Orchard et
 * al. 2015) and of the SLAYER repository: events of five bytes and nothing else. These are x, y,
 * then from the highest bit of the third one bit of polarity and 23 bits of time in microseconds. A
 * file has no labels.
 */
public final class Bs2 {
  private static final int EVENT_BYTES = 5;

  private Bs2() {}

  /**
   * Reads a file.
   *
   * @param side pixels per side of the camera, at most 256
   * @throws DataFormatException if it is empty, ends within an event, or has one outside the
   *     camera; names the offset
   * @throws IOException if it cannot be read
   */
  public static void read(Path file, int side, EventSink sink) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int whole = bytes.length / EVENT_BYTES * EVENT_BYTES;
    if (whole != bytes.length || whole == 0) {
      throw DataFormatException.cutShort(
          file, "an event of " + EVENT_BYTES, bytes.length - whole, whole);
    }
    for (int at = 0; at < whole; at += EVENT_BYTES) {
      int x = bytes[at] & 0xff;
      int y = bytes[at + 1] & 0xff;
      if (x >= side || y >= side) {
        throw new DataFormatException(
            file,
            String.format(
                "expected x and y below %d, found %d and %d at offset %d", side, x, y, at),
            "Check that it is a recording of a camera with " + side + " x " + side + " pixels.");
      }
      int third = bytes[at + 2] & 0xff;
      int micros = (third & 0x7f) << 16 | (bytes[at + 3] & 0xff) << 8 | (bytes[at + 4] & 0xff);
      sink.event(micros, x, y, third >> 7 != 0);
    }
  }
}
