package io.tacet.report;

import io.tacet.files.AtomicFile;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How often samples of each class were taken for each class, with precision, recall and F1 of each:
 * a table for people and the content of a PNG file. Samples without a prediction, whose outputs
 * were all silent, have a column of their own.
 */
public final class ConfusionMatrix implements AtomicFile.Content {
  private static final int CELL = 44;
  private static final int MARGIN = 110;
  private static final int TITLE = 40;

  private final String title;
  private final List<String> classes;

  /** [class][predicted class, or the last for none]. */
  private final long[][] counts;

  /**
   * What one class got.
   *
   * @param name of the class
   * @param samples of it
   * @param precision fraction of the samples taken for it that were of it; NaN if there were none
   * @param recall fraction of its samples that were taken for it; NaN if it has none
   * @param f1 harmonic mean of both; 0 if both are 0
   */
  public record Row(String name, long samples, double precision, double recall, double f1) {}

  /**
   * Counts predictions.
   *
   * @param title shown above
   * @param classes names
   * @param labels of the samples, in [0, classes)
   * @param predicted of the samples; -1 for none
   */
  public ConfusionMatrix(String title, List<String> classes, int[] labels, int[] predicted) {
    if (labels.length != predicted.length) {
      throw new IllegalArgumentException(
          "predicted: expected "
              + labels.length
              + ", one for each label, got "
              + predicted.length
              + ".");
    }
    this.title = title;
    this.classes = List.copyOf(classes);
    this.counts = new long[classes.size()][classes.size() + 1];
    for (int i = 0; i < labels.length; i++) {
      boolean known = predicted[i] >= 0 && predicted[i] < classes.size();
      counts[labels[i]][known ? predicted[i] : classes.size()]++;
    }
  }

  /** How many samples of a class were taken for another; the number of classes stands for none. */
  public long count(int label, int predicted) {
    return counts[label][predicted];
  }

  /** Figures of each class. */
  public List<Row> rows() {
    List<Row> rows = new ArrayList<>();
    for (int c = 0; c < counts.length; c++) {
      long taken = 0;
      for (long[] row : counts) {
        taken += row[c];
      }
      long samples = Arrays.stream(counts[c]).sum();
      double right = counts[c][c];
      double precision = taken == 0 ? Double.NaN : right / taken;
      double recall = samples == 0 ? Double.NaN : right / samples;
      double f1 = taken + samples == 0 ? Double.NaN : 2 * right / (taken + samples);
      rows.add(new Row(classes.get(c), samples, precision, recall, f1));
    }
    return rows;
  }

  /** A readable table. */
  @Override
  public String toString() {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%-14s %8s %10s %8s %8s   taken for%n",
                "class",
                "samples",
                "precision",
                "recall",
                "F1"));
    List<Row> rows = rows();
    for (int c = 0; c < counts.length; c++) {
      Row row = rows.get(c);
      text.append(
          String.format(
              Locale.ROOT,
              "%-14s %8d %10.4f %8.4f %8.4f  ",
              row.name(),
              row.samples(),
              row.precision(),
              row.recall(),
              row.f1()));
      for (long count : counts[c]) {
        text.append(String.format(Locale.ROOT, " %5d", count));
      }
      text.append(String.format("%n"));
    }
    return text.append("(the last column: no output)").append(String.format("%n")).toString();
  }

  /** The picture: rows are classes, columns what they were taken for. */
  public BufferedImage image() {
    int size = classes.size();
    return ChartStyle.picture(
        MARGIN + (size + 1) * CELL + 20,
        TITLE + size * CELL + MARGIN / 2,
        graphics -> paint(graphics, size));
  }

  private void paint(Graphics2D graphics, int size) {
    graphics.setColor(ChartStyle.TEXT);
    graphics.setFont(ChartStyle.font(Font.BOLD, 15));
    graphics.drawString(title, 12, 24);
    graphics.setFont(ChartStyle.font(Font.PLAIN, 12));
    for (int c = 0; c < size; c++) {
      long samples = Math.max(1, Arrays.stream(counts[c]).sum());
      int y = TITLE + c * CELL;
      graphics.setColor(ChartStyle.TEXT);
      graphics.drawString(shortened(classes.get(c), 14), 12, y + CELL / 2 + 4);
      for (int p = 0; p <= size; p++) {
        paintCell(graphics, MARGIN + p * CELL, y, counts[c][p], samples, c == p);
      }
    }
    graphics.setColor(ChartStyle.TEXT);
    for (int p = 0; p <= size; p++) {
      String name = p < size ? shortened(classes.get(p), 6) : "none";
      graphics.drawString(name, MARGIN + p * CELL + 4, TITLE + size * CELL + 18);
    }
  }

  private static void paintCell(
      Graphics2D graphics, int x, int y, long count, long samples, boolean right) {
    double part = (double) count / samples;
    graphics.setColor(ChartStyle.tint(ChartStyle.colour(right ? 0 : 1), part));
    graphics.fillRect(x, y, CELL - 1, CELL - 1);
    graphics.setColor(part > 0.6 ? Color.WHITE : ChartStyle.TEXT);
    graphics.drawString(Long.toString(count), x + 6, y + CELL / 2 + 4);
  }

  private static String shortened(String name, int most) {
    return name.length() <= most ? name : name.substring(0, most - 1) + "\u2026";
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    Png.write(image(), out);
  }
}
