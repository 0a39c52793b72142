package io.tacet.report;

import io.tacet.files.AtomicFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** One quantity against another, a point for each pair. The content of a PNG file. */
public final class Scatter implements AtomicFile.Content {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 380;
  private static final int POINT = 4;

  private final XYChart chart;
  private int sets;

  /**
   * An empty picture.
   *
   * @param across name of the horizontal axis
   * @param up name of the vertical axis
   */
  public Scatter(String title, String across, String up) {
    chart = ChartStyle.chart(WIDTH, HEIGHT, title);
    chart.setXAxisTitle(across);
    chart.setYAxisTitle(up);
    chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    chart.getStyler().setMarkerSize(POINT);
  }

  /**
   * Adds a set under a name for the legend.
   *
   * @throws IllegalArgumentException if there are not as many numbers of both
   */
  public Scatter add(String name, double[] xs, double[] ys) {
    if (xs.length != ys.length) {
      throw new IllegalArgumentException(
          "ys: expected " + xs.length + ", one for each of xs, got " + ys.length + ".");
    }
    XYSeries series = chart.addSeries(name, xs, ys);
    series.setMarkerColor(ChartStyle.colour(sets++));
    series.setMarker(SeriesMarkers.CIRCLE);
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
