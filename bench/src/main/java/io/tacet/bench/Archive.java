package io.tacet.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/**
 * Packs a folder into a .tar.gz (ustar), for hosts without tar, gzip and Python, from which the GPU
 * suite has to return its results too.
 */
final class Archive {
  private static final int BLOCK = 512;
  private static final int LONGEST_NAME = 100;

  /** Offsets and lengths of the fields of a ustar header. */
  private static final int MODE = 100;

  private static final int SIZE = 124;
  private static final int TIME = 136;
  private static final int CHECKSUM = 148;
  private static final int TYPE = 156;
  private static final int MAGIC = 257;

  private Archive() {}

  /** Arguments: the folder, and the file to write, which is replaced. */
  public static void main(String[] args) throws IOException {
    if (args.length != 2) {
      throw new IllegalArgumentException(
          "expected FOLDER ARCHIVE, got " + args.length + " arguments.");
    }
    pack(Path.of(args[0]), Path.of(args[1]));
  }

  /** Every file of the folder, under the folder's own name. */
  static void pack(Path folder, Path archive) throws IOException {
    Path parent = folder.toAbsolutePath().normalize().getParent();
    List<Path> files;
    try (Stream<Path> all = Files.walk(folder.toAbsolutePath().normalize())) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(archive))) {
      for (Path file : files) {
        byte[] content = Files.readAllBytes(file);
        String name = parent.relativize(file).toString();
        out.write(header(name, content.length, Files.getLastModifiedTime(file).toMillis() / 1000));
        out.write(content);
        out.write(new byte[(BLOCK - content.length % BLOCK) % BLOCK]);
      }
      out.write(new byte[2 * BLOCK]);
    }
  }

  private static byte[] header(String name, long size, long seconds) throws IOException {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > LONGEST_NAME) {
      throw new IOException(
          name + ": expected a path of at most " + LONGEST_NAME + " bytes, got " + bytes.length);
    }
    ByteBuffer header = ByteBuffer.allocate(BLOCK);
    header.put(0, bytes);
    header.put(MODE, octal(0644, 8));
    // Owner and group 0.
    header.put(MODE + 8, octal(0, 8)).put(MODE + 16, octal(0, 8));
    header.put(SIZE, octal(size, 12)).put(TIME, octal(seconds, 12));
    header.put(TYPE, (byte) '0');
    header.put(MAGIC, "ustar\00000".getBytes(StandardCharsets.US_ASCII));
    // The sum is taken with blanks in its own place.
    header.put(CHECKSUM, "        ".getBytes(StandardCharsets.US_ASCII));
    int sum = 0;
    for (byte each : header.array()) {
      sum += each & 0xff;
    }
    header.put(CHECKSUM, octal(sum, 7));
    return header.array();
  }

  /** Digits that fill a field except for its terminating 0. */
  private static byte[] octal(long value, int width) {
    String digits = Long.toOctalString(value);
    String padded = "0".repeat(width - 1 - digits.length()) + digits + "\0";
    return padded.getBytes(StandardCharsets.US_ASCII);
  }
}
