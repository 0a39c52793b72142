package io.tacet.report;

import io.tacet.files.AtomicFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategorySeries;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * A figure of several cases from several sources, such as published and own ones, as groups of bars
 * from 0. The content of a PNG file.
 */
public final class Bars implements AtomicFile.Content {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 320;

  private final List<String> cases;
  private final CategoryChart chart;
  private int sources;

  /**
   * A picture without bars.
   *
   * @param title shown above
   * @param axis what the cases are
   * @param quantity what the values are
   * @param cases names of the groups, at least one
   */
  public Bars(String title, String axis, String quantity, List<String> cases) {
    if (cases.isEmpty()) {
      throw new IllegalArgumentException("cases: expected at least one, got none.");
    }
    this.cases = List.copyOf(cases);
    chart = ChartStyle.bars(WIDTH, HEIGHT, title);
    chart.setXAxisTitle(axis);
    chart.setYAxisTitle(quantity);
    chart
        .getStyler()
        .setAvailableSpaceFill(0.8)
        .setLegendPosition(LegendPosition.OutsideS)
        .setLegendLayout(LegendLayout.Horizontal);
    chart
        .getStyler()
        .setXAxisMaxLabelCount(cases.size())
        .setYAxisMin(0.0)
        .setPlotGridVerticalLinesVisible(false);
  }

  /**
   * Adds a bar to each group.
   *
   * @param name for the legend
   * @param values one for each case, at least 0
   * @param deviations of the values, shown as a line; null if there are none
   */
  public Bars add(String name, List<Double> values, List<Double> deviations) {
    if (values.size() != cases.size()
        || (deviations != null && deviations.size() != cases.size())) {
      throw new IllegalArgumentException(
          "values, deviations: expected one for each of "
              + cases.size()
              + " cases, got "
              + values.size()
              + " and "
              + (deviations == null ? "none" : deviations.size())
              + ".");
    }
    CategorySeries series =
        deviations == null
            ? chart.addSeries(name, cases, values)
            : chart.addSeries(name, cases, values, deviations);
    series.setFillColor(ChartStyle.colour(sources++));
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
