package io.tacet.files;

import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A JSON object whose members are read by name and type.
 *
 * <p>A member that is missing or of another type is reported by a {@link JsonException} that says
 * where it is, what was expected and what was found: {@code config.json: layers[1].units: expected
 * an integer, found "many"}. A member that is null counts as missing. Immutable.
 */
public final class JsonObject {
  private static final int SHOWN_CHARACTERS = 60;

  private final String origin;

  /** Where the object is within the text: empty, or such as {@code layers[1].}. */
  private final String prefix;

  private final Map<?, ?> members;

  private JsonObject(String origin, String prefix, Map<?, ?> members) {
    this.origin = origin;
    this.prefix = prefix;
    this.members = members;
  }

  /**
   * Reads text.
   *
   * @param origin where it comes from, for messages: a file, or such as "settings in FILE"
   * @throws JsonException if it is not exactly one JSON object
   */
  public static JsonObject of(String text, String origin) throws JsonException {
    try {
      return new JsonObject(origin, "", Json.parseObject(text));
    } catch (JsonException e) {
      throw new JsonException(origin + ": " + e.getMessage(), e);
    }
  }

  /**
   * An object from values in memory.
   *
   * @param members values as {@link Json#parse} gives them; not copied
   * @param origin where they come from, for messages
   */
  public static JsonObject of(Map<String, ?> members, String origin) {
    return new JsonObject(origin, "", members);
  }

  /**
   * Reads a file.
   *
   * @throws JsonException if it is not UTF-8 or not exactly one JSON object
   * @throws IOException if it cannot be read
   */
  public static JsonObject read(Path file) throws IOException {
    return of(TextFile.read(file), file.toString());
  }

  /** Where the text comes from, as messages name it. */
  public String origin() {
    return origin;
  }

  /** Names of the members in their order, those that are null included. Unmodifiable. */
  public Set<String> keys() {
    Set<String> keys = new LinkedHashSet<>();
    members.keySet().forEach(key -> keys.add((String) key));
    return Collections.unmodifiableSet(keys);
  }

  /** Whether there is a member of that name that is not null. */
  public boolean has(String key) {
    return members.get(key) != null;
  }

  /**
   * Refuses members of other names.
   *
   * @return this
   * @throws JsonException if there is one; suggests the nearest of {@code known}
   */
  public JsonObject only(String... known) throws JsonException {
    List<String> names = Arrays.asList(known);
    for (String key : keys()) {
      if (!names.contains(key)) {
        throw problem(
            key,
            "unknown key; known are "
                + String.join(", ", names)
                + "."
                + Suggestion.sentence(key, names));
      }
    }
    return this;
  }

  /** An integer of 32 bits. */
  public int integer(String key) throws JsonException {
    return read(key, members.get(key), Kind.INTEGER).intValue();
  }

  /** An integer of 32 bits, or {@code otherwise} if it is missing. */
  public int integer(String key, int otherwise) throws JsonException {
    return has(key) ? integer(key) : otherwise;
  }

  /** An integer from {@code least} to {@code most}. */
  public int integer(String key, int least, int most) throws JsonException {
    int value = integer(key);
    if (value < least || value > most) {
      throw problem(key, "expected " + least + " to " + most + ", found " + value);
    }
    return value;
  }

  /** An integer of 64 bits. */
  public long longInteger(String key) throws JsonException {
    return read(key, members.get(key), Kind.LONG_INTEGER);
  }

  /** An integer of 64 bits, or {@code otherwise} if it is missing. */
  public long longInteger(String key, long otherwise) throws JsonException {
    return has(key) ? longInteger(key) : otherwise;
  }

  /** A finite number. */
  public double real(String key) throws JsonException {
    return read(key, members.get(key), Kind.REAL).doubleValue();
  }

  /** A finite number, or {@code otherwise} if it is missing. */
  public double real(String key, double otherwise) throws JsonException {
    return has(key) ? real(key) : otherwise;
  }

  /** A string. */
  public String text(String key) throws JsonException {
    return read(key, members.get(key), Kind.TEXT);
  }

  /** A string, or {@code otherwise}, which may be null, if it is missing. */
  public String text(String key, String otherwise) throws JsonException {
    return has(key) ? text(key) : otherwise;
  }

  /** A file or folder, by its name. */
  public Path path(String key) throws JsonException {
    try {
      return Path.of(text(key));
    } catch (InvalidPathException e) {
      throw problem(key, "expected the name of a file, found " + shown(text(key)));
    }
  }

  /** True or false. */
  public boolean flag(String key) throws JsonException {
    return read(key, members.get(key), Kind.FLAG);
  }

  /** True or false, or {@code otherwise} if it is missing. */
  public boolean flag(String key, boolean otherwise) throws JsonException {
    return has(key) ? flag(key) : otherwise;
  }

  /** A constant of an enum, by its {@code toString}; upper and lower case, - and _ are alike. */
  public <E extends Enum<E>> E choice(String key, Class<E> type) throws JsonException {
    String wanted = text(key);
    List<E> constants = Arrays.asList(type.getEnumConstants());
    for (E constant : constants) {
      if (plain(constant.toString()).equals(plain(wanted))) {
        return constant;
      }
    }
    List<String> names = constants.stream().map(E::toString).toList();
    throw problem(
        key,
        String.format(
            "expected one of %s, found %s.%s",
            String.join(", ", names), shown(wanted), Suggestion.sentence(wanted, names)));
  }

