package io.tacet.rewire;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import java.util.Objects;

/**
 * What the gradients of weights are made of, those of absent synapses included: dL/dw from a source
 * to a target is the sum, over pairs of step and sample, of what the source sent times the error of
 * the current of the target. A view: it owns nothing.
 *
 * @param sent [pairs][sources]; or [pairs][parts][sources] where sources send something else into
 *     each part of the columns, with parts that are as wide as one another, one for each value of a
 *     synapse where there are several
 * @param lag rows by which it is early: pair p has to do with row p - lag, 0 to the number of pairs
 * @param first rows that go before those of {@code sent}, [lag] of them; null for zeros
 * @param errors [pairs][values targets], value g of target m in column {@code g targets + m}
 */
public record GradientFactors(DeviceArray sent, int lag, DeviceArray first, DeviceArray errors) {

  public GradientFactors {
    Objects.requireNonNull(sent, "sent");
    Objects.requireNonNull(errors, "errors");
  }

  /** Of pairs that are in rows of the same number. */
  public static GradientFactors of(DeviceArray sent, DeviceArray errors) {
    return new GradientFactors(sent, 0, null, errors);
  }

  /** Number of pairs of step and sample. */
  public int pairs(Wiring wiring) {
    return Math.toIntExact(errors.length() / columns(wiring));
  }

  /** Parts of the columns into which a source may send different things. */
  public int parts(Wiring wiring) {
    return Math.toIntExact(sent.length() / ((long) pairs(wiring) * wiring.sources()));
  }

  private static long columns(Wiring wiring) {
    return (long) wiring.values() * wiring.targets();
  }

  /** Refuses arrays that do not fit synapses, or are not like {@code like}. */
  void check(Wiring wiring, DeviceArray like) {
    long columns = columns(wiring);
    long pairs = errors.length() / columns;
    if (errors.length() % columns != 0 || pairs < 1 || pairs > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "errors: expected [pairs]["
              + columns
              + "], the values of all targets of a pair, got "
              + errors
              + ".");
    }
    Expect.like("errors", errors, like, pairs * columns);
    long row = pairs * wiring.sources();
    long parts = sent.length() / row;
    boolean whole =
        wiring.values() == 1
            ? parts >= 1 && parts <= Wiring.MOST_VALUES && wiring.targets() % parts == 0
            : parts == 1 || parts == wiring.values();
    if (sent.length() % row != 0 || !whole) {
      throw new IllegalArgumentException(
          "sent: expected ["
              + pairs
              + "]["
              + wiring.sources()
              + "], or as much for each part of the columns, got "
              + sent
              + ".");
    }
    Expect.like("sent", sent, like, parts * row);
    if (lag < 0 || lag > pairs) {
      throw new IllegalArgumentException(
          "lag: expected 0 to " + pairs + ", the number of pairs, got " + lag + ".");
    }
    if (first != null) {
      Expect.like("first", first, like, lag * parts * wiring.sources());
    }
  }
}
