package io.tacet.report;

import io.tacet.files.AtomicFile;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Matrices of numbers that are not negative, side by side, from white at 0 to the darkest at the
 * largest number of each. The content of a PNG file.
 */
public final class Matrices implements AtomicFile.Content {
  private static final int SIDE = 170;
  private static final int GAP = 14;
  private static final int TOP = 62;

  private final String title;
  private final Map<String, double[][]> matrices = new LinkedHashMap<>();

  /** A picture without matrices. */
  public Matrices(String title) {
    this.title = title;
  }

  /**
   * Adds a matrix.
   *
   * @param name shown above it
   * @param values [rows][columns] of finite numbers, at least 0; not copied
   * @return this picture
   */
  public Matrices add(String name, double[][] values) {
    if (values.length == 0 || values[0].length == 0) {
      throw new IllegalArgumentException("values: expected a matrix, got an empty one.");
    }
    matrices.put(name, values);
    return this;
  }

  /** The picture. */
  public BufferedImage image() {
    int width = GAP + matrices.size() * (SIDE + GAP);
    return ChartStyle.picture(width, TOP + SIDE + GAP, this::paint);
  }

  private void paint(Graphics2D graphics) {
    graphics.setColor(ChartStyle.TEXT);
    graphics.setFont(ChartStyle.font(Font.BOLD, 15));
    graphics.drawString(title, GAP, 24);
    graphics.setFont(ChartStyle.font(Font.PLAIN, 12));
    int x = GAP;
    for (Map.Entry<String, double[][]> matrix : matrices.entrySet()) {
      graphics.setColor(ChartStyle.TEXT);
      graphics.drawString(matrix.getKey(), x, TOP - 8);
      paint(graphics, x, matrix.getValue());
      x += SIDE + GAP;
    }
  }

  private static void paint(Graphics2D graphics, int x, double[][] values) {
    double most = 0;
    for (double[] row : values) {
      for (double value : row) {
        most = Math.max(most, value);
      }
    }
    for (int i = 0; i < values.length; i++) {
      int top = TOP + SIDE * i / values.length;
      int bottom = TOP + SIDE * (i + 1) / values.length;
      for (int j = 0; j < values[i].length; j++) {
        int left = x + SIDE * j / values[i].length;
        int right = x + SIDE * (j + 1) / values[i].length;
        double part = most > 0 ? values[i][j] / most : 0;
        graphics.setColor(ChartStyle.tint(ChartStyle.colour(0), part));
        graphics.fillRect(left, top, right - left, bottom - top);
      }
    }
    graphics.setColor(ChartStyle.BORDER);
    graphics.drawRect(x, TOP, SIDE, SIDE);
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    Png.write(image(), out);
  }
}