  /** A constant of an enum, or {@code otherwise} if it is missing. */
  public <E extends Enum<E>> E choice(String key, Class<E> type, E otherwise) throws JsonException {
    return has(key) ? choice(key, type) : otherwise;
  }

  /** One of some strings. */
  public String choice(String key, Collection<String> known) throws JsonException {
    String wanted = text(key);
    if (known.contains(wanted)) {
      return wanted;
    }
    throw problem(
        key,
        String.format(
            "expected one of %s, found %s.%s",
            String.join(", ", known), shown(wanted), Suggestion.sentence(wanted, known)));
  }

  /** An array of constants of an enum; empty if it is missing. */
  public <E extends Enum<E>> List<E> choices(String key, Class<E> type) throws JsonException {
    List<E> all = new ArrayList<>();
    for (String one : has(key) ? texts(key) : List.<String>of()) {
      all.add(new JsonObject(origin, prefix, Map.of(key, one)).choice(key, type));
    }
    return all;
  }

  /** A value of any kind, as {@link Json#parse} gives it; null if it is missing. */
  public Object value(String key) {
    return members.get(key);
  }

  /** An object. */
  public JsonObject object(String key) throws JsonException {
    return new JsonObject(origin, prefix + key + ".", read(key, members.get(key), Kind.OBJECT));
  }

  /** An array of any values, as {@link Json#parse} gives them. Unmodifiable. */
  public List<Object> list(String key) throws JsonException {
    List<Object> list = new ArrayList<>();
    for (Object item : read(key, members.get(key), Kind.LIST)) {
      list.add(item);
    }
    return Collections.unmodifiableList(list);
  }

  /** An array of integers of 32 bits. */
  public int[] integers(String key) throws JsonException {
    return items(key, Kind.INTEGER).stream().mapToInt(Long::intValue).toArray();
  }

  /** An array of finite numbers. */
  public double[] reals(String key) throws JsonException {
    return items(key, Kind.REAL).stream().mapToDouble(Number::doubleValue).toArray();
  }

  /** An array of strings. Unmodifiable. */
  public List<String> texts(String key) throws JsonException {
    return items(key, Kind.TEXT);
  }

  /** An array of objects. Unmodifiable. */
  public List<JsonObject> objects(String key) throws JsonException {
    List<JsonObject> objects = new ArrayList<>();
    for (Map<?, ?> item : items(key, Kind.OBJECT)) {
      objects.add(new JsonObject(origin, prefix + item(key, objects.size()) + ".", item));
    }
    return Collections.unmodifiableList(objects);
  }

  /**
   * What to throw if the value of a member will not do, for a reason its type does not tell.
   *
   * @param problem what was expected and what was found, as in "expected at least 1, found 0"
   */
  public JsonException problem(String key, String problem) {
    return new JsonException(origin + ": " + prefix + key + ": " + problem, null);
  }

  private <T> List<T> items(String key, Kind<T> kind) throws JsonException {
    List<T> items = new ArrayList<>();
    for (Object item : read(key, members.get(key), Kind.LIST)) {
      items.add(read(item(key, items.size()), item, kind));
    }
    return Collections.unmodifiableList(items);
  }

  private <T> T read(String key, Object value, Kind<T> kind) throws JsonException {
    if (value == null && !members.containsKey(key) && !key.endsWith("]")) {
      String others =
          members.isEmpty() ? "no keys at all" : "only the keys " + String.join(", ", keys());
      throw problem(key, "expected " + kind.name + ", found " + others);
    }
    if (!kind.accepts.test(value)) {
      throw problem(key, "expected " + kind.name + ", found " + shown(value));
    }
    return kind.type.cast(value);
  }

  private static String item(String key, int index) {
    return key + "[" + index + "]";
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String shown(Object value) {
    String text = value instanceof Number ? value.toString() : Json.line(value);
    return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "...";
  }

  /** A kind of value, as {@link Json} represents it. */
  private record Kind<T>(String name, Class<T> type, Predicate<Object> accepts) {
    static final Kind<Long> LONG_INTEGER = of("an integer", Long.class);
    static final Kind<Long> INTEGER =
        new Kind<>(
            "an integer of 32 bits",
            Long.class,
            value -> value instanceof Long number && number.intValue() == number);
    static final Kind<Number> REAL =
        new Kind<>(
            "a number",
            Number.class,
            value -> value instanceof Number number && Double.isFinite(number.doubleValue()));
    static final Kind<String> TEXT = of("a string", String.class);
    static final Kind<Boolean> FLAG = of("true or false", Boolean.class);

    @SuppressWarnings("rawtypes")
    static final Kind<Map> OBJECT = of("an object", Map.class);

    @SuppressWarnings("rawtypes")
    static final Kind<List> LIST = of("an array", List.class);

    private static <T> Kind<T> of(String name, Class<T> type) {
      return new Kind<>(name, type, type::isInstance);
    }
  }
}
