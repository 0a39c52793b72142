package io.tacet.report;

import io.tacet.files.AtomicFile;
import java.awt.BasicStroke;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Activity over epochs, or over the steps of a sequence. The content of a PNG file. */
public final class ActivityCurve implements AtomicFile.Content {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 380;
  private static final int MOST_MARKERS = 100;

  private final String title;
  private final String axis;
  private final double[] at;
  private final Map<String, double[]> curves = new LinkedHashMap<>();

  /**
   * A picture without curves.
   *
   * @param axis what is counted from left to right, such as epoch
   * @param at its numbers, at least one, ascending
   */
  public ActivityCurve(String title, String axis, int[] at) {
    if (at.length == 0) {
      throw new IllegalArgumentException("at: expected at least one number, got none.");
    }
    this.title = title;
    this.axis = axis;
    this.at = Arrays.stream(at).asDoubleStream().toArray();
  }

  /**
   * Adds a curve.
   *
   * @param name as in the legend, which is shown where there are several
   * @param activity at each number, in [0, 1]
   * @return this picture
   */
  public ActivityCurve add(String name, double[] activity) {
    if (activity.length != at.length) {
      throw new IllegalArgumentException(
          "activity: expected " + at.length + " values, got " + activity.length + ".");
    }
    curves.put(name, Arrays.stream(activity).map(a -> 100 * a).toArray());
    return this;
  }

  /** The picture. */
  public BufferedImage image() {
    XYChart chart = ChartStyle.chart(WIDTH, HEIGHT, title + ": activity");
    chart.setXAxisTitle(axis);
    chart.setYAxisTitle("units with an event in a step (%)");
    chart.getStyler().setLegendVisible(curves.size() > 1);
    chart
        .getStyler()
        .setXAxisMin(0.0)
        .setXAxisMax(at[at.length - 1])
        .setXAxisDecimalPattern("#")
        .setYAxisMin(0.0);
    int number = 0;
    for (Map.Entry<String, double[]> curve : curves.entrySet()) {
      XYSeries series = chart.addSeries(curve.getKey(), at, curve.getValue());
      series.setLineColor(ChartStyle.colour(number));
      series.setMarkerColor(ChartStyle.colour(number++));
      series.setLineStyle(new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
      series.setMarker(at.length > MOST_MARKERS ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
    }
    return ChartStyle.picture(WIDTH, HEIGHT, graphics -> ChartStyle.paint(chart, graphics, 0, 0));
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    Png.write(image(), out);
  }
}
