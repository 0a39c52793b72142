package io.tacet.checkpoint;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Reads the parts of a safetensors file. Nothing is allocated on the word of the file alone: every
 * size is first held against the file's length.
 */
final class SafetensorsReader implements Closeable {
  private static final int SHORTEST_HEADER = 2;

  private final Path file;
  private final FileChannel channel;
  private final long size;

  private SafetensorsReader(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.size = channel.size();
  }

  static SafetensorsReader open(Path file) throws IOException {
    return new SafetensorsReader(file, FileChannel.open(file, StandardOpenOption.READ));
  }

  /** The first bytes of the file, at most {@code count}. */
  byte[] beginning(int count) throws IOException {
    ByteBuffer start = ByteBuffer.allocate((int) Math.min(size, count));
    channel.position(0);
    readFully(start);
    return start.array();
  }

  /** Length and text of the header. */
  byte[] header() throws IOException {
    byte[] start = beginning(Format.LENGTH_BYTES + 1);
    if (start.length <= Format.LENGTH_BYTES || start[Format.LENGTH_BYTES] != '{') {
      throw new ModelFormatException(
          file,
          "not a safetensors file: expected 8 bytes of length and then {"
              + (start.length <= Format.LENGTH_BYTES ? ", found " + size + " bytes in all" : ""),
          "Give a safetensors or .tacet file.");
    }
    long length = ByteBuffer.wrap(start).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    if (length < SHORTEST_HEADER || length > Format.MAX_HEADER_BYTES) {
      throw new ModelFormatException(
          file, "the header is damaged: its length reads " + length, Format.COPY_AGAIN);
    }
    if (length > size - Format.LENGTH_BYTES) {
      throw new ModelFormatException(
          file,
          String.format(
              "the file is cut short in its header: expected %d bytes, found %d",
              length, size - Format.LENGTH_BYTES),
          Format.COPY_AGAIN);
    }
    return beginning(Format.LENGTH_BYTES + (int) length);
  }

  /**
   * The arrays that the header describes, in the order of their data.
   *
   * @param checks CRC-32C of arrays by name; those of others are not checked
   */
  Map<String, TypedArray> data(Header header, Map<String, String> checks) throws IOException {
    checkLength(header);
    ByteBuffer chunk = ByteBuffer.allocate(Format.CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    channel.position(header.bytes());
    Map<String, TypedArray> arrays = new LinkedHashMap<>();
    for (Header.Description description : header.descriptions()) {
      String name = description.name();
      arrays.put(name, array(description, chunk, checks.get(name)));
    }
    return arrays;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private void checkLength(Header header) throws ModelFormatException {
    long found = size - header.bytes();
    for (Header.Description description : header.descriptions()) {
      if (description.end() > found) {
        throw new ModelFormatException(
            file,
            String.format(
                "the file is cut short in \"%s\": expected %d bytes of data, found %d",
                description.name(), header.dataBytes(), found),
            Format.COPY_AGAIN);
      }
    }
    if (found != header.dataBytes()) {
      throw new ModelFormatException(
          file,
          String.format("expected %d bytes of data, found %d", header.dataBytes(), found),
          Format.COPY_AGAIN);
    }
  }

  private TypedArray array(Header.Description description, ByteBuffer chunk, String check)
      throws IOException {
    TypedArray array = description.allocate();
    EntryType type = array.type();
    int length = array.length();
    int perChunk = chunk.capacity() / type.bytes();
    CRC32C crc = new CRC32C();
    for (int from = 0; from < length; from += perChunk) {
      int count = Math.min(perChunk, length - from);
      chunk.clear().limit(count * type.bytes());
      readFully(chunk);
      crc.update(chunk.rewind());
      chunk.rewind();
      type.get(array.array(), from, count, chunk);
    }
    if (check != null && !Format.hex(crc).equals(check)) {
      throw new ModelFormatException(
          file,
          "\"" + description.name() + "\" is damaged: its check does not match",
          Format.COPY_AGAIN);
    }
    return array;
  }

  private void readFully(ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new ModelFormatException(
            file, "the file became shorter while it was read", "Try again.");
      }
    }
  }
}
