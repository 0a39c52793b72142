package io.tacet.checkpoint;

import io.tacet.files.Json;
import io.tacet.files.JsonException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header of a file, checked in itself: types, shapes and offsets agree and leave no gap.
 *
 * @param metadata text by key
 * @param descriptions the arrays in the order of their data
 * @param bytes length of the header with the bytes that give it: where the data begins
 * @param dataBytes bytes of data that follow the header
 */
record Header(
    Map<String, String> metadata, List<Description> descriptions, long bytes, long dataBytes) {

  /** One array: bytes {@code begin} to {@code end} of the data. */
  record Description(String name, EntryType type, List<Integer> shape, long begin, long end) {
    TypedArray allocate() {
      return new TypedArray(type, shape, type.allocate((int) ((end - begin) / type.bytes())));
    }
  }

  /** Looks at the metadata before the descriptions are read, which may be those of a later time. */
  @FunctionalInterface
  interface MetadataCheck {
    void check(Map<String, String> metadata) throws ModelFormatException;
  }

  static Header parse(Path file, byte[] lengthAndHeader, MetadataCheck check)
      throws ModelFormatException {
    Map<String, Object> json = json(file, lengthAndHeader);
    Map<String, String> metadata = metadata(file, json.get(Format.METADATA));
    check.check(metadata);
    List<Description> descriptions = new ArrayList<>();
    for (Map.Entry<String, Object> member : json.entrySet()) {
      String name = member.getKey();
      if (!name.equals(Format.METADATA)) {
        descriptions.add(description(file, name, member.getValue()));
      }
    }
    descriptions.sort(
        Comparator.comparingLong(Description::begin).thenComparingLong(Description::end));
    long dataBytes = 0;
    for (Description description : descriptions) {
      if (description.begin() != dataBytes) {
        throw bad(
            file,
            String.format(
                "the data of \"%s\" begins in the wrong place, at %d, which %s, for the array"
                    + " before it ends at %d",
                description.name(),
                description.begin(),
                description.begin() < dataBytes ? "overlaps" : "leaves a gap",
                dataBytes));
      }
      dataBytes = description.end();
    }
    return new Header(metadata, descriptions, lengthAndHeader.length, dataBytes);
  }

  static ModelFormatException bad(Path file, String problem) {
    return new ModelFormatException(file, "the header is damaged: " + problem, Format.COPY_AGAIN);
  }

  private static Map<String, Object> json(Path file, byte[] lengthAndHeader)
      throws ModelFormatException {
    if (lengthAndHeader[lengthAndHeader.length - 1] == 0) {
      throw bad(file, "it is padded with zero bytes, where the format has spaces");
    }
    ByteBuffer text =
        ByteBuffer.wrap(
            lengthAndHeader, Format.LENGTH_BYTES, lengthAndHeader.length - Format.LENGTH_BYTES);
    try {
      return Json.parseObject(StandardCharsets.UTF_8.newDecoder().decode(text).toString());
    } catch (CharacterCodingException e) {
      throw bad(file, "it is not UTF-8 text");
    } catch (JsonException e) {
      throw bad(file, e.getMessage().replaceFirst("\\.$", ""));
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
    } else if (value != null) {
      throw bad(file, "the metadata is not an object");
    }
    return metadata;
  }

  private static Description description(Path file, String name, Object value)
      throws ModelFormatException {
    if (!(value instanceof Map<?, ?> map)) {
      throw bad(file, "\"" + name + "\" is not described by an object");
    }
    EntryType type = EntryType.ofCode(map.get("dtype"));
    if (type == null) {
      throw bad(file, "\"" + name + "\" has the unknown type " + map.get("dtype"));
    }
    long[] offsets = longs(file, name, map.get("data_offsets"));
    int[] shape =
        Arrays.stream(longs(file, name, map.get("shape")))
            .mapToInt(size -> (int) Math.min(size, Integer.MAX_VALUE))
            .toArray();
    int length = Format.product(shape);
    if (length < 0) {
      throw bad(
          file,
          String.format(
              "\"%s\" of shape %s has more than %d elements, the most that can be read",
              name, map.get("shape"), Format.MAX_LENGTH));
    }
    if (offsets.length != 2
        || offsets[1] < offsets[0]
        || offsets[1] - offsets[0] != (long) length * type.bytes()) {
      throw bad(
          file,
          String.format(
              "\"%s\" of type %s and shape %s cannot have the offsets %s",
              name, type, map.get("shape"), map.get("data_offsets")));
    }
    return new Description(
        name, type, Arrays.stream(shape).boxed().toList(), offsets[0], offsets[1]);
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
}
