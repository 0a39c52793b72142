package io.tacet.report;

import io.tacet.files.AtomicFile;
import java.awt.BasicStroke;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Lattices of points in a plane, such as conditions placed by multidimensional scaling, in panels
 * side by side with one scale for both directions. The content of a PNG file.
 */
public final class Lattices implements AtomicFile.Content {
  private static final int SIDE = 220;
  private static final int GAP = 14;
  private static final int TOP = 62;
  private static final double RADIUS = 4;

  private final String title;
  private final List<String> names;
  private final Map<String, double[][][][]> panels = new LinkedHashMap<>();

  /**
   * A picture without panels.
   *
   * @param names of the lattices of each panel, as in the legend
   */
  public Lattices(String title, List<String> names) {
    this.title = title;
    this.names = List.copyOf(names);
  }

  /**
   * Adds a panel.
   *
   * @param name shown above it
   * @param points [lattices][rows][columns][2], finite; neighbours in rows and columns are joined;
   *     not copied
   * @return this picture
   */
  public Lattices add(String name, double[][][][] points) {
    if (points.length != names.size()) {
      throw new IllegalArgumentException(
          "points: expected " + names.size() + " lattices, got " + points.length + ".");
    }
    panels.put(name, points);
    return this;
  }

  /** The picture. */
  public BufferedImage image() {
    int width = GAP + panels.size() * (SIDE + GAP);
    return ChartStyle.picture(width, TOP + SIDE + GAP, this::paint);
  }

  private void paint(Graphics2D graphics) {
    graphics.setColor(ChartStyle.TEXT);
    graphics.setFont(ChartStyle.font(Font.BOLD, 15));
    graphics.drawString(title, GAP, 22);
    graphics.setFont(ChartStyle.font(Font.PLAIN, 12));
    int at = GAP;
    for (int k = 0; k < names.size(); k++) {
      graphics.setColor(ChartStyle.colour(k));
      graphics.drawString(names.get(k), at, 39);
      at += graphics.getFontMetrics().stringWidth(names.get(k)) + GAP;
    }
    int x = GAP;
    for (Map.Entry<String, double[][][][]> panel : panels.entrySet()) {
      graphics.setColor(ChartStyle.TEXT);
      graphics.drawString(panel.getKey(), x, TOP - 6);
      graphics.setColor(ChartStyle.BORDER);
      graphics.drawRect(x, TOP, SIDE, SIDE);
      paint(graphics, x, panel.getValue());
      x += SIDE + GAP;
    }
  }

  private static void paint(Graphics2D graphics, int x, double[][][][] lattices) {
    double most = 1e-30;
    for (double[][][] lattice : lattices) {
      for (double[][] row : lattice) {
        for (double[] point : row) {
          most = Math.max(most, Math.max(Math.abs(point[0]), Math.abs(point[1])));
        }
      }
    }
    Graphics2D part = (Graphics2D) graphics.create();
    part.translate(x + SIDE / 2.0, TOP + SIDE / 2.0);
    double scale = (SIDE / 2.0 - 2 * RADIUS) / most;
    for (int k = 0; k < lattices.length; k++) {
      part.setColor(ChartStyle.colour(k));
      paint(part, scale, lattices[k]);
    }
    part.dispose();
  }

  private static void paint(Graphics2D graphics, double scale, double[][][] lattice) {
    graphics.setStroke(new BasicStroke(1));
    for (int i = 0; i < lattice.length; i++) {
      for (int j = 0; j < lattice[i].length; j++) {
        double x = scale * lattice[i][j][0];
        double y = -scale * lattice[i][j][1];
        if (i > 0) {
          line(graphics, x, y, scale, lattice[i - 1][j]);
        }
        if (j > 0) {
          line(graphics, x, y, scale, lattice[i][j - 1]);
        }
        graphics.fill(new Ellipse2D.Double(x - RADIUS, y - RADIUS, 2 * RADIUS, 2 * RADIUS));
      }
    }
  }

  private static void line(Graphics2D graphics, double x, double y, double scale, double[] to) {
    graphics.draw(new Line2D.Double(x, y, scale * to[0], -scale * to[1]));
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    Png.write(image(), out);
  }
}
