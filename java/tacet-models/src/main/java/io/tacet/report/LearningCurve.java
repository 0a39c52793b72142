package io.tacet.report;

import io.tacet.files.AtomicFile;
import java.awt.BasicStroke;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Loss and accuracy over the epochs, side by side, a curve for each of the sets (training, test);
 * the loss alone where there is no accuracy. The content of a PNG file for {@link
 * OutputFolder#write}.
 */
public final class LearningCurve implements AtomicFile.Content {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 380;
  private static final int TICK_SPACING = 50;
  private static final double LOG_FROM_RATIO = 50;
  private static final int MARKERS_UP_TO = 15;

  private final String title;
  private final double[] epochs;
  private final List<Curve> curves = new ArrayList<>();

  private record Curve(String name, List<Double> loss, List<Double> percent) {}

  /**
   * Starts a picture without curves.
   *
   * @param title shown above; may be empty
   * @param epochs numbers of the epochs, at least one, ascending; copied
   * @throws IllegalArgumentException if there is no epoch
   */
  public LearningCurve(String title, int[] epochs) {
    if (epochs.length == 0) {
      throw new IllegalArgumentException("epochs: expected at least one, got none.");
    }
    this.title = title;
    this.epochs = Arrays.stream(epochs).asDoubleStream().toArray();
  }

  /**
   * Adds the curves of a set. Values that are not finite leave a gap.
   *
   * @param name as in the legend, for example "train"
   * @param loss per epoch
   * @param accuracy per epoch, as a fraction in [0, 1]
   * @return this picture
   * @throws IllegalArgumentException if there is not one value per epoch
   */
  public LearningCurve add(String name, double[] loss, double[] accuracy) {
    if (loss.length != epochs.length || accuracy.length != epochs.length) {
      throw new IllegalArgumentException(
          String.format(
              "loss, accuracy: expected %d values, one per epoch, got %d and %d.",
              epochs.length, loss.length, accuracy.length));
    }
    curves.add(new Curve(name, gaps(loss, 1), gaps(accuracy, 100)));
    return this;
  }

  /**
   * Adds the curves of a run with epochs of its own, as where several runs are compared.
   *
   * @param of numbers of its epochs; those that the picture does not have are left out
   * @param loss per epoch of the run
   * @param accuracy per epoch of the run, as a fraction in [0, 1]
   */
  public LearningCurve add(String name, int[] of, double[] loss, double[] accuracy) {
    if (loss.length != of.length || accuracy.length != of.length) {
      throw new IllegalArgumentException(
          String.format(
              "loss, accuracy: expected %d values, one per epoch of the run, got %d and %d.",
              of.length, loss.length, accuracy.length));
    }
    return add(name, spread(of, loss), spread(of, accuracy));
  }

  /** Values at the epochs of the picture, with gaps where the run has none. */
  private double[] spread(int[] of, double[] values) {
    double[] all = new double[epochs.length];
    Arrays.fill(all, Double.NaN);
    for (int i = 0; i < of.length; i++) {
      int at = Arrays.binarySearch(epochs, of[i]);
      if (at >= 0) {
        all[at] = values[i];
      }
    }
    return all;
  }

  /** The picture. */
  public BufferedImage image() {
    XYChart loss = ChartStyle.chart(WIDTH, HEIGHT, title.isEmpty() ? "Loss" : title + ": loss");
    XYChart accuracy =
        ChartStyle.chart(WIDTH, HEIGHT, title.isEmpty() ? "Accuracy" : title + ": accuracy");
    axes(loss, "loss");
    axes(accuracy, "accuracy (%)");
    accuracy.getStyler().setLegendPosition(LegendPosition.InsideSE);
    accuracy.getStyler().setYAxisMax(100.0);
    loss.getStyler().setYAxisLogarithmic(spansDecades());
    for (int i = 0; i < curves.size(); i++) {
      add(loss, curves.get(i).name(), curves.get(i).loss(), i);
      add(accuracy, curves.get(i).name(), curves.get(i).percent(), i);
    }
    boolean both =
        curves.stream().flatMap(curve -> curve.percent().stream()).anyMatch(v -> !v.isNaN());
    return ChartStyle.picture(
        both ? 2 * WIDTH : WIDTH,
        HEIGHT,
        graphics -> {
          ChartStyle.paint(loss, graphics, 0, 0);
          if (both) {
            ChartStyle.paint(accuracy, graphics, WIDTH, 0);
          }
        });
  }

  @Override
  public void writeTo(OutputStream out) throws IOException {
    Png.write(image(), out);
  }

  private void axes(XYChart chart, String quantity) {
    chart.setXAxisTitle("epoch");
    chart.setYAxisTitle(quantity);
    chart
        .getStyler()
        .setXAxisDecimalPattern("#")
        .setXAxisMin(0.0)
        .setXAxisMax(epochs[epochs.length - 1])
        .setXAxisTickMarkSpacingHint(TICK_SPACING);
  }

  private void add(XYChart chart, String name, List<Double> values, int colour) {
    if (values.stream().allMatch(v -> v.isNaN())) {
      return;
    }
    // Over evenly spaced values XChart puts its ticks at every so-many-th of them (6, 12, 18, ...)
    // and not at round numbers; a gap half an epoch before the first makes them uneven.
    double[] xs = new double[epochs.length + 1];
    double[] ys = new double[epochs.length + 1];
    xs[0] = epochs[0] - 0.5;
    ys[0] = Double.NaN;
    for (int i = 0; i < epochs.length; i++) {
      xs[i + 1] = epochs[i];
      ys[i + 1] = values.get(i);
    }
    XYSeries series = chart.addSeries(name, xs, ys);
    series.setLineColor(ChartStyle.colour(colour));
    series.setMarkerColor(ChartStyle.colour(colour));
    series.setLineStyle(new BasicStroke(2, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    series.setMarker(epochs.length <= MARKERS_UP_TO ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
  }

  /** Whether losses differ so much that only a logarithmic axis shows the small ones. */
  private boolean spansDecades() {
    double min = Double.POSITIVE_INFINITY;
    double max = 0;
    for (Curve curve : curves) {
      for (double value : curve.loss()) {
        if (!Double.isNaN(value)) {
          min = Math.min(min, value);
          max = Math.max(max, value);
        }
      }
    }
    return min > 0 && max / min > LOG_FROM_RATIO;
  }

  private static List<Double> gaps(double[] values, double scale) {
    return Arrays.stream(values)
        .map(v -> Double.isFinite(v) ? v * scale : Double.NaN)
        .boxed()
        .toList();
  }
}
