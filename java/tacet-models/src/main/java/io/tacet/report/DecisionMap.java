package io.tacet.report;

import io.tacet.files.AtomicFile;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.Marker;

/**
 * Which class a classifier gives to each point of the unit square: areas in the colour of their
 * class and, if given, labelled points on top, those classified wrongly ringed in black. The
 * content of a PNG file for {@link OutputFolder#write}.
 */
public final class DecisionMap implements AtomicFile.Content {
  private static final int HEIGHT = 640;
  private static final double AREA_STRENGTH = 0.38;
  private static final double POINT_SIZE = 5.5;

  private final String title;
  private final List<String> classes;
  private final int side;
  private final int[] predicted;
  private final List<Point> points = new ArrayList<>();

  private record Point(double x, double y, int label, boolean wrong) {}

  /**
   * A map without points.
   *
   * @param title shown above; may be empty
   * @param classes names of the classes, at least one
   * @param side cells per side of the grid, at least 1
   * @param predicted class of each cell, int[side * side], row by row from y = 0 upwards, as {@code
   *     YinYang.grid} gives them; -1 leaves a cell blank; copied
   * @throws IllegalArgumentException if sizes or classes are out of range
   */
  public DecisionMap(String title, List<String> classes, int side, int[] predicted) {
    if (side < 1 || predicted.length != (long) side * side) {
      throw new IllegalArgumentException(
          String.format(
              "predicted: expected side * side cells, got %d for a side of %d.",
              predicted.length, side));
    }
    for (int label : predicted) {
      checkClass("predicted", label, -1, classes.size());
    }
    this.title = title;
    this.classes = List.copyOf(classes);
    this.side = side;
    this.predicted = predicted.clone();
  }

  /**
   * Adds labelled points.
   *
   * @param xs x of each, in [0, 1]; points elsewhere are not seen
   * @param ys y of each, in [0, 1]
   * @param labels true class of each
   * @param predictions class given to each, or -1 for none
   * @return this picture
   * @throws IllegalArgumentException if the arrays differ in length or a class is out of range
   */
  public DecisionMap points(double[] xs, double[] ys, int[] labels, int[] predictions) {
    if (ys.length != xs.length || labels.length != xs.length || predictions.length != xs.length) {
      throw new IllegalArgumentException(
          String.format(
              "xs, ys, labels, predictions: expected equal lengths, got %d, %d, %d and %d.",
              xs.length, ys.length, labels.length, predictions.length));
    }
    for (int i = 0; i < xs.length; i++) {
      checkClass("labels", labels[i], 0, classes.size());
      checkClass("predictions", predictions[i], -1, classes.size());
    }
    for (int i = 0; i < xs.length; i++) {
      points.add(new Point(xs[i], ys[i], labels[i], labels[i] != predictions[i]));
    }
    return this;
  }

  /** The picture. */
  public BufferedImage image() {
    XYChart chart = chart();
    int width = squareWidth(chart);
    return ChartStyle.picture(
        width,
        HEIGHT,
        graphics -> {
          int left = (int) Math.round(chart.getScreenXFromChart(0));
          int right = (int) Math.round(chart.getScreenXFromChart(1));
          int top = (int) Math.round(chart.getScreenYFromChart(1));
          int bottom = (int) Math.round(chart.getScreenYFromChart(0));
          graphics.drawImage(areas(), left, top, right - left, bottom - top, null);
          chart.paint(graphics, width, HEIGHT);
        });
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    Png.write(image(), out);
  }

  private static void checkClass(String argument, int label, int least, int classes) {
    if (label < least || label >= classes) {
      throw new IllegalArgumentException(
          String.format(
              "%s: expected classes in [%d, %d), got %d.", argument, least, classes, label));
    }
  }

  private BufferedImage areas() {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int row = 0; row < side; row++) {
      for (int column = 0; column < side; column++) {
        int label = predicted[row * side + column];
        Color colour =
            label < 0 ? Color.WHITE : ChartStyle.tint(ChartStyle.colour(label), AREA_STRENGTH);
        image.setRGB(column, side - 1 - row, colour.getRGB());
      }
    }
    return image;
  }

  /** The width at which the plot is a square; leaves the chart laid out at that width. */
  private static int squareWidth(XYChart chart) {
    int width = HEIGHT;
    for (int round = 0; round < 2; round++) {
      int now = width;
      ChartStyle.picture(now, HEIGHT, graphics -> chart.paint(graphics, now, HEIGHT));
      double across = chart.getScreenXFromChart(1) - chart.getScreenXFromChart(0);
      double up = chart.getScreenYFromChart(0) - chart.getScreenYFromChart(1);
      width += (int) Math.round(up - across);
    }
    int last = width;
    ChartStyle.picture(last, HEIGHT, graphics -> chart.paint(graphics, last, HEIGHT));
    return width;
  }

  private XYChart chart() {
    XYChart chart = ChartStyle.chart(HEIGHT, HEIGHT, title);
    chart
        .getStyler()
        .setChartBackgroundColor(ChartStyle.CLEAR)
        .setPlotBackgroundColor(ChartStyle.CLEAR)
        .setLegendPosition(LegendPosition.OutsideS)
        .setLegendLayout(LegendLayout.Horizontal)
        .setPlotContentSize(1);
    chart
        .getStyler()
        .setXAxisMin(0.0)
        .setXAxisMax(1.0)
        .setYAxisMin(0.0)
        .setYAxisMax(1.0)
        .setPlotGridLinesVisible(false);
    chart.setXAxisTitle("x");
    chart.setYAxisTitle("y");
    for (int c = 0; c < classes.size(); c++) {
      add(chart, classes.get(c), c, false);
    }
    if (points.stream().anyMatch(Point::wrong)) {
      for (int c = 0; c < classes.size(); c++) {
        add(chart, classes.get(c), c, true);
      }
      add(chart, wrongCaption(), -1, true);
    }
    return chart;
  }

  private String wrongCaption() {
    long wrong = points.stream().filter(Point::wrong).count();
    return "wrong (" + wrong + " of " + points.size() + ")";
  }

  /** A series of points; one beyond the plot where there are none, for the sake of the legend. */
  private void add(XYChart chart, String name, int label, boolean wrong) {
    List<Point> chosen =
        points.stream().filter(p -> p.label() == label && p.wrong() == wrong).toList();
    double[] xs = {-1};
    double[] ys = {-1};
    if (!chosen.isEmpty()) {
      xs = chosen.stream().mapToDouble(Point::x).toArray();
      ys = chosen.stream().mapToDouble(Point::y).toArray();
    }
    boolean inLegend = label < 0 || !wrong;
    XYSeries series = chart.addSeries(inLegend ? name : name + ", wrong", xs, ys);
    series.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    series.setMarkerColor(label < 0 ? Color.WHITE : ChartStyle.colour(label));
    series.setMarker(new Dot(wrong ? Color.BLACK : Color.WHITE));
    series.setShowInLegend(inLegend);
  }

  /** A filled circle with a rim. */
  private static final class Dot extends Marker {
    private final Color rim;

    Dot(Color rim) {
      this.rim = rim;
    }

    @Override
    public void paint(Graphics2D graphics, double x, double y, int markerSize) {
      boolean ringed = rim.equals(Color.BLACK);
      double size = ringed ? POINT_SIZE + 2 : POINT_SIZE;
      Ellipse2D circle = new Ellipse2D.Double(x - size / 2, y - size / 2, size, size);
      graphics.fill(circle);
      graphics.setColor(rim);
      graphics.setStroke(new BasicStroke(ringed ? 1.6f : 0.6f));
      graphics.draw(circle);
    }
  }
}
