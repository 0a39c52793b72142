package io.tacet.systems;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * What a validation has found: gates, which pass or fail, and figures beside them. Each is told to
 * a listener as a line as soon as it is known. Used by one thread.
 */
public final class Report {
  private final List<Gate> gates = new ArrayList<>();
  private final Map<String, Object> figures = new LinkedHashMap<>();
  private final Consumer<String> told;

  /** A report that tells each line to {@code told}. */
  public Report(Consumer<String> told) {
    this.told = told;
  }

  /**
   * Adds a gate with bounds on both sides.
   *
   * @see Gate
   */
  public void within(
      String test, String name, double measured, double least, double most, String source) {
    Gate gate = new Gate(test, name, measured, least, most, source);
    gates.add(gate);
    told.accept(gate.toString());
  }

  /** Adds a gate that passes from {@code least} on. */
  public void atLeast(String test, String name, double measured, double least, String source) {
    within(test, name, measured, least, Double.POSITIVE_INFINITY, source);
  }

  /** Adds a gate that passes up to {@code most}. */
  public void atMost(String test, String name, double measured, double most, String source) {
    within(test, name, measured, Double.NEGATIVE_INFINITY, most, source);
  }

  /**
   * Adds a figure that no gate depends on.
   *
   * @param source figure of the source, with its origin; empty where there is none
   */
  public void figure(String name, double measured, String source) {
    figures.put(name, Double.isFinite(measured) ? measured : String.valueOf(measured));
    told.accept(name + "=" + text(measured) + (source.isEmpty() ? "" : " source=" + source));
  }

  /** All gates so far. */
  public List<Gate> gates() {
    return List.copyOf(gates);
  }

  /** How many gates fail. */
  public int failures() {
    return (int) gates.stream().filter(gate -> !gate.passes()).count();
  }

  /** Gates and figures as entries for JSON. */
  public Map<String, Object> entries() {
    Map<String, Object> entries = new LinkedHashMap<>();
    entries.put("gates", gates.stream().map(Gate::entries).toList());
    entries.put("figures", figures);
    return entries;
  }

  /** A number with five significant digits. */
  public static String text(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e6) {
      return String.format(Locale.ROOT, "%.0f", value);
    }
    return String.format(Locale.ROOT, "%.5g", value);
  }
}
