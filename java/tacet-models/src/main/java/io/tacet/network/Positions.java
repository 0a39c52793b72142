package io.tacet.network;

import java.util.Arrays;

/**
 * Where the units of a layer are in space, for what depends on the distance between them. Distances
 * are computed when asked for, so that the memory is that of the coordinates. Immutable.
 */
public final class Positions {
  private final int dimensions;

  /** [units][dimensions]. */
  private final double[] coordinates;

  private Positions(int dimensions, double[] coordinates) {
    this.dimensions = dimensions;
    this.coordinates = coordinates;
  }

  /**
   * The points of a grid with a distance of 1, the last coordinate running fastest.
   *
   * @param extents number of points along each axis, at least 1
   */
  public static Positions grid(int... extents) {
    int units = 1;
    for (int extent : extents) {
      if (extent < 1) {
        throw new IllegalArgumentException(
            "extents: expected at least 1 each, got " + Arrays.toString(extents) + ".");
      }
      units = Math.multiplyExact(units, extent);
    }
    if (extents.length == 0) {
      throw new IllegalArgumentException("extents: expected at least one axis, got none.");
    }
    double[] coordinates = new double[Math.multiplyExact(units, extents.length)];
    for (int unit = 0; unit < units; unit++) {
      int left = unit;
      for (int axis = extents.length - 1; axis >= 0; axis--) {
        coordinates[unit * extents.length + axis] = left % extents[axis];
        left /= extents[axis];
      }
    }
    return new Positions(extents.length, coordinates);
  }

  /**
   * Any points.
   *
   * @param points finite coordinates of each unit, as many for all; copied
   */
  public static Positions of(double[][] points) {
    int dimensions = points.length == 0 ? 0 : points[0].length;
    if (dimensions == 0) {
      throw new IllegalArgumentException(
          "points: expected at least one unit with at least one coordinate, got none.");
    }
    double[] coordinates = new double[Math.multiplyExact(points.length, dimensions)];
    for (int unit = 0; unit < points.length; unit++) {
      if (points[unit].length != dimensions
          || !Arrays.stream(points[unit]).allMatch(Double::isFinite)) {
        throw new IllegalArgumentException(
            "points: expected "
                + dimensions
                + " finite coordinates of each unit, got "
                + Arrays.toString(points[unit])
                + " for unit "
                + unit
                + ".");
      }
      System.arraycopy(points[unit], 0, coordinates, unit * dimensions, dimensions);
    }
    return new Positions(dimensions, coordinates);
  }

  /** Number of units. */
  public int units() {
    return coordinates.length / dimensions;
  }

  /** Number of coordinates of a unit. */
  public int dimensions() {
    return dimensions;
  }

  /** A coordinate of a unit. */
  public double coordinate(int unit, int axis) {
    return coordinates[unit * dimensions + axis];
  }

  /** Euclidean distance of two units, in units of the coordinates. */
  public double distance(int one, int other) {
    double sum = 0;
    for (int axis = 0; axis < dimensions; axis++) {
      double apart = coordinate(one, axis) - coordinate(other, axis);
      sum += apart * apart;
    }
    return Math.sqrt(sum);
  }
}
