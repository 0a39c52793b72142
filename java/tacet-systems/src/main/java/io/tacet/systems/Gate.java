package io.tacet.systems;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * One figure that must be within bounds.
 *
 * @param test number of the acceptance test that it belongs to, such as {@code D2}
 * @param name what was measured, such as {@code false positives (300, 20)}
 * @param measured NaN fails
 * @param least smallest value that passes; negative infinity for none
 * @param most largest value that passes; positive infinity for none
 * @param source figure of the source or of the theory, with its origin; empty where there is none
 */
public record Gate(
    String test, String name, double measured, double least, double most, String source) {

  /** Whether it is within its bounds. */
  public boolean passes() {
    return measured >= least && measured <= most;
  }

  /** As entries for JSON. */
  Map<String, Object> entries() {
    Map<String, Object> entries = new LinkedHashMap<>();
    entries.put("test", test);
    entries.put("name", name);
    entries.put("measured", Double.isFinite(measured) ? measured : String.valueOf(measured));
    if (least != Double.NEGATIVE_INFINITY) {
      entries.put("least", least);
    }
    if (most != Double.POSITIVE_INFINITY) {
      entries.put("most", most);
    }
    if (!source.isEmpty()) {
      entries.put("source", source);
    }
    entries.put("passes", passes());
    return entries;
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "%s %s %s=%s expected=%s%s",
        passes() ? "pass" : "FAIL",
        test,
        name,
        Report.text(measured),
        bounds(),
        source.isEmpty() ? "" : " source=" + source);
  }

  private String bounds() {
    if (least == most) {
      return Report.text(least);
    }
    if (most == Double.POSITIVE_INFINITY) {
      return ">=" + Report.text(least);
    }
    if (least == Double.NEGATIVE_INFINITY) {
      return "<=" + Report.text(most);
    }
    return "[" + Report.text(least) + "," + Report.text(most) + "]";
  }
}
