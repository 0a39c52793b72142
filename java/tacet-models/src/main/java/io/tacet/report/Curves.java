package io.tacet.report;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;

/**
 * Curves over the epochs as SVG within a page, in the colours of its style sheet: {@code s0},
 * {@code s1} and so on for lines, {@code grid} for the rest.
 */
final class Curves {
  private static final int WIDTH = 520;
  private static final int HEIGHT = 300;
  private static final int LEFT = 64;
  private static final int RIGHT = 508;
  private static final int TOP = 34;
  private static final int BOTTOM = 260;

  /** Ticks that are aimed at. */
  private static final int TICKS = 5;

  /** Colours of the style sheet. */
  static final int COLOURS = 4;

  private final String title;
  private final int[] epochs;
  private final Map<String, double[]> lines = new LinkedHashMap<>();

  /**
   * @param epochs ascending, at least one
   */
  Curves(String title, int[] epochs) {
    this.title = title;
    this.epochs = epochs;
  }

  /** Adds a line; left out if no value is finite. */
  Curves add(String name, double... values) {
    if (Arrays.stream(values).anyMatch(Double::isFinite)) {
      lines.put(name, values);
    }
    return this;
  }

  boolean isEmpty() {
    return lines.isEmpty();
  }

  private DoubleStream values() {
    return lines.values().stream().flatMapToDouble(Arrays::stream).filter(Double::isFinite);
  }

  /** 1, 2 or 5 times a power of ten, so that about {@link #TICKS} fit. */
  private static double step(double range) {
    double power = Math.pow(10, Math.floor(Math.log10(range / TICKS)));
    double times = range / TICKS / power;
    return power * (times < 1.5 ? 1 : times < 3.5 ? 2 : times < 7.5 ? 5 : 10);
  }

  /** The picture; there must be a line. */
  String svg() {
    double low = values().min().orElseThrow();
    double high = values().max().orElseThrow();
    double free = high > low ? 0.05 * (high - low) : Math.max(0.05 * Math.abs(high), 0.01);
    double bottom = low - free;
    double range = high + free - bottom;
    double first = epochs[0];
    double span = Math.max(1, epochs[epochs.length - 1] - first);
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n",
        WIDTH,
        HEIGHT,
        Markup.escape(title));
    add(svg, "<text class=\"title\" x=\"%d\" y=\"16\">%s</text>%n", LEFT, Markup.escape(title));
    double step = step(range);
    for (double tick = Math.ceil(bottom / step) * step; tick <= bottom + range; tick += step) {
      double y = BOTTOM - (BOTTOM - TOP) * (tick - bottom) / range;
      add(svg, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, y, RIGHT);
      add(svg, "<text class=\"end\" x=\"%d\" y=\"%.1f\">%s</text>%n", LEFT - 8, y + 4, tick(tick));
    }
    double apart = Math.max(1, step(span));
    for (double tick = Math.ceil(first / apart) * apart; tick <= first + span; tick += apart) {
      double x = LEFT + (RIGHT - LEFT) * (tick - first) / span;
      add(svg, "<text class=\"middle\" x=\"%.1f\" y=\"%d\">%.0f</text>%n", x, BOTTOM + 18, tick);
    }
    add(svg, "<text class=\"end\" x=\"%d\" y=\"%d\">epoch</text>%n", RIGHT, BOTTOM + 36);
    int number = 0;
    int at = RIGHT;
    for (Map.Entry<String, double[]> line : lines.entrySet()) {
      int colour = number++ % COLOURS;
      add(
          svg,
          "<path class=\"line s%d\" d=\"%s\"/>%n",
          colour,
          path(line.getValue(), first, span, bottom, range));
      add(
          svg,
          "<text class=\"end name s%d\" x=\"%d\" y=\"16\">%s</text>%n",
          colour,
          at,
          Markup.escape(line.getKey()));
      at -= 16 + 7 * line.getKey().length();
    }
    return svg.append("</svg>\n").toString();
  }

  /** Points that are joined, with a gap at values that are not finite; one alone is a dot. */
  private String path(double[] values, double first, double span, double bottom, double range) {
    StringBuilder path = new StringBuilder();
    boolean joined = false;
    for (int i = 0; i < values.length; i++) {
      if (Double.isFinite(values[i])) {
        double x = LEFT + (RIGHT - LEFT) * (epochs[i] - first) / span;
        double y = BOTTOM - (BOTTOM - TOP) * (values[i] - bottom) / range;
        add(path, joined ? "L%.1f %.1f" : "M%.1f %.1fh0.01", x, y);
      }
      joined = Double.isFinite(values[i]);
    }
    return path.toString();
  }

  private static String tick(double value) {
    return Math.abs(value) < 1e-12
        ? "0"
        : String.format(Locale.ROOT, "%.4g", value)
            .replaceFirst("(\\.\\d*?)0+$", "$1")
            .replaceFirst("\\.$", "");
  }

  private static void add(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }
}
