package io.tacet.report;

import io.tacet.files.AtomicFile;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Matrices as pictures side by side, in rows of as many: darker is larger. The content of a PNG
 * file.
 */
public final class HeatMaps implements AtomicFile.Content {
  /** Of a matrix; with 128 elements each has whole pixels, which also makes files smaller. */
  private static final int SIDE = 128;

  private static final int GAP = 34;
  private static final int LEFT = 26;
  private static final int TOP = 44;
  private static final int SHADES = 16;

  private final String title;
  private final int columns;
  private final List<Panel> panels = new ArrayList<>();

  private record Panel(
      String name, String across, String down, double[][] values, double low, double high) {}

  /**
   * A picture without matrices.
   *
   * @param title shown above
   * @param columns matrices in a row, at least 1
   */
  public HeatMaps(String title, int columns) {
    if (columns < 1) {
      throw new IllegalArgumentException("columns: expected at least 1, got " + columns + ".");
    }
    this.title = title;
    this.columns = columns;
  }

  /**
   * Adds a matrix.
   *
   * @param name shown above it
   * @param across what its columns are
   * @param down what its rows are, the first at the top
   * @param values rows of the same length, at least one; not copied
   * @param low what is white, with all below
   * @param high what is darkest, with all above
   */
  public HeatMaps add(
      String name, String across, String down, double[][] values, double low, double high) {
    if (values.length == 0 || values[0].length == 0 || !(low < high)) {
      throw new IllegalArgumentException(
          "values, low, high: expected at least one element and low < high, got "
              + values.length
              + " rows, "
              + low
              + " and "
              + high
              + ".");
    }
    for (double[] row : values) {
      if (row.length != values[0].length) {
        throw new IllegalArgumentException(
            "values: expected rows of "
                + values[0].length
                + " like the first, got one of "
                + row.length
                + ".");
      }
    }
    panels.add(new Panel(name, across, down, values, low, high));
    return this;
  }

  /** The picture. */
  public BufferedImage image() {
    int rows = (panels.size() + columns - 1) / columns;
    return ChartStyle.picture(
        LEFT + columns * (SIDE + GAP), TOP + rows * (SIDE + GAP + 12), this::paint);
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    Png.write(image(), out);
  }

  private void paint(Graphics2D graphics) {
    graphics.setColor(ChartStyle.TEXT);
    graphics.setFont(ChartStyle.font(Font.BOLD, 15));
    graphics.drawString(title, LEFT, 20);
    graphics.setFont(ChartStyle.font(Font.PLAIN, 12));
    for (int p = 0; p < panels.size(); p++) {
      Panel panel = panels.get(p);
      int x = LEFT + p % columns * (SIDE + GAP);
      int y = TOP + p / columns * (SIDE + GAP + 12);
      graphics.drawImage(shades(panel), x, y, SIDE, SIDE, null);
      graphics.setColor(ChartStyle.BORDER);
      graphics.drawRect(x, y, SIDE, SIDE);
      graphics.setColor(ChartStyle.TEXT);
      graphics.drawString(panel.name(), x, y - 5);
      int width = graphics.getFontMetrics().stringWidth(panel.across());
      graphics.drawString(panel.across(), x + (SIDE - width) / 2, y + SIDE + 15);
      Graphics2D turned = (Graphics2D) graphics.create();
      turned.translate(x - 7, y + (SIDE + graphics.getFontMetrics().stringWidth(panel.down())) / 2);
      turned.rotate(-Math.PI / 2);
      turned.drawString(panel.down(), 0, 0);
      turned.dispose();
    }
  }

  /** A pixel for each element; a few shades, since more make large files. */
  private static BufferedImage shades(Panel panel) {
    double[][] values = panel.values();
    BufferedImage image =
        new BufferedImage(values[0].length, values.length, BufferedImage.TYPE_INT_RGB);
    for (int row = 0; row < values.length; row++) {
      for (int column = 0; column < values[row].length; column++) {
        image.setRGB(column, row, shade(panel, values[row][column]).getRGB());
      }
    }
    return image;
  }

  private static Color shade(Panel panel, double value) {
    double part = (value - panel.low()) / (panel.high() - panel.low());
    double within = Math.max(0, Math.min(1, part));
    return Double.isNaN(part)
        ? ChartStyle.GRID
        : ChartStyle.tint(ChartStyle.colour(9), Math.rint(within * SHADES) / SHADES);
  }
}
