package io.tacet.cuda.internal;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** System properties that name a constant of an enum in small letters. */
final class Choice {
  private Choice() {}

  /**
   * What a property says.
   *
   * @param other where it is not set
   * @throws IllegalArgumentException if it is not the name of a constant
   */
  static <E extends Enum<E>> E of(String property, E other) {
    String name = System.getProperty(property, text(other));
    E[] all = other.getDeclaringClass().getEnumConstants();
    return Arrays.stream(all)
        .filter(one -> text(one).equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    property
                        + ": expected one of "
                        + Arrays.stream(all).map(Choice::text).collect(Collectors.joining(", "))
                        + ", got "
                        + name
                        + "."));
  }

  /** The name of a constant in a property. */
  static String text(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
