package io.tacet.bench;

import io.tacet.report.Markup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.stream.Stream;

/**
 * Lines and points on two logarithmic axes, as SVG that takes its colours from the style sheet of
 * the page ({@link Report}). The legend is in a separate column at the right, so that it never
 * covers a point.
 */
final class Chart {
  /** How a series is drawn. */
  enum Style {
    /** Points joined by a line. */
    LINE,
    /** Points only. */
    POINTS,
    /** A line only, dashed: a limit or a time that does not depend on x. */
    LIMIT
  }

  /** A point; {@code note} is shown when the mouse rests on it. */
  record Point(double x, double y, String note) {}

  private record Series(String name, Style style, List<Point> points) {}

  private static final int WIDTH = 860;
  private static final int LEAST_HEIGHT = 360;
  private static final int LEFT = 70;
  private static final int RIGHT = 600;
  private static final int TOP = 16;
  private static final int BOTTOM = 306;
  private static final int MOST_LABELS = 8;
  private static final int LEGEND_ROW = 20;

  /** Number of colours in the style sheet. */
  private static final int COLOURS = 8;

  /** Shapes of points, and dashes of limits in the style sheet. */
  private static final int SHAPES = 4;

  /** Number of series that can be distinguished by colour and shape. */
  static final int MOST_SERIES = COLOURS * SHAPES;

  private final String title;
  private final String xName;
  private final String yName;
  private final DoubleFunction<String> xLabel;
  private final DoubleFunction<String> yLabel;
  private final List<Series> series = new ArrayList<>();

  /**
   * @param xLabel formats a tick label of the x axis
   */
  Chart(
      String title,
      String xName,
      DoubleFunction<String> xLabel,
      String yName,
      DoubleFunction<String> yLabel) {
    this.title = title;
    this.xName = xName;
    this.yName = yName;
    this.xLabel = xLabel;
    this.yLabel = yLabel;
  }

  /** Adds a series; points that are not positive and finite cannot be shown and are left out. */
  Chart add(String name, Style style, List<Point> points) {
    List<Point> shown =
        points.stream()
            .filter(p -> p.x > 0 && p.y > 0 && Double.isFinite(p.x) && Double.isFinite(p.y))
            .toList();
    if (!shown.isEmpty()) {
      series.add(new Series(name, style, shown));
    }
    return this;
  }

  /** Distinct x values: with fewer than two there is no curve to show. */
  long places() {
    return points().mapToDouble(Point::x).distinct().count();
  }

  private Stream<Point> points() {
    return series.stream().flatMap(s -> s.points.stream());
  }

  /** A logarithmic axis between two positions in the picture. */
  private record Axis(double low, double high, double from, double to) {
    static Axis over(double[] values, double margin, double from, double to) {
      double low = Math.log10(values[0]);
      double high = Math.log10(values[values.length - 1]);
      double free = Math.max(0.05, margin * (high - low));
      return new Axis(low - free, high + free, from, to);
    }

    double place(double value) {
      return from + (to - from) * (Math.log10(value) - low) / (high - low);
    }

    /** Powers of ten, with 2 and 5 times them if there would be few. */
    double[] ticks() {
      List<Double> ticks = new ArrayList<>();
      double[] steps = high - low > 2.5 ? new double[] {1} : new double[] {1, 2, 5};
      for (int power = (int) Math.floor(low); power <= Math.ceil(high); power++) {
        for (double step : steps) {
          double value = step * Math.pow(10, power);
          double log = Math.log10(value);
          if (log >= low && log <= high) {
            ticks.add(value);
          }
        }
      }
      return ticks.stream().mapToDouble(Double::doubleValue).toArray();
    }
  }

  /** The picture as part of a page; some series must have been added. */
  String svg() {
    return svg("", "");
  }

  /**
   * The picture as a file of its own.
   *
   * @param styleSheet as that of a page
   */
  String file(String styleSheet) {
    String back = "<rect width=\"100%\" height=\"100%\" style=\"fill: var(--back)\"/>\n";
    return svg(
        " xmlns=\"http://www.w3.org/2000/svg\"", "<style>\n" + styleSheet + "</style>\n" + back);
  }

