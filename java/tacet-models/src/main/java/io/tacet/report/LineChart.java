package io.tacet.report;

import io.tacet.files.AtomicFile;
import java.awt.BasicStroke;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Quantities against another one: lines, such as of a theory, and points, such as of measurements.
 * The content of a PNG file for {@link OutputFolder#write}.
 */
public final class LineChart implements AtomicFile.Content {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 380;

  private final XYChart chart;
  private int colours;
  private int points;

  /**
   * An empty chart with linear axes.
   *
   * @param title shown above; may be empty
   * @param x name of the horizontal axis
   * @param y name of the vertical axis
   */
  public LineChart(String title, String x, String y) {
    chart = ChartStyle.chart(WIDTH, HEIGHT, title);
    chart.setXAxisTitle(x);
    chart.setYAxisTitle(y);
  }

  /** Makes the horizontal axis logarithmic; all x must then be positive. */
  public LineChart logarithmicX() {
    styler().setXAxisLogarithmic(true).setXAxisLogarithmicDecadeOnly(true);
    return this;
  }

  /** Makes the vertical axis logarithmic; all y must then be positive. */
  public LineChart logarithmicY() {
    styler().setYAxisLogarithmic(true).setYAxisLogarithmicDecadeOnly(true);
    return this;
  }

  /** Shows the vertical axis from one value to another. */
  public LineChart range(double least, double most) {
    styler().setYAxisMin(least).setYAxisMax(most);
    return this;
  }

  /** Moves the legend from the upper right corner to the upper left one. */
  public LineChart legendLeft() {
    styler().setLegendPosition(LegendPosition.InsideNW);
    return this;
  }

  /** Moves the legend to the lower left corner. */
  public LineChart legendLowerLeft() {
    styler().setLegendPosition(LegendPosition.InsideSW);
    return this;
  }

  /** Moves the legend to the lower right corner. */
  public LineChart legendLowerRight() {
    styler().setLegendPosition(LegendPosition.InsideSE);
    return this;
  }

  /** Shows no legend, as where there are too many lines. */
  public LineChart withoutLegend() {
    styler().setLegendVisible(false);
    return this;
  }

  private XYStyler styler() {
    return chart.getStyler();
  }

  /**
   * Adds a line, in the next colour.
   *
   * @param name for the legend
   * @param xs ascending
   * @param ys as many; NaN leaves a gap
   */
  public LineChart line(String name, double[] xs, double[] ys) {
    XYSeries series = add(name, xs, ys, colours++);
    series.setLineStyle(new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    series.setMarker(SeriesMarkers.NONE);
    return this;
  }

  /** Adds points in the colour of the last line, which they belong to, without a legend. */
  public LineChart points(double[] xs, double[] ys) {
    int colour = Math.max(0, colours - 1);
    XYSeries series = add("points " + points++, xs, ys, colour);
    series.setLineStyle(new BasicStroke(0));
    series.setLineColor(ChartStyle.CLEAR);
    series.setMarker(SeriesMarkers.CIRCLE);
    series.setShowInLegend(false);
    return this;
  }

  private XYSeries add(String name, double[] xs, double[] ys, int colour) {
    if (xs.length == 0 || xs.length != ys.length) {
      throw new IllegalArgumentException(
          "xs, ys: expected as many numbers in both, at least one, got "
              + xs.length
              + " and "
              + ys.length
              + ".");
    }
    XYSeries series = chart.addSeries(name, xs, ys);
    series.setLineColor(ChartStyle.colour(colour));
    series.setMarkerColor(ChartStyle.colour(colour));
    return series;
  }

  /** The picture. */
  public BufferedImage image() {
    return ChartStyle.picture(WIDTH, HEIGHT, graphics -> ChartStyle.paint(chart, graphics, 0, 0));
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    Png.write(image(), out);
  }
}
