package io.tacet.onnx;

import io.tacet.memory.DeviceArray;
import io.tacet.network.Connection;
import io.tacet.network.Network;
import java.util.Map;

/** Arrays of a network as ONNX has them: weights dense, those without a synapse 0. */
final class Matrices {
  private final Map<String, DeviceArray> arrays;

  Matrices(Network network) {
    arrays = network.arrays();
  }

  /** An array in double precision. */
  double[] real(String name) {
    return arrays.get(name).toDoubles();
  }

  /** Input weights, [from][to]. */
  double[] input(String name, int from, int to, Connection connection) {
    return dense(name + ".input", from, to, 1, connection);
  }

  /**
   * Recurrent weights, [units][gates units].
   *
   * @param name of the direction
   */
  double[] recurrent(String name, int units, int gates, Connection connection) {
    int beside = connection.isDense() || connection.ownGates() ? 1 : gates;
    return dense(name + ".recurrent", units, gates * units, beside, connection);
  }

  /**
   * Weights with the zeros.
   *
   * @param beside weights of a synapse that are next to one another, one for each gate
   */
  private double[] dense(String name, int from, int to, int beside, Connection connection) {
    double[] weights = real(name + "Weights");
    if (connection.isDense()) {
      return weights;
    }
    if ((long) from * to > GraphWriter.MOST_BYTES / Float.BYTES) {
      throw GraphWriter.tooLong(name + "Weights, with its zeros");
    }
    int[] offsets = arrays.get(name + "Offsets").toInts();
    int[] indices = arrays.get(name + "Indices").toInts();
    double[] dense = new double[from * to];
    int units = to / beside;
    for (int i = 0; i < from; i++) {
      for (int s = offsets[i]; s < offsets[i + 1]; s++) {
        for (int g = 0; g < beside; g++) {
          dense[i * to + g * units + indices[s]] = weights[s * beside + g];
        }
      }
    }
    return dense;
  }

  /** Rows as columns. */
  static double[] transposed(double[] matrix, int rows, int columns) {
    double[] other = new double[matrix.length];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        other[j * rows + i] = matrix[i * columns + j];
      }
    }
    return other;
  }

  /** Some columns of a matrix. */
  static double[] columns(double[] matrix, int rows, int first, int end) {
    int columns = matrix.length / rows;
    double[] some = new double[rows * (end - first)];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(matrix, i * columns + first, some, i * (end - first), end - first);
    }
    return some;
  }
}
