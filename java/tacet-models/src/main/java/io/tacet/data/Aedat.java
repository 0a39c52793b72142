package io.tacet.data;

import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Recordings of event cameras in AEDAT, of whichever version the file says it is. */
public final class Aedat {
  /** Bytes that tell the versions apart. */
  private static final int BEGINNING = Aedat4.VERSION.length();

  private Aedat() {}

  /**
   * Reads the polarity events of a file in AEDAT 3.1 or 4.0.
   *
   * @throws FileFormatException if it is neither, or damaged; names the offset
   * @throws IOException if it cannot be read
   */
  public static void read(Path file, EventSink sink) throws IOException {
    String beginning;
    try (InputStream in = Files.newInputStream(file)) {
      beginning = new String(in.readNBytes(BEGINNING), StandardCharsets.US_ASCII);
    }
    if (beginning.startsWith(Aedat3.VERSION)) {
      Aedat3.read(file, sink);
    } else if (beginning.equals(Aedat4.VERSION)) {
      Aedat4.read(file, sink);
    } else {
      throw notAedat(file, Aedat3.VERSION + " or " + Aedat4.VERSION.strip(), "3.1 or 4.0");
    }
  }

  static FileFormatException notAedat(Path file, String beginning, String version) {
    return new FileFormatException(
        file,
        "expected a file that begins with " + beginning + ", found another beginning at offset 0",
        "Give a recording in AEDAT " + version + ".");
  }
}
