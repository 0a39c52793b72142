package io.tacet.report;

import io.tacet.files.AtomicFile;
import java.awt.BasicStroke;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** How often values occur, an outline for each of several sets. The content of a PNG file. */
public final class Histogram implements AtomicFile.Content {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 380;

  private final String title;
  private final String quantity;
  private final double low;
  private final double high;
  private final int bins;
  private final Map<String, double[]> counts = new LinkedHashMap<>();

  /**
   * An empty picture.
   *
   * @param quantity what the values are, for the axis
   * @param low least value shown
   * @param high largest value shown; others count in the outermost bins
   */
  public Histogram(String title, String quantity, double low, double high, int bins) {
    if (!(low < high) || bins < 1) {
      throw new IllegalArgumentException(
          "low, high, bins: expected low < high and at least one bin, got "
              + low
              + ", "
              + high
              + ", "
              + bins
              + ".");
    }
    this.title = title;
    this.quantity = quantity;
    this.low = low;
    this.high = high;
    this.bins = bins;
  }

  /** Adds a set of values under a name for the legend. */
  public Histogram add(String name, double[] values) {
    double[] count = new double[bins];
    for (double value : values) {
      int bin = (int) Math.floor((value - low) / (high - low) * bins);
      count[Math.max(0, Math.min(bins - 1, bin))]++;
    }
    counts.put(name, count);
    return this;
  }

  /** The picture. */
  public BufferedImage image() {
    XYChart chart = ChartStyle.chart(WIDTH, HEIGHT, title);
    chart.setXAxisTitle(quantity);
    chart.setYAxisTitle("number");
    chart.getStyler().setXAxisMin(low).setXAxisMax(high).setYAxisMin(0.0);
    double width = (high - low) / bins;
    int colour = 0;
    for (Map.Entry<String, double[]> set : counts.entrySet()) {
      double[] xs = new double[2 * bins];
      double[] ys = new double[2 * bins];
      for (int bin = 0; bin < bins; bin++) {
        xs[2 * bin] = low + bin * width;
        xs[2 * bin + 1] = low + (bin + 1) * width;
        ys[2 * bin] = set.getValue()[bin];
        ys[2 * bin + 1] = ys[2 * bin];
      }
      XYSeries series = chart.addSeries(set.getKey(), xs, ys);
      series.setLineColor(ChartStyle.colour(colour++));
      series.setLineStyle(new BasicStroke(2));
      series.setMarker(SeriesMarkers.NONE);
    }
    return ChartStyle.picture(WIDTH, HEIGHT, graphics -> ChartStyle.paint(chart, graphics, 0, 0));
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    Png.write(image(), out);
  }
}
