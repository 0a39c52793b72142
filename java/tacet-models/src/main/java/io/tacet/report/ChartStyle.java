package io.tacet.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.Locale;
import java.util.function.Consumer;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;

/** The look that all charts share. Sizes are in points; pictures have two pixels per point. */
final class ChartStyle {
  /** Colours that the colour-blind can tell apart (Okabe and Ito), darkened a little. */
  static final Color[] PALETTE = {
    new Color(0x0072b2), new Color(0xd55e00), new Color(0x009e73), new Color(0xaa4499),
    new Color(0xe69f00), new Color(0x56b4e9), new Color(0x882255), new Color(0x777777),
    new Color(0x44aa99), new Color(0x332288)
  };

  static final Color TEXT = new Color(0x30343b);
  static final Color GRID = new Color(0xe3e6ea);
  static final Color BORDER = new Color(0xb4bac2);
  static final Color CLEAR = new Color(255, 255, 255, 0);

  private static final int SCALE = 2;

  private ChartStyle() {}

  static Color colour(int index) {
    return PALETTE[Math.floorMod(index, PALETTE.length)];
  }

  static Font font(int style, int size) {
    return new Font(Font.SANS_SERIF, style, size);
  }

  /** Colour between white (0) and {@code colour} (1). */
  static Color tint(Color colour, double strength) {
    return new Color(
        (int) Math.round(255 + strength * (colour.getRed() - 255)),
        (int) Math.round(255 + strength * (colour.getGreen() - 255)),
        (int) Math.round(255 + strength * (colour.getBlue() - 255)));
  }

  static XYChart chart(int width, int height, String title) {
    XYChart chart = new XYChart(width, height);
    style(chart, chart.getStyler(), title);
    return chart;
  }

  static CategoryChart bars(int width, int height, String title) {
    CategoryChart chart = new CategoryChart(width, height);
    style(chart, chart.getStyler(), title);
    return chart;
  }

  private static void style(Chart<?, ?> chart, AxesChartStyler styler, String title) {
    chart.setTitle(title);
    styler
        .setLocale(Locale.ROOT)
        .setChartBackgroundColor(Color.WHITE)
        .setChartFontColor(TEXT)
        .setChartTitleFont(font(Font.BOLD, 15))
        .setChartTitleBoxVisible(false)
        .setChartTitleVisible(!title.isEmpty())
        .setChartPadding(10)
        .setPlotBackgroundColor(Color.WHITE)
        .setPlotBorderColor(BORDER)
        .setLegendBorderColor(CLEAR)
        .setLegendBackgroundColor(new Color(255, 255, 255, 215))
        .setLegendFont(font(Font.PLAIN, 12))
        .setLegendLayout(LegendLayout.Vertical)
        .setLegendPosition(LegendPosition.InsideNE);
    styler
        .setAxisTitleFont(font(Font.PLAIN, 13))
        .setAxisTickLabelsFont(font(Font.PLAIN, 12))
        .setAxisTickLabelsColor(TEXT)
        .setAxisTickMarksColor(BORDER)
        .setAxisTicksLineVisible(false)
        .setPlotGridLinesColor(GRID)
        .setPlotGridLinesStroke(new BasicStroke(1))
        .setPlotMargin(0);
  }

  /** A picture of {@code width} x {@code height} points on white. */
  static BufferedImage picture(int width, int height, Consumer<Graphics2D> painter) {
    BufferedImage image =
        new BufferedImage(width * SCALE, height * SCALE, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = image.createGraphics();
    graphics.setColor(Color.WHITE);
    graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
    graphics.scale(SCALE, SCALE);
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    graphics.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    painter.accept(graphics);
    graphics.dispose();
    return image;
  }

  /** Paints a chart with its upper left corner at a place of a picture. */
  static void paint(Chart<?, ?> chart, Graphics2D graphics, int x, int y) {
    Graphics2D part = (Graphics2D) graphics.create();
    part.translate(x, y);
    chart.paint(part, chart.getWidth(), chart.getHeight());
    part.dispose();
  }
}
