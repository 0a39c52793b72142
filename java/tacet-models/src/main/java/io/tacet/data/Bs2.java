package io.tacet.data;

import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Polarity events of an event camera from a {@code .bs2} file, the format of N-MNIST (Orchard et
 * al. 2015) and of the SLAYER repository: events of five bytes and nothing else. These are x, y,
 * then from the highest bit of the third one bit of polarity and 23 bits of time in microseconds. A
 * file has no labels.
 *
 * <p>The clock of the camera overflows after 2^13 us: it then writes an event with y = 240, which
 * is none of a pixel, and begins at 0 again, so that every such event adds 2^13 us to the times
 * after it (as the readers of the data set's authors do). Recordings without such events, which
 * count through all of the 23 bits, begin at 0 again after 8.4 s: a time that is more than half of
 * that before the last one adds 2^23 us to itself and the times after it.
 */
public final class Bs2 {
  /** Most pixels per side that a file can address beside the overflows. */
  public static final int MAX_SIDE = 240;

  private static final int EVENT_BYTES = 5;
  private static final int OVERFLOW_Y = 240;
  private static final int OVERFLOW_MICROS = 1 << 13;
  private static final int WRAP_MICROS = 1 << 23;

  private Bs2() {}

  /**
   * Reads a file.
   *
   * @param side pixels per side of the camera, at most {@value #MAX_SIDE}
   * @throws FileFormatException if it is empty, ends within an event, or has one outside the
   *     camera; names the offset
   * @throws IOException if it cannot be read
   */
  public static void read(Path file, int side, EventSink sink) throws IOException {
    if (side < 1 || side > MAX_SIDE) {
      throw new IllegalArgumentException(
          "side: expected 1 to " + MAX_SIDE + " pixels, got " + side + ".");
    }
    byte[] bytes = Files.readAllBytes(file);
    int whole = bytes.length / EVENT_BYTES * EVENT_BYTES;
    if (whole != bytes.length || whole == 0) {
      throw FileFormatException.cutShort(
          file, "an event of " + EVENT_BYTES, bytes.length - whole, whole);
    }
    long base = 0;
    int last = 0;
    for (int at = 0; at < whole; at += EVENT_BYTES) {
      int x = bytes[at] & 0xff;
      int y = bytes[at + 1] & 0xff;
      if (y == OVERFLOW_Y) {
        base += OVERFLOW_MICROS;
        last = 0;
        continue;
      }
      if (x >= side || y >= side) {
        throw outside(file, side, x, y, at);
      }
      int third = bytes[at + 2] & 0xff;
      int micros = (third & 0x7f) << 16 | (bytes[at + 3] & 0xff) << 8 | (bytes[at + 4] & 0xff);
      if (last - micros > WRAP_MICROS / 2) {
        base += WRAP_MICROS;
      }
      last = micros;
      sink.event(base + micros, x, y, third >> 7 != 0);
    }
  }

  private static FileFormatException outside(Path file, int side, int x, int y, int at) {
    return new FileFormatException(
        file,
        String.format("expected x and y below %d, found %d and %d at offset %d", side, x, y, at),
        "Check that it is a recording of a camera with " + side + " x " + side + " pixels.");
  }
}
