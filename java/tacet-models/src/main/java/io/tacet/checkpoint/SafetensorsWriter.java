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

/**
 * Writes the format that the package description gives, for other programs, or with the checks of
 * our own files, which takes two passes over the data: check, write.
 */
final class SafetensorsWriter {
  private final List<Map.Entry<String, TypedArray>> ordered;
  private final byte[] chunk = new byte[Format.CHUNK_BYTES];

  private SafetensorsWriter(Map<String, TypedArray> arrays) {
    ordered = new ArrayList<>(arrays.entrySet());
    ordered.sort(Comparator.comparingInt(e -> -e.getValue().type().bytes()));
  }

  /** Writes a plain safetensors file. */
  static void write(Map<String, String> metadata, Map<String, TypedArray> arrays, OutputStream out)
      throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter(arrays);
    out.write(writer.header(metadata));
    writer.writeData(out);
  }

  /** Writes a {@code .tacet} file. */
  static void writeChecked(
      Map<String, String> metadata, Map<String, TypedArray> arrays, OutputStream out)
      throws IOException {
    SafetensorsWriter writer = new SafetensorsWriter(arrays);
    Map<String, String> all = new LinkedHashMap<>();
    all.put(Format.HEADER_CRC, "0".repeat(Format.CRC_DIGITS));
    all.put(Format.FORMAT, Integer.toString(Format.VERSION));
    for (Map.Entry<String, TypedArray> named : writer.ordered) {
      CRC32C crc = new CRC32C();
      writer.encode(named.getValue(), crc::update);
      all.put(Format.ENTRY_CRC + named.getKey(), Format.hex(crc));
    }
    all.putAll(metadata);
    byte[] header = writer.header(all);
    byte[] digits = Format.headerCrc(header).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, header, Format.LENGTH_BYTES + Format.MAGIC.length(), digits.length);
    out.write(header);
    writer.writeData(out);
  }

  /** Length and header padded to a multiple of 8. */
  private byte[] header(Map<String, String> metadata) throws IOException {
    Map<String, Object> header = new LinkedHashMap<>();
    if (!metadata.isEmpty()) {
      header.put(Format.METADATA, metadata);
    }
    long offset = 0;
    for (Map.Entry<String, TypedArray> named : ordered) {
      TypedArray array = named.getValue();
      Map<String, Object> description = new LinkedHashMap<>();
      description.put("dtype", array.type().code());
      description.put("shape", array.shape());
      description.put("data_offsets", List.of(offset, offset + array.byteLength()));
      header.put(named.getKey(), description);
      offset += array.byteLength();
    }
    byte[] text = Json.line(header).getBytes(StandardCharsets.UTF_8);
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
    return bytes.array();
  }

  private void writeData(OutputStream out) throws IOException {
    for (Map.Entry<String, TypedArray> named : ordered) {
      encode(named.getValue(), out::write);
    }
  }

  private void encode(TypedArray array, Sink sink) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(chunk).order(ByteOrder.LITTLE_ENDIAN);
    int perChunk = chunk.length / array.type().bytes();
    int length = array.length();
    for (int from = 0; from < length; from += perChunk) {
      int count = Math.min(perChunk, length - from);
      array.type().put(array.array(), from, count, buffer);
      sink.accept(chunk, 0, count * array.type().bytes());
    }
  }

  /** Takes encoded bytes. */
  @FunctionalInterface
  private interface Sink {
    void accept(byte[] bytes, int from, int count) throws IOException;
  }
}
