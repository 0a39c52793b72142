package io.tacet.cuda.internal;

import java.util.Arrays;

/**
 * What the sums of event propagation in a fixed order are while they grow. The property {@code
 * tacet.propagation.sums} chooses, {@code float32} by default; it is read when a plan is made.
 */
enum Sums {
  /** Added in the order of the events, a copy per warp. */
  FLOAT32(Tacet.TACET_SUMS_FLOAT32),
  /**
   * Terms rounded to multiples of a power of two, added in any order: an error of m n / 2^31 of a
   * term at most, of n events with the largest term m. For CSR and fixed fan-out synapses without
   * delays.
   */
  INT32(Tacet.TACET_SUMS_INT32);

  private static final String PROPERTY = "tacet.propagation.sums";

  private final int code;

  Sums(int code) {
    this.code = code;
  }

  /**
   * What the property says.
   *
   * @throws IllegalArgumentException if it is not the name of one
   */
  static Sums chosen() {
    return Choice.of(PROPERTY, FLOAT32);
  }

  /** That of {@code TACET_SUMS_FLOAT32} and so on. */
  static Sums of(long code) {
    return Arrays.stream(values()).filter(one -> one.code == code).findFirst().orElseThrow();
  }

  /** A {@code tacet_sums_reason} in words. */
  static String reason(long code) {
    return switch ((int) code) {
      case Tacet.TACET_SUMS_REASON_NOT_ASKED -> PROPERTY + " is float32";
      case Tacet.TACET_SUMS_REASON_FORMAT -> "the synapses are neither CSR nor of a fixed fan-out";
      case Tacet.TACET_SUMS_REASON_DELAYS -> "events have delays";
      default -> "";
    };
  }

  /** Its name in the property. */
  String text() {
    return Choice.text(this);
  }

  /** {@code TACET_SUMS_FLOAT32} and so on. */
  int code() {
    return code;
  }
}
