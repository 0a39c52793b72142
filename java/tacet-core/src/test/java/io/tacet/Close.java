package io.tacet;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Whether numbers are close, in the time that it takes to read them. AssertJ's {@code
 * containsExactly} compares each with each, and one assertion for each number makes and forgets as
 * many objects. For numbers that are to be the same to the last bit there is {@code isEqualTo}.
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
    assertClose(what, actual, expected, k -> absolute + relative * Math.abs(expected[k]));
  }

  /** Checks that numbers are those expected up to a distance for each. */
  public static void assertClose(
      String what, double[] actual, double[] expected, IntToDoubleFunction distance) {
    assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int k = 0; k < actual.length; k++) {
      // Of NaN this does not hold.
      boolean close = Math.abs(actual[k] - expected[k]) <= distance.applyAsDouble(k);
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

  /** Checks that numbers are those expected up to a distance. */
  public static void assertClose(double[] actual, double[] expected, double absolute) {
    assertClose("numbers", actual, expected, absolute, 0);
  }

  /** Checks that numbers are those expected up to a distance. */
  public static void assertClose(float[] actual, float[] expected, double absolute) {
    assertClose(
        IntStream.range(0, actual.length).mapToDouble(k -> actual[k]).toArray(),
        IntStream.range(0, expected.length).mapToDouble(k -> expected[k]).toArray(),
        absolute);
  }
}