  private String svg(String attributes, String first) {
    double[] xs = points().mapToDouble(Point::x).sorted().distinct().toArray();
    double[] ys = points().mapToDouble(Point::y).sorted().distinct().toArray();
    Axis x = Axis.over(xs, 0.05, LEFT, RIGHT);
    Axis y = Axis.over(ys, 0.08, BOTTOM, TOP);
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg%s viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n%s",
        attributes,
        WIDTH,
        height(),
        Markup.escape(title),
        first);
    axes(svg, x, xs.length <= MOST_LABELS ? apart(x, xs) : x.ticks(), y);
    for (int k = 0; k < series.size(); k++) {
      draw(svg, series.get(k), k, x, y);
    }
    return svg.append("</svg>\n").toString();
  }

  /** A long legend makes the picture higher. */
  private int height() {
    return Math.max(LEAST_HEIGHT, nameAt(series.size()));
  }

  private static int nameAt(int number) {
    return TOP + 14 + LEGEND_ROW * number;
  }

  /** Neighbours differ in shape as in colour, and those of one colour in shape. */
  private static int shape(int number) {
    return (number + number / COLOURS) % SHAPES;
  }

  private static String dashes(int number) {
    return "limit d" + shape(number);
  }

  /** Measured x values as labels, as far as there is room. */
  private static double[] apart(Axis x, double[] values) {
    List<Double> kept = new ArrayList<>();
    double last = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      if (x.place(value) - last >= 44) {
        kept.add(value);
        last = x.place(value);
      }
    }
    return kept.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private void axes(StringBuilder svg, Axis x, double[] xTicks, Axis y) {
    for (double tick : xTicks) {
      double at = x.place(tick);
      add(svg, "<path class=\"grid\" d=\"M%.1f %dV%d\"/>", at, TOP, BOTTOM);
      add(
          svg,
          "<text class=\"middle\" x=\"%.1f\" y=\"%d\">%s</text>%n",
          at,
          BOTTOM + 18,
          Markup.escape(xLabel.apply(tick)));
    }
    for (double tick : y.ticks()) {
      double at = y.place(tick);
      add(svg, "<path class=\"grid\" d=\"M%d %.1fH%d\"/>", LEFT, at, RIGHT);
      add(
          svg,
          "<text class=\"end\" x=\"%d\" y=\"%.1f\">%s</text>%n",
          LEFT - 6,
          at + 4,
          Markup.escape(yLabel.apply(tick)));
    }
    add(svg, "<path class=\"axis\" d=\"M%d %dV%dH%d\"/>%n", LEFT, TOP, BOTTOM, RIGHT);
    add(
        svg,
        "<text class=\"middle\" x=\"%d\" y=\"%d\">%s</text>%n",
        (LEFT + RIGHT) / 2,
        BOTTOM + 42,
        Markup.escape(xName));
    int middle = (TOP + BOTTOM) / 2;
    add(
        svg,
        "<text class=\"middle\" transform=\"translate(14 %d) rotate(-90)\">%s</text>%n",
        middle,
        Markup.escape(yName));
  }

  private static void draw(StringBuilder svg, Series s, int number, Axis x, Axis y) {
    add(svg, "<g class=\"c%d\">%n", number % COLOURS);
    if (s.style != Style.POINTS) {
      StringBuilder path = new StringBuilder();
      for (Point p : s.points) {
        add(path, "%s%.1f %.1f", path.isEmpty() ? "M" : "L", x.place(p.x), y.place(p.y));
      }
      add(
          svg,
          "<path class=\"%s\" d=\"%s\"/>%n",
          s.style == Style.LIMIT ? dashes(number) : "line",
          path);
    }
    if (s.style != Style.LIMIT) {
      for (Point p : s.points) {
        mark(svg, number, x.place(p.x), y.place(p.y), p.note);
      }
    }
    int at = nameAt(number);
    if (s.style != Style.POINTS) {
      String kind = s.style == Style.LIMIT ? dashes(number) : "line";
      add(svg, "<path class=\"%s\" d=\"M%d %dh26\"/>", kind, RIGHT + 14, at - 4);
    }
    if (s.style != Style.LIMIT) {
      mark(svg, number, RIGHT + 27, at - 4, s.name);
    }
    add(svg, "<text x=\"%d\" y=\"%d\">%s</text></g>%n", RIGHT + 48, at, Markup.escape(s.name));
  }

  private static void mark(StringBuilder svg, int number, double x, double y, String note) {
    String shape =
        switch (shape(number)) {
          case 0 -> "m-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0";
          case 1 -> "m-4 -4h8v8h-8z";
          case 2 -> "m0 -5.5l5 9h-10z";
          default -> "m0 -5.5l5.5 5.5l-5.5 5.5l-5.5 -5.5z";
        };
    add(
        svg,
        "<path class=\"mark\" d=\"M%.1f %.1f%s\"><title>%s</title></path>%n",
        x,
        y,
        shape,
        Markup.escape(note));
  }

  private static void add(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }
}
