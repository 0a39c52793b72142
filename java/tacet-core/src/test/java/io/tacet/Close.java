package io.tacet;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whether numbers are close, in the time that it takes to read them. AssertJ's {@code
 * containsExactly} with a distance compares each with each.
 */
public final class Close {
  private Close() {}

  /**
   * Checks that numbers are those expected.
   *
   * @param what they are, for the message
   * @param absolute how far one may be from the one expected
   * @param relative what is added to it, as a part of the one expected
   */
  public static void assertClose(
      String what, double[] actual, double[] expected, double absolute, double relative) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int k = 0; k < actual.length; k++) {
      // Of NaN this does not hold.
      boolean close =
          Math.abs(actual[k] - expected[k]) <= absolute + relative * Math.abs(expected[k]);
      if (!close) {
        throw new AssertionError(
            what + "[" + k + "]: expected " + expected[k] + ", got " + actual[k] + ".");
      }
    }
  }

  /** Checks that numbers are those expected up to a distance. */
  public static void assertClose(String what, double[] actual, double[] expected, double absolute) {
    assertClose(what, actual, expected, absolute, 0);
  }
}
