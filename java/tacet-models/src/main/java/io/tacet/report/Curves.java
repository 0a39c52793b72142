package io.tacet.report;

import io.tacet.files.AtomicFile;
import java.awt.BasicStroke;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Curves of any quantity over another one. The content of a PNG file. */
public final class Curves implements AtomicFile.Content {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 380;
  private static final int MOST_MARKERS = 30;

  private final XYChart chart;
  private int curves;

  /**
   * A picture without curves.
   *
   * @param across name of the quantity from left to right
   * @param up name of the other
   */
  public Curves(String title, String across, String up) {
    chart = ChartStyle.chart(WIDTH, HEIGHT, title);
    chart.setXAxisTitle(across);
    chart.setYAxisTitle(up);
  }

  /** The axis from left to right is logarithmic; all its numbers have to be positive then. */
  public Curves logarithmic() {
    chart.getStyler().setXAxisLogarithmic(true).setXAxisDecimalPattern("#.##");
    return this;
  }

  /** The upper axis goes from one number to another. */
  public Curves between(double low, double high) {
    chart.getStyler().setYAxisMin(low).setYAxisMax(high);
    return this;
  }

  /** The legend is below the curves, not above them. */
  public Curves legendBelow() {
    chart.getStyler().setLegendPosition(LegendPosition.InsideSE);
    return this;
  }

  /**
   * Adds a curve.
   *
   * @param name as in the legend
   * @param at ascending, at least one
   * @param values one for each; NaN leaves a gap
   * @return this picture
   */
  public Curves add(String name, double[] at, double[] values) {
    if (at.length == 0 || values.length != at.length) {
      throw new IllegalArgumentException(
          "at, values: expected as many of both, at least one, got "
              + at.length
              + " and "
              + values.length
              + ".");
    }
    XYSeries series = chart.addSeries(name, at, values);
    series.setLineColor(ChartStyle.colour(curves));
    series.setMarkerColor(ChartStyle.colour(curves++));
    series.setLineStyle(new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    series.setMarker(at.length > MOST_MARKERS ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
    return this;
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
