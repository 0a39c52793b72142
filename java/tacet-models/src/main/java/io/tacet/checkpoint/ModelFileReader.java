package io.tacet.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * Reads and checks the format that the package description gives. Nothing is allocated on the word
 * of the file alone: every size is first held against the file's length.
 */
final class ModelFileReader {
  static final String FETCH_AGAIN = "Copy it again or go back to an older checkpoint.";

  private static final byte[] MAGIC = Format.MAGIC.getBytes(StandardCharsets.US_ASCII);

  private final Path file;
  private final FileChannel channel;
  private final long size;

  private ModelFileReader(Path file, FileChannel channel) throws IOException {
    this.file = file;
    this.channel = channel;
    this.size = channel.size();
  }

  static ModelFile read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new ModelFileReader(file, channel).read();
    }
  }

  private ModelFile read() throws IOException {
    checkMagic();
    byte[] lengthAndHeader = readHeader();
    Header header = Header.parse(file, lengthAndHeader);
    long dataStart = lengthAndHeader.length;
    checkLength(header, dataStart);
    ByteBuffer chunk = ByteBuffer.allocate(Format.CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    channel.position(dataStart);
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (Header.Description description : header.descriptions()) {
      entries.put(description.name(), readEntry(description, chunk));
    }
    return new ModelFile(file, header.metadata(), entries);
  }

  private void checkMagic() throws IOException {
    ByteBuffer start =
        ByteBuffer.allocate((int) Math.min(size, Format.LENGTH_BYTES + (long) MAGIC.length));
    readFully(start);
    int found = Math.max(0, start.limit() - Format.LENGTH_BYTES);
    if (found == 0) {
      throw new ModelFormatException(
          file, "expected a .tacet model, found a file of " + size + " bytes", FETCH_AGAIN);
    }
    int first = Format.LENGTH_BYTES;
    if (Arrays.equals(start.array(), first, first + found, MAGIC, 0, found)) {
      return;
    }
    boolean safetensors = start.get(Format.LENGTH_BYTES) == '{';
    throw new ModelFormatException(
        file,
        "not a .tacet model"
            + (safetensors ? ", though it may be a safetensors file of another program" : ""),
        "Give a file that Tacet wrote.");
  }

  private byte[] readHeader() throws IOException {
    channel.position(0);
    ByteBuffer lengthBytes =
        ByteBuffer.allocate(Format.LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    readFully(lengthBytes);
    long length = lengthBytes.getLong(0);
    if (length < MAGIC.length + (long) Format.CRC_DIGITS || length > Format.MAX_HEADER_BYTES) {
      throw new ModelFormatException(
          file, "the header is damaged: its length reads " + length, FETCH_AGAIN);
    }
    if (length > size - Format.LENGTH_BYTES) {
      throw new ModelFormatException(
          file,
          String.format(
              "the file is cut short in its header: expected %d bytes, found %d",
              length, size - Format.LENGTH_BYTES),
          FETCH_AGAIN);
    }
    ByteBuffer all = ByteBuffer.allocate(Format.LENGTH_BYTES + (int) length);
    channel.position(0);
    readFully(all);
    int digits = Format.LENGTH_BYTES + MAGIC.length;
    String stored = new String(all.array(), digits, Format.CRC_DIGITS, StandardCharsets.ISO_8859_1);
    if (!stored.equals(Format.headerCrc(all.array()))) {
      throw new ModelFormatException(
          file, "the header is damaged: its check does not match", FETCH_AGAIN);
    }
    return all.array();
  }

  private void checkLength(Header header, long dataStart) throws ModelFormatException {
    long found = size - dataStart;
    for (Header.Description description : header.descriptions()) {
      if (description.end() > found) {
        throw new ModelFormatException(
            file,
            String.format(
                "the file is cut short in \"%s\": expected %d bytes of data, found %d",
                description.name(), header.dataBytes(), found),
            FETCH_AGAIN);
      }
    }
    if (found != header.dataBytes()) {
      throw new ModelFormatException(
          file,
          String.format("expected %d bytes of data, found %d", header.dataBytes(), found),
          FETCH_AGAIN);
    }
  }

  private Entry readEntry(Header.Description description, ByteBuffer chunk) throws IOException {
    Entry entry = description.allocate();
    EntryType type = entry.type();
    int length = entry.length();
    int perChunk = chunk.capacity() / type.bytes();
    CRC32C crc = new CRC32C();
    for (int from = 0; from < length; from += perChunk) {
      int count = Math.min(perChunk, length - from);
      chunk.clear().limit(count * type.bytes());
      readFully(chunk);
      crc.update(chunk.rewind());
      chunk.rewind();
      type.get(entry.array(), from, count, chunk);
    }
    if (!Format.hex(crc).equals(description.crc())) {
      throw new ModelFormatException(
          file, "\"" + description.name() + "\" is damaged: its check does not match", FETCH_AGAIN);
    }
    return entry;
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
