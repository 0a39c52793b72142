package io.tacet.dense;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.sparse.Events;

/**
 * k-winners-take-all (Makhzani and Frey 2015): of each row the k largest values stay, the others
 * become 0. The selection is exact and takes time proportional to the row. Of equal values the
 * first win, -0 equals 0, and a NaN is larger than every number, so that it is not hidden. Exactly
 * k units win, even those of value 0. An array of more than two dimensions counts as a matrix whose
 * columns are the last one.
 */
public final class Winners {
  private Winners() {}

  /**
   * Keeps the winners of every row.
   *
   * @param values [rows][units]
   * @param winners how many there are in a row, 1 to units
   * @param kept [rows][units], values or 0; may be {@code values}
   * @param marks who has won, INT32 [rows][{@link Events#words words(units)}], bit {@code i % 32}
   *     of word {@code i / 32} for unit i, for {@link #backward}; null if not wanted
   */
  public static void keep(DeviceArray values, int winners, DeviceArray kept, DeviceArray marks) {
    int units = units("values", values);
    if (winners < 1 || winners > units) {
      throw new IllegalArgumentException(
          "winners: expected 1 to the " + units + " units of a row, got " + winners + ".");
    }
    Expect.like("kept", kept, values, values.length());
    if (marks != null) {
      Expect.ints("marks", marks, values, values.length() / units * Events.words(units));
    }
    values.backend().kernels().dense().keepWinners(values, winners, kept, marks);
  }

  /**
   * As {@link #keep(DeviceArray, int, DeviceArray, DeviceArray)}, and each winner becomes an event.
   * The bitmap of the events is what {@link #backward} takes.
   *
   * @param events binary, a row per sample
   * @return {@code events}
   */
  public static Events keep(DeviceArray values, int winners, DeviceArray kept, Events events) {
    if (events.sources() != units("values", values)) {
      throw new IllegalArgumentException(
          "events: expected "
              + units("values", values)
              + " sources, got "
              + events.sources()
              + ".");
    }
    keep(values, winners, kept, events.bitmap());
    return events.expand();
  }

  /**
   * Adjoint of {@link #keep}: errors of all but the winners become 0.
   *
   * @param marks as {@code keep} left them
   * @param errors dL/dkept [rows][units], replaced by dL/dvalue
   */
  public static void backward(DeviceArray marks, DeviceArray errors) {
    int units = units("errors", errors);
    Expect.ints("marks", marks, errors, errors.length() / units * Events.words(units));
    errors.backend().kernels().dense().dropLosers(marks, errors);
  }

  private static int units(String name, DeviceArray array) {
    Dense.floating(name, array);
    return Math.toIntExact(Dense.columns(array));
  }
}
