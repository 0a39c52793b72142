package io.tacet.report;

import io.tacet.files.AtomicFile;
import io.tacet.network.Positions;
import java.awt.BasicStroke;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Units in space, seen at an angle, with lines for the strongest connections, one panel for each
 * network; units have the colour of their community. The content of a PNG file.
 */
public final class EmbeddingPicture implements AtomicFile.Content {
  private static final int PANEL = 330;
  private static final int TOP = 34;
  private static final int MARGIN = 30;
  private static final double TURN = Math.toRadians(25);
  private static final double TILT = Math.toRadians(20);

  private final Positions positions;
  private final Map<String, Panel> panels = new LinkedHashMap<>();

  private record Panel(int[][] edges, int[] communities) {}

  /** Of units at these places, in up to three dimensions. */
  public EmbeddingPicture(Positions positions) {
    if (positions.dimensions() > 3) {
      throw new IllegalArgumentException(
          "positions: expected up to 3 coordinates, got " + positions.dimensions() + ".");
    }
    this.positions = positions;
  }

  /**
   * Adds a network.
   *
   * @param edges pairs of units
   * @param communities of each unit, from 0
   */
  public EmbeddingPicture add(String title, int[][] edges, int[] communities) {
    if (communities.length != positions.units()) {
      throw new IllegalArgumentException(
          "communities: expected one of each of "
              + positions.units()
              + " units, got "
              + communities.length
              + ".");
    }
    panels.put(title, new Panel(edges, communities));
    return this;
  }

  private double coordinate(int unit, int axis) {
    return axis < positions.dimensions() ? positions.coordinate(unit, axis) : 0;
  }

  /** To the right, downwards and away from whoever looks. */
  private double[] seen(int unit) {
    double x = coordinate(unit, 0);
    double y = coordinate(unit, 1);
    double z = coordinate(unit, 2);
    double away = x * Math.sin(TURN) + y * Math.cos(TURN);
    return new double[] {
      x * Math.cos(TURN) - y * Math.sin(TURN),
      -z * Math.cos(TILT) - away * Math.sin(TILT),
      away * Math.cos(TILT) - z * Math.sin(TILT)
    };
  }

  /** Places of all units in a panel, with their depth from 0 in front to 1. */
  private double[][] places() {
    double[][] places = new double[positions.units()][];
    Arrays.setAll(places, this::seen);
    double[] low = places[0].clone();
    double[] high = places[0].clone();
    for (double[] place : places) {
      for (int axis = 0; axis < 3; axis++) {
        low[axis] = Math.min(low[axis], place[axis]);
        high[axis] = Math.max(high[axis], place[axis]);
      }
    }
    double extent = Math.max(1e-9, Math.max(high[0] - low[0], high[1] - low[1]));
    double scale = (PANEL - 2 * MARGIN) / extent;
    double depth = Math.max(1e-9, high[2] - low[2]);
    for (double[] place : places) {
      place[0] = PANEL / 2.0 + (place[0] - (low[0] + high[0]) / 2) * scale;
      place[1] = PANEL / 2.0 + (place[1] - (low[1] + high[1]) / 2) * scale;
      place[2] = (place[2] - low[2]) / depth;
    }
    return places;
  }

  /** The picture. */
  public BufferedImage image() {
    int width = Math.max(1, panels.size()) * PANEL;
    return ChartStyle.picture(
        width,
        PANEL + TOP,
        graphics -> {
          int number = 0;
          for (Map.Entry<String, Panel> each : panels.entrySet()) {
            Graphics2D part = (Graphics2D) graphics.create();
            part.translate(number++ * PANEL, 0);
            paint(part, each.getKey(), each.getValue());
            part.dispose();
          }
        });
  }

  private void paint(Graphics2D graphics, String title, Panel panel) {
    graphics.setColor(ChartStyle.TEXT);
    graphics.setFont(ChartStyle.font(Font.BOLD, 15));
    int wide = graphics.getFontMetrics().stringWidth(title);
    graphics.drawString(title, (PANEL - wide) / 2, 24);
    graphics.translate(0, TOP);
    double[][] places = places();
    List<int[]> edges = new ArrayList<>(Arrays.asList(panel.edges));
    edges.sort(Comparator.comparingDouble(edge -> -places[edge[0]][2] - places[edge[1]][2]));
    graphics.setStroke(new BasicStroke(0.8f));
    for (int[] edge : edges) {
      double[] from = places[edge[0]];
      double[] to = places[edge[1]];
      boolean within = panel.communities[edge[0]] == panel.communities[edge[1]];
      graphics.setColor(
          within
              ? ChartStyle.tint(
                  ChartStyle.colour(panel.communities[edge[0]]), 0.75 - 0.4 * (from[2] + to[2]) / 2)
              : ChartStyle.GRID);
      graphics.draw(new Line2D.Double(from[0], from[1], to[0], to[1]));
    }
    Integer[] order = new Integer[places.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> -places[i][2]));
    for (int unit : order) {
      double size = 9 - 4 * places[unit][2];
      graphics.setColor(ChartStyle.colour(panel.communities[unit]));
      graphics.fill(
          new Ellipse2D.Double(places[unit][0] - size / 2, places[unit][1] - size / 2, size, size));
    }
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    Png.write(image(), out);
  }
}
