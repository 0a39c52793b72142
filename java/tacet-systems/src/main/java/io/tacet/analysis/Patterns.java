package io.tacet.analysis;

/** Checks of patterns. */
final class Patterns {
  private Patterns() {}

  /** Refuses what is not a matrix of finite numbers with at least so many rows. */
  static void require(String name, double[][] patterns, int rows) {
    if (patterns.length < rows || patterns[0].length == 0) {
      throw new IllegalArgumentException(
          name
              + ": expected at least "
              + rows
              + " patterns of at least one unit, got "
              + patterns.length
              + ".");
    }
    for (int i = 0; i < patterns.length; i++) {
      if (patterns[i].length != patterns[0].length) {
        throw new IllegalArgumentException(
            name
                + ": expected patterns of "
                + patterns[0].length
                + " units like the first, got "
                + patterns[i].length
                + " in pattern "
                + i
                + ".");
      }
      for (int j = 0; j < patterns[i].length; j++) {
        if (!Double.isFinite(patterns[i][j])) {
          throw new IllegalArgumentException(
              name + ": expected finite numbers, got " + patterns[i][j] + " in pattern " + i + ".");
        }
      }
    }
  }
}
