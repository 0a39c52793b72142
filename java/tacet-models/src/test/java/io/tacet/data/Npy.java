package io.tacet.data;

import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** NumPy array files of versions 1 and 2, C order, little-endian float64 or int64 values. */
final class Npy {
  private static final Pattern HEADER =
      Pattern.compile("'descr': '(<[fi]8)', 'fortran_order': False, 'shape': \\(([^)]*)\\)");

  private Npy() {}

  static double[] doubles(Path file) throws IOException {
    ByteBuffer data = data(file, "<f8");
    double[] values = new double[data.remaining() / 8];
    data.asDoubleBuffer().get(values);
    return values;
  }

  static long[] longs(Path file) throws IOException {
    ByteBuffer data = data(file, "<i8");
    long[] values = new long[data.remaining() / 8];
    data.asLongBuffer().get(values);
    return values;
  }

  private static ByteBuffer data(Path file, String type) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    int version = bytes.get(6);
    int start = version == 1 ? 10 : 12;
    int length = version == 1 ? bytes.getShort(8) & 0xffff : bytes.getInt(8);
    String header = new String(bytes.array(), start, length, StandardCharsets.ISO_8859_1);
    Matcher matcher = HEADER.matcher(header);
    if (!matcher.find() || !matcher.group(1).equals(type)) {
      throw new FileFormatException(file, "expected " + type + ", found " + header, "");
    }
    return bytes.position(start + length).slice().order(ByteOrder.LITTLE_ENDIAN);
  }
}
