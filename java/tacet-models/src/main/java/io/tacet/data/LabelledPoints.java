package io.tacet.data;

/**
 * Points of the plane with a class each. Immutable; methods that return an array return a fresh
 * copy.
 */
public final class LabelledPoints {
  private final double[] xs;
  private final double[] ys;
  private final int[] labels;

  LabelledPoints(double[] xs, double[] ys, int[] labels) {
    this.xs = xs;
    this.ys = ys;
    this.labels = labels;
  }

  /** Number of points N. */
  public int size() {
    return labels.length;
  }

  /** x of point {@code i}. */
  public double x(int i) {
    return xs[i];
  }

  /** y of point {@code i}. */
  public double y(int i) {
    return ys[i];
  }

  /** Class of point {@code i}. */
  public int label(int i) {
    return labels[i];
  }

  /** All x, double[N]. */
  public double[] xs() {
    return xs.clone();
  }

  /** All y, double[N]. */
  public double[] ys() {
    return ys.clone();
  }

  /** All classes, int[N]. */
  public int[] labels() {
    return labels.clone();
  }
}
