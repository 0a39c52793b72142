package io.tacet.network.cells;

import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import java.util.Arrays;

/** Checks that specifications share. */
final class Specs {
  private Specs() {}

  static int positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": expected a positive number, got " + value + ".");
    }
    return value;
  }

  /** Refuses keys that a cell does not have. */
  static void only(JsonObject json, String... keys) throws JsonException {
    String[] all = Arrays.copyOf(keys, keys.length + 1);
    all[keys.length] = "cell";
    json.only(all);
  }
}
