package io.tacet.tasks;

import io.tacet.files.Suggestion;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/**
 * A setting of a task: its allowed values, its default, and its meaning. On the command line {@code
 * dropInput} is {@code --drop-input}.
 *
 * @param name in config.json
 * @param kind of values
 * @param usual value of the task's first recipe; null where there is none
 * @param least smallest number
 * @param most largest number
 * @param choices of a CHOICE
 * @param help one sentence without a full stop
 */
public record Option(
    String name,
    Kind kind,
    Object usual,
    double least,
    double most,
    List<String> choices,
    String help) {
  /** Kinds of values. */
  public enum Kind {
    INTEGER("an integer"),
    REAL("a number"),
    FLAG("true or false"),
    CHOICE("a word"),
    /** Integers separated by commas. */
    INTEGERS("integers separated by commas, each"),
    /** A JSON object, which a configuration has and the command line does not. */
    OBJECT("an object");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  /** An integer of 32 bits from {@code least} on. */
  static Option integer(String name, long usual, long least, String help) {
    return new Option(name, Kind.INTEGER, usual, least, Integer.MAX_VALUE, List.of(), help);
  }

  /** Any integer of 64 bits. */
  static Option longInteger(String name, long usual, String help) {
    return new Option(name, Kind.INTEGER, usual, Long.MIN_VALUE, Long.MAX_VALUE, List.of(), help);
  }

  /** A number of an interval, both ends included. */
  static Option real(String name, double usual, double least, double most, String help) {
    return new Option(name, Kind.REAL, usual, least, most, List.of(), help);
  }

  /** True or false. */
  static Option flag(String name, boolean usual, String help) {
    return new Option(name, Kind.FLAG, usual, 0, 0, List.of(), help);
  }

  /** One of some words. */
  static Option choice(String name, String usual, String help, String... choices) {
    return new Option(name, Kind.CHOICE, usual, 0, 0, List.of(choices), help);
  }

  /** The constants of an enum, in lower case and with hyphens. */
  static <E extends Enum<E>> Option choice(String name, E usual, String help) {
    String[] words =
        Arrays.stream(usual.getDeclaringClass().getEnumConstants())
            .map(Option::word)
            .toArray(String[]::new);
    return choice(name, word(usual), help, words);
  }

  static String word(Enum<?> constant) {
    return constant.toString().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Positive integers. */
  static Option integers(String name, List<Long> usual, String help) {
    return new Option(name, Kind.INTEGERS, usual, 1, Integer.MAX_VALUE, List.of(), help);
  }

  /** A JSON object, empty by default. */
  static Option object(String name, String help) {
    return new Option(name, Kind.OBJECT, Map.of(), 0, 0, List.of(), help);
  }

  Option usual(Object other) {
    return new Option(name, kind, value(other), least, most, choices, help);
  }

  /** As the command line writes it. */
  public String flag() {
    return "--" + name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /**
   * Parses a value from the command line or from JSON.
   *
   * @return a Long, Double, Boolean, String, a List of Long or a Map
   * @throws IllegalArgumentException naming the option, the expected and the given value
   */
  public Object value(Object given) {
    if (given == null
        || (given instanceof List<?> list && list.stream().anyMatch(Objects::isNull))) {
      throw wrong(given, "");
    }
    try {
      Object value =
          switch (kind) {
            case INTEGER -> whole(given);
            case REAL ->
                given instanceof Number number
                    ? (Object) number.doubleValue()
                    : Double.valueOf(given.toString());
            case FLAG -> truth(given);
            case CHOICE -> given.toString().toLowerCase(Locale.ROOT).replace('_', '-');
            case INTEGERS -> integers(given);
            case OBJECT -> given;
          };
      requireInRange(value, given);
      return value;
    } catch (NumberFormatException e) {
      throw wrong(given, "");
    }
  }

  private Object truth(Object given) {
    String text = given.toString();
    if (!text.equals("true") && !text.equals("false")) {
      throw wrong(given, "");
    }
    return text.equals("true");
  }

  private Long whole(Object given) {
    if (given instanceof Double) {
      throw wrong(given, "");
    }
    return given instanceof Number number
        ? (Long) number.longValue()
        : Long.valueOf(given.toString().strip());
  }

  private Object integers(Object given) {
    List<?> all =
        given instanceof List<?> list
            ? list
            : Arrays.asList(given.toString().replaceAll("[\\[\\] ]", "").split(",", -1));
    return all.stream().map(this::whole).toList();
  }

  private void requireInRange(Object value, Object given) {
    boolean right =
        switch (kind) {
          case INTEGER -> (Long) value >= least && (Long) value <= most;
          case REAL ->
              Double.isFinite((Double) value) && (Double) value >= least && (Double) value <= most;
          case FLAG -> true;
          case OBJECT -> value instanceof Map;
          case CHOICE -> choices.contains(value);
          case INTEGERS ->
              !((List<?>) value).isEmpty()
                  && ((List<?>) value)
                      .stream().allMatch(n -> (Long) n >= least && (Long) n <= most);
        };
    if (!right) {
      throw wrong(given, kind == Kind.CHOICE ? Suggestion.sentence(value.toString(), choices) : "");
    }
  }

  private IllegalArgumentException wrong(Object given, String more) {
    return new IllegalArgumentException(
        (kind == Kind.OBJECT ? name : flag())
            + ": expected "
            + expected()
            + ", got '"
            + given
            + "'."
            + more);
  }

  /** What values it takes, in words. */
  public String expected() {
    if (kind == Kind.CHOICE) {
      return "one of " + String.join(", ", choices);
    } else if (kind == Kind.FLAG || kind == Kind.OBJECT) {
      return kind.words;
    }
    return kind.words + range();
  }

  private String range() {
    if (least <= Long.MIN_VALUE) {
      return "";
    }
    String from = least == Double.MIN_VALUE ? " above 0" : " of at least " + number(least);
    if (most >= Long.MAX_VALUE) {
      return from;
    }
    return from + " and " + (most == Math.nextDown(1.0) ? "below 1" : "at most " + number(most));
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
