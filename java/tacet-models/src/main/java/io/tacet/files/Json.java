package io.tacet.files;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON text to plain Java values and back.
 *
 * <p>Objects are {@code Map<String, Object>} in the order of the text, arrays {@code List<Object>},
 * and the rest {@link String}, {@link Long}, {@link Double}, {@link Boolean} or null; an integer
 * beyond 64 bits is a Double. {@link JsonObject} reads members by type. Reading is strict: no
 * comments, no duplicate keys, nothing after the value, at most {@value #MAX_DEPTH} levels. Writing
 * accepts any {@link Number}, {@link CharSequence} and {@link Enum} as well; NaN and infinities,
 * which JSON cannot say, become null.
 */
public final class Json {
  /** Deepest nesting of arrays and objects that is read. */
  public static final int MAX_DEPTH = 100;

  private static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private Json() {}

  /** The value as JSON on one line. */
  public static String line(Object value) {
    return text(value, false);
  }

  /** The value as JSON indented by two spaces, ending in a line feed: for files people read. */
  public static String pretty(Object value) {
    return text(value, true) + "\n";
  }

  /**
   * Reads one JSON value.
   *
   * @throws JsonException if the text is not exactly one JSON value; the message says where
   */
  public static Object parse(String text) throws JsonException {
    try (JsonParser parser = FACTORY.createParser(text)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        throw new JsonException("The text is empty; expected a JSON value.", null);
      }
      Object value = read(parser, first);
      if (parser.nextToken() != null) {
        throw new JsonException(
            "There is more text after the JSON value, at " + where(parser) + ".", null);
      }
      return value;
    } catch (JacksonException e) {
      throw new JsonException(e.getOriginalMessage() + " at " + where(e), e);
    } catch (JsonException e) {
      throw e;
    } catch (IOException e) {
      throw new JsonException(e.getMessage(), e);
    }
  }

  /**
   * Reads one JSON object.
   *
   * @throws JsonException if the text is not exactly one JSON object
   */
  public static Map<String, Object> parseObject(String text) throws JsonException {
    Object value = parse(text);
    if (!(value instanceof Map<?, ?> map)) {
      throw new JsonException("Expected a JSON object, found " + kind(value) + ".", null);
    }
    Map<String, Object> object = new LinkedHashMap<>();
    map.forEach((key, member) -> object.put((String) key, member));
    return Collections.unmodifiableMap(object);
  }

  private static String kind(Object value) {
    if (value == null) {
      return "null";
    }
    return value instanceof List<?> ? "an array" : "a " + value.getClass().getSimpleName();
  }

  private static String where(JsonParser parser) {
    return "line "
        + parser.currentTokenLocation().getLineNr()
        + ", column "
        + parser.currentTokenLocation().getColumnNr();
  }

  private static String where(JacksonException e) {
    return e.getLocation() == null
        ? "an unknown place"
        : "line " + e.getLocation().getLineNr() + ", column " + e.getLocation().getColumnNr();
  }

  private static Object read(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> {
        Map<String, Object> map = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          map.put(key, read(parser, parser.nextToken()));
        }
        yield Collections.unmodifiableMap(map);
      }
      case START_ARRAY -> {
        List<Object> list = new ArrayList<>();
        for (JsonToken t = parser.nextToken(); t != JsonToken.END_ARRAY; t = parser.nextToken()) {
          list.add(read(parser, t));
        }
        yield Collections.unmodifiableList(list);
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT -> integer(parser);
      case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case VALUE_TRUE, VALUE_FALSE -> parser.getBooleanValue();
      case VALUE_NULL -> null;
      default -> throw new JsonException("Unexpected " + token + " at " + where(parser), null);
    };
  }

  private static Number integer(JsonParser parser) throws IOException {
    if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
      return parser.getDoubleValue();
    }
    return parser.getLongValue();
  }

  private static String text(Object value, boolean indented) {
    StringWriter text = new StringWriter();
    try (JsonGenerator generator = FACTORY.createGenerator(text)) {
      if (indented) {
        DefaultIndenter indenter = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
        printer.indentArraysWith(indenter);
        printer.indentObjectsWith(indenter);
        generator.setPrettyPrinter(printer);
      }
      write(generator, value);
    } catch (IOException e) {
      throw new AssertionError("Writing to memory does not fail.", e);
    }
    return text.toString();
  }

  private static void write(JsonGenerator out, Object value) throws IOException {
    if (value == null) {
      out.writeNull();
    } else if (value instanceof Map<?, ?> map) {
      out.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        out.writeFieldName(String.valueOf(entry.getKey()));
        write(out, entry.getValue());
      }
      out.writeEndObject();
    } else if (value instanceof Iterable<?> items) {
      out.writeStartArray();
      for (Object item : items) {
        write(out, item);
      }
      out.writeEndArray();
    } else if (value instanceof Number number) {
      write(out, number);
    } else if (value instanceof Boolean bool) {
      out.writeBoolean(bool);
    } else if (value instanceof CharSequence || value instanceof Enum<?>) {
      out.writeString(value.toString());
    } else {
      throw new IllegalArgumentException(
          "value: expected null, a map, a list, a number, a boolean or a string to write as JSON,"
              + " got "
              + value.getClass().getName()
              + "; turn it into one of those first.");
    }
  }

  private static void write(JsonGenerator out, Number number) throws IOException {
    if (number instanceof Float f) {
      if (Float.isFinite(f)) {
        out.writeNumber(f);
      } else {
        out.writeNull();
      }
    } else if (number instanceof Double d) {
      if (Double.isFinite(d)) {
        out.writeNumber(d);
      } else {
        out.writeNull();
      }
    } else {
      out.writeNumber(number.toString());
    }
  }
}
