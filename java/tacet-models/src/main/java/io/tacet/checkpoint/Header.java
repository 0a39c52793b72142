package io.tacet.checkpoint;

import io.tacet.files.Json;
import io.tacet.files.JsonException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a file, checked in itself: types, shapes and offsets agree and leave no gap.
 *
 * @param metadata the writer's own metadata
 * @param descriptions the arrays in the order of their data
 * @param dataBytes bytes of data that follow the header
 */
record Header(Map<String, String> metadata, List<Description> descriptions, long dataBytes) {
  /** One array: bytes {@code begin} to {@code end} of the data. */
  record Description(
      String name, EntryType type, List<Integer> shape, long begin, long end, String crc) {
    Entry allocate() {
      return new Entry(type, shape, type.allocate((int) ((end - begin) / type.bytes())));
    }
  }

  static Header parse(Path file, byte[] lengthAndHeader) throws ModelFormatException {
    Map<String, Object> json = json(file, lengthAndHeader);
    Map<String, String> metadata = metadata(file, json.get(Format.METADATA));
    checkVersion(file, metadata.get(Format.FORMAT));
    List<Description> descriptions = new ArrayList<>();
    for (Map.Entry<String, Object> member : json.entrySet()) {
      String name = member.getKey();
      if (!name.equals(Format.METADATA)) {
        descriptions.add(
            description(file, name, member.getValue(), metadata.get(Format.ENTRY_CRC + name)));
      }
    }
    descriptions.sort(
        Comparator.comparingLong(Description::begin).thenComparingLong(Description::end));
    long dataBytes = 0;
    for (Description description : descriptions) {
      if (description.begin() != dataBytes) {
        throw bad(file, "the data of \"" + description.name() + "\" begins in the wrong place");
      }
      dataBytes = description.end();
    }
    metadata.keySet().removeIf(key -> key.startsWith(Format.RESERVED));
    return new Header(metadata, descriptions, dataBytes);
  }

  private static Map<String, Object> json(Path file, byte[] lengthAndHeader)
      throws ModelFormatException {
    ByteBuffer text =
        ByteBuffer.wrap(
            lengthAndHeader, Format.LENGTH_BYTES, lengthAndHeader.length - Format.LENGTH_BYTES);
    try {
      return Json.parseObject(StandardCharsets.UTF_8.newDecoder().decode(text).toString());
    } catch (CharacterCodingException e) {
      throw bad(file, "it is not UTF-8 text");
    } catch (JsonException e) {
      throw bad(file, e.getMessage());
    }
  }

  private static Map<String, String> metadata(Path file, Object value) throws ModelFormatException {
    Map<String, String> metadata = new LinkedHashMap<>();
    if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        if (!(entry.getValue() instanceof String text)) {
          throw bad(file, "the metadata \"" + entry.getKey() + "\" is not text");
        }
        metadata.put((String) entry.getKey(), text);
      }
    }
    return metadata;
  }

  private static void checkVersion(Path file, String version) throws ModelFormatException {
    if (version == null || !version.matches("[1-9][0-9]{0,8}")) {
      throw bad(file, "expected a version number, found " + version);
    }
    if (Integer.parseInt(version) > Format.VERSION) {
      throw new ModelFormatException(
          file,
          String.format(
              "written by a newer Tacet: format %s, and this one reads up to %d",
              version, Format.VERSION),
          "Update Tacet.");
    }
  }

  private static Description description(Path file, String name, Object value, String crc)
      throws ModelFormatException {
    if (!(value instanceof Map<?, ?> map)) {
      throw bad(file, "\"" + name + "\" is not described by an object");
    }
    EntryType type = EntryType.ofCode(map.get("dtype"));
    if (type == null) {
      throw bad(file, "\"" + name + "\" has the unknown type " + map.get("dtype"));
    }
    long[] offsets = longs(file, name, map.get("data_offsets"));
    long[] shape = longs(file, name, map.get("shape"));
    List<Integer> sizes = new ArrayList<>(shape.length);
    int[] ints = new int[shape.length];
    for (int i = 0; i < shape.length; i++) {
      ints[i] = (int) Math.min(shape[i], Integer.MAX_VALUE);
      sizes.add(ints[i]);
    }
    int length = Format.product(ints);
    if (length < 0
        || offsets.length != 2
        || offsets[1] < offsets[0]
        || offsets[1] - offsets[0] != (long) length * type.bytes()) {
      throw bad(
          file,
          String.format(
              "\"%s\" of type %s and shape %s cannot have the offsets %s",
              name, type, map.get("shape"), map.get("data_offsets")));
    }
    if (crc == null) {
      throw bad(file, "there is no check for \"" + name + "\"");
    }
    return new Description(
        name, type, Collections.unmodifiableList(sizes), offsets[0], offsets[1], crc);
  }

  /** A list of integers that are not negative. */
  private static long[] longs(Path file, String name, Object value) throws ModelFormatException {
    if (value instanceof List<?> list
        && list.stream().allMatch(item -> item instanceof Long number && number >= 0)) {
      return list.stream().mapToLong(item -> (Long) item).toArray();
    }
    throw bad(
        file, "\"" + name + "\" has " + value + " where a list of sizes or offsets should be");
  }

  private static ModelFormatException bad(Path file, String problem) {
    return new ModelFormatException(
        file, "the header is damaged: " + problem, ModelFileReader.FETCH_AGAIN);
  }
}
