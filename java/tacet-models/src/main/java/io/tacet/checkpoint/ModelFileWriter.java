package io.tacet.checkpoint;

import io.tacet.files.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/** Writes the format that the package description gives. Two passes over the data: check, write. */
final class ModelFileWriter {
  private ModelFileWriter() {}

  static void write(Map<String, String> metadata, Map<String, Entry> entries, OutputStream out)
      throws IOException {
    List<Map.Entry<String, Entry>> ordered = new ArrayList<>(entries.entrySet());
    ordered.sort(Comparator.comparingInt(e -> -e.getValue().type().bytes()));
    byte[] chunk = new byte[Format.CHUNK_BYTES];
    out.write(header(metadata, ordered, chunk));
    for (Map.Entry<String, Entry> entry : ordered) {
      encode(entry.getValue(), chunk, out::write);
    }
  }

  private static byte[] header(
      Map<String, String> metadata, List<Map.Entry<String, Entry>> ordered, byte[] chunk)
      throws IOException {
    Map<String, String> allMetadata = new LinkedHashMap<>();
    allMetadata.put(Format.HEADER_CRC, "0".repeat(Format.CRC_DIGITS));
    allMetadata.put(Format.FORMAT, Integer.toString(Format.VERSION));
    Map<String, Object> header = new LinkedHashMap<>();
    header.put(Format.METADATA, allMetadata);
    long offset = 0;
    for (Map.Entry<String, Entry> named : ordered) {
      Entry entry = named.getValue();
      CRC32C crc = new CRC32C();
      encode(entry, chunk, crc::update);
      allMetadata.put(Format.ENTRY_CRC + named.getKey(), Format.hex(crc));
      Map<String, Object> description = new LinkedHashMap<>();
      description.put("dtype", entry.type().code());
      description.put("shape", entry.shape());
      description.put("data_offsets", List.of(offset, offset + entry.byteLength()));
      header.put(named.getKey(), description);
      offset += entry.byteLength();
    }
    allMetadata.putAll(metadata);
    return seal(Json.line(header));
  }

  /** Length, header padded to a multiple of 8, and the check of both in its place. */
  private static byte[] seal(String json) throws IOException {
    byte[] text = json.getBytes(StandardCharsets.UTF_8);
    int length = Math.addExact(text.length, -text.length & 7);
    if (length > Format.MAX_HEADER_BYTES) {
      throw new IOException(
          String.format(
              "names and metadata take %d bytes and the format allows %d; store less metadata",
              length, Format.MAX_HEADER_BYTES));
    }
    ByteBuffer bytes =
        ByteBuffer.allocate(Format.LENGTH_BYTES + length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).put(text);
    while (bytes.hasRemaining()) {
      bytes.put((byte) ' ');
    }
    byte[] digits = Format.headerCrc(bytes.array()).getBytes(StandardCharsets.US_ASCII);
    bytes.position(Format.LENGTH_BYTES + Format.MAGIC.length()).put(digits);
    return bytes.array();
  }

  private static void encode(Entry entry, byte[] chunk, Sink sink) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
    int perChunk = chunk.length / entry.type().bytes();
    int length = entry.length();
    for (int from = 0; from < length; from += perChunk) {
      int count = Math.min(perChunk, length - from);
      entry.type().put(entry.array(), from, count, buffer);
      sink.accept(chunk, 0, count * entry.type().bytes());
    }
  }

  /** Takes encoded bytes. */
  @FunctionalInterface
  private interface Sink {
    void accept(byte[] bytes, int from, int count) throws IOException;
  }
}
