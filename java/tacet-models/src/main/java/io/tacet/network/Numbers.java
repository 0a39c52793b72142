package io.tacet.network;

import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.checkpoint.NamedArrays;
import io.tacet.memory.DeviceArray;
import io.tacet.optim.Parameter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The numbers of a network by name, as Java arrays: what a builder draws, what a model file holds,
 * and what layers are made from.
 */
public final class Numbers {
  final Map<String, double[]> reals = new LinkedHashMap<>();
  final Map<String, int[]> integers = new LinkedHashMap<>();

  /**
   * The numbers in a model file.
   *
   * @param origin name of the file in messages
   * @throws IOException if a number is not finite
   */
  public static Numbers read(ModelFile file, Path origin) throws IOException {
    Numbers numbers = new Numbers();
    for (String name : file.names()) {
      switch (file.type(name)) {
        case FLOAT32 -> numbers.reals.put(name, finite(origin, name, widen(file.floats(name))));
        case FLOAT64 -> numbers.reals.put(name, finite(origin, name, file.doubles(name)));
        case INT32 -> numbers.integers.put(name, file.ints(name));
        default -> {
          // Other members of a checkpoint are not the network's.
        }
      }
    }
    return numbers;
  }

  /** Named arrays, those of integers as whole numbers. */
  static Numbers of(NamedArrays arrays) throws IOException {
    Numbers numbers = new Numbers();
    for (String name : arrays.names()) {
      if (arrays.get(name).type().isInteger()) {
        numbers.put(name, arrays.integers(name, Integer.MIN_VALUE, Integer.MAX_VALUE));
      } else {
        numbers.put(name, finite(arrays.origin(), name, arrays.doubles(name)));
      }
    }
    return numbers;
  }

  /** Adds an array of real numbers. */
  public void put(String name, double[] values) {
    reals.put(name, values);
  }

  /** Adds an array of whole numbers. */
  public void put(String name, int[] values) {
    integers.put(name, values);
  }

  /** Adds an array of equal numbers. */
  public void fill(String name, double value, int length) {
    double[] values = new double[length];
    Arrays.fill(values, value);
    reals.put(name, values);
  }

  /**
   * The real numbers of that name, not copied.
   *
   * @throws IllegalArgumentException if there are none
   */
  public double[] real(String name) {
    double[] values = reals.get(name);
    if (values == null) {
      throw new IllegalArgumentException(
          "The network has no numbers '" + name + "'; there are " + reals.keySet() + ".");
    }
    return values;
  }

  /**
   * The whole numbers of that name, not copied.
   *
   * @throws IllegalArgumentException if there are none
   */
  public int[] integer(String name) {
    int[] values = integers.get(name);
    if (values == null) {
      throw new IllegalArgumentException(
          "The network has no numbers '" + name + "'; there are " + integers.keySet() + ".");
    }
    return values;
  }

  /** Adds one array to a model file. */
  public static void put(ModelFileBuilder file, String name, DeviceArray array) {
    int[] shape =
        IntStream.range(0, array.shape().length).map(d -> (int) array.shape()[d]).toArray();
    switch (array.type()) {
      case FLOAT32 -> file.floats(name, array.toFloats(), shape);
      case FLOAT64 -> file.doubles(name, array.toDoubles(), shape);
      case INT32, UINT16 -> file.ints(name, array.toInts(), shape);
    }
  }

  /**
   * Looks for parameters that are not finite, as a diverged training leaves them.
   *
   * @throws ArithmeticException naming the first one
   */
  public static void checkFinite(List<Parameter> parameters) {
    for (Parameter p : parameters) {
      // A large network is looked at where it is, and copied only where something is wrong.
      double squares = p.value().backend().kernels().optimizer().sumOfSquares(List.of(p.value()));
      if (Double.isFinite(squares)) {
        continue;
      }
      double[] values = p.value().toDoubles();
      for (int k = 0; k < values.length; k++) {
        if (!Double.isFinite(values[k])) {
          throw new ArithmeticException(
              p.name()
                  + "["
                  + k
                  + "] is "
                  + values[k]
                  + " after an update; expected a finite"
                  + " number. Lower the learning rate.");
        }
      }
    }
  }

  private static double[] widen(float[] values) {
    double[] wide = new double[values.length];
    for (int k = 0; k < wide.length; k++) {
      wide[k] = values[k];
    }
    return wide;
  }

  private static double[] finite(Path origin, String name, double[] values) throws IOException {
    for (int k = 0; k < values.length; k++) {
      if (!Double.isFinite(values[k])) {
        throw new IOException(
            origin
                + ": "
                + name
                + "["
                + k
                + "] is "
                + values[k]
                + "; expected finite numbers. The"
                + " training that wrote it had diverged: use an earlier checkpoint and a smaller"
                + " learning rate.");
      }
    }
    return values;
  }
}
