package io.tacet.report;

import io.tacet.files.AtomicFile;
import java.awt.BasicStroke;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Activity over the epochs of a training. The content of a PNG file. */
public final class ActivityCurve implements AtomicFile.Content {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 380;

  private final String title;
  private final double[] epochs;
  private final double[] percent;

  /**
   * A picture.
   *
   * @param epochs numbers of the epochs, at least one
   * @param activity of each, in [0, 1]
   */
  public ActivityCurve(String title, int[] epochs, double[] activity) {
    if (epochs.length == 0 || activity.length != epochs.length) {
      throw new IllegalArgumentException(
          "epochs, activity: expected as many, at least one, got "
              + epochs.length
              + " and "
              + activity.length
              + ".");
    }
    this.title = title;
    this.epochs = Arrays.stream(epochs).asDoubleStream().toArray();
    this.percent = Arrays.stream(activity).map(a -> 100 * a).toArray();
  }

  /** The picture. */
  public BufferedImage image() {
    XYChart chart = ChartStyle.chart(WIDTH, HEIGHT, title + ": activity");
    chart.setXAxisTitle("epoch");
    chart.setYAxisTitle("units with an event in a step (%)");
    chart.getStyler().setLegendVisible(false);
    chart
        .getStyler()
        .setXAxisMin(0.0)
        .setXAxisMax(epochs[epochs.length - 1])
        .setXAxisDecimalPattern("#")
        .setYAxisMin(0.0);
    XYSeries series = chart.addSeries("activity", epochs, percent);
    series.setLineColor(ChartStyle.colour(0));
    series.setMarkerColor(ChartStyle.colour(0));
    series.setLineStyle(new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    series.setMarker(SeriesMarkers.CIRCLE);
    return ChartStyle.picture(WIDTH, HEIGHT, graphics -> ChartStyle.paint(chart, graphics, 0, 0));
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    Png.write(image(), out);
  }
}
