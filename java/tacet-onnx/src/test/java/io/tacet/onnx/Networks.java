package io.tacet.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.network.Network;
import io.tacet.network.NetworkState;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.cells.RnnCell;
import io.tacet.onnx.internal.Onnx.ModelProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;

/** What networks compute, for comparisons. */
final class Networks {
  private Networks() {}

  /** Uniform numbers of a seed. */
  static float[] random(long seed, int length, double range) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[length];
    for (int k = 0; k < length; k++) {
      values[k] = (float) random.nextDouble(-range, range);
    }
    return values;
  }

  static double[] wide(float[] values) {
    double[] wide = new double[values.length];
    Arrays.setAll(wide, k -> values[k]);
    return wide;
  }

  /**
   * Every array of a network gets other numbers: those of thresholds in [0, 0.3], those of plain
   * recurrent units such that they do not explode.
   */
  static void scramble(Network network, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    boolean plain = network.spec().layers().stream().anyMatch(RnnCell.Spec.class::isInstance);
    double range = plain ? 0.35 : 0.9;
    network
        .arrays()
        .forEach(
            (name, array) -> {
              if (!array.type().isFloating()) {
                return;
              }
              double[] values = array.toDoubles();
              for (int k = 0; k < values.length; k++) {
                values[k] =
                    name.endsWith("thresholds")
                        ? random.nextDouble(0, 0.3)
                        : random.nextDouble(-range, range);
              }
              array.copyFrom(values);
            });
  }

  /** The values of a network for inputs [steps][batch][channels]. */
  static float[] values(Network network, float[] x, int steps, int batch) {
    return values(network, x, steps, batch, null);
  }

  /** The same from a state. */
  static float[] values(Network network, float[] x, int steps, int batch, NetworkState state) {
    return values(network, x, steps, batch, state, null);
  }

  /** The same of sequences of different lengths. */
  static float[] values(
      Network network, float[] x, int steps, int batch, NetworkState state, int[] lengths) {
    try (Pass pass = new Pass(network, PassShape.steps(batch, steps, null))) {
      if (pass.inputSteps().type() == DType.FLOAT32) {
        pass.inputSteps().copyFrom(x);
      } else {
        pass.inputSteps().copyFrom(wide(x));
      }
      pass.lengths(lengths);
      pass.forward(0, state);
      return narrow(pass.values().toDoubles());
    }
  }

  /** The values of a network for tokens [steps][batch]. */
  static float[] values(Network network, long[] tokens, int steps, int batch) {
    try (Pass pass = new Pass(network, PassShape.steps(batch, steps, null))) {
      pass.inputTokens().copyFrom(Arrays.stream(tokens).mapToInt(Math::toIntExact).toArray());
      pass.forward();
      return narrow(pass.values().toDoubles());
    }
  }

  private static float[] narrow(double[] values) {
    float[] narrow = new float[values.length];
    for (int k = 0; k < narrow.length; k++) {
      narrow[k] = (float) values[k];
    }
    return narrow;
  }

  /** Reads a network from a model, by way of a file. */
  static Network read(Backend backend, ModelProto model, Path folder) {
    Path file = folder.resolve("model.onnx");
    try {
      Files.write(file, model.toByteArray());
      return OnnxImport.read(backend, file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * From [batch][steps][columns] to [steps][batch][columns], or back with the first two swapped.
   */
  static float[] swapped(float[] values, int first, int second) {
    int columns = values.length / first / second;
    float[] other = new float[values.length];
    for (int a = 0; a < first; a++) {
      for (int b = 0; b < second; b++) {
        System.arraycopy(
            values, (a * second + b) * columns, other, (b * first + a) * columns, columns);
      }
    }
    return other;
  }

  /** All within 1e-5, and not all the same. */
  static void assertClose(float[] found, float[] expected) {
    assertThat(found).hasSameSizeAs(expected);
    double worst = 0;
    for (int k = 0; k < found.length; k++) {
      assertThat(found[k]).isFinite();
      worst = Math.max(worst, Math.abs(found[k] - (double) expected[k]));
    }
    assertThat(worst).as("largest difference").isLessThanOrEqualTo(1e-5);
  }
}
