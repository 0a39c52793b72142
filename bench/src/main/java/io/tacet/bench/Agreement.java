package io.tacet.bench;

import io.tacet.memory.DeviceArray;
import io.tacet.network.Pass;
import io.tacet.optim.Parameter;
import java.util.List;

/**
 * Checks that measured operations agree with the java backend in double precision, or with a plain
 * loop.
 */
final class Agreement {
  /**
   * Largest relative difference of the loss and of each gradient; float32 spikes differ a little.
   */
  static final double SPIKE_TOLERANCE = 0.02;

  private Agreement() {}

  /**
   * Compares a forward and backward pass with another one over the same samples.
   *
   * @throws IllegalStateException naming the first thing that differs
   */
  static void check(Pass measured, Pass reference) {
    close("loss", measured.losses().toDoubles(), reference.losses().toDoubles(), SPIKE_TOLERANCE);
    gradients(measured.network().parameters(), reference.network().parameters());
  }

  /**
   * Compares gradients of the same parameters.
   *
   * @throws IllegalStateException naming the first that differs
   */
  static void gradients(List<Parameter> ours, List<Parameter> theirs) {
    for (int k = 0; k < ours.size(); k++) {
      close(
          "gradient of " + ours.get(k).name(),
          ours.get(k).gradient().toDoubles(),
          theirs.get(k).gradient().toDoubles(),
          SPIKE_TOLERANCE);
    }
  }

  /**
   * Compares arrays by the norm of their difference.
   *
   * @param tolerance of the difference, relative to the norm of what is expected
   * @throws IllegalStateException if they differ by more or in length, or if they are empty
   */
  static void close(String what, double[] actual, double[] expected, double tolerance) {
    if (actual.length != expected.length) {
      throw new IllegalStateException(
          what + ": expected " + expected.length + " numbers, got " + actual.length + ".");
    }
    double difference = 0;
    double norm = 0;
    for (int k = 0; k < expected.length; k++) {
      difference += (actual[k] - expected[k]) * (actual[k] - expected[k]);
      norm += expected[k] * expected[k];
    }
    if (!(norm > 0)) {
      throw new IllegalStateException(what + ": is 0 everywhere; there is nothing to compare.");
    }
    if (!(Math.sqrt(difference / norm) <= tolerance)) {
      throw new IllegalStateException(
          what
              + ": expected within "
              + tolerance
              + " of the reference, got a relative difference of "
              + Math.sqrt(difference / norm)
              + ". What is measured does not compute the same.");
    }
  }

  /** The same numbers, wider. */
  static double[] doubles(float[] values) {
    double[] wide = new double[values.length];
    for (int k = 0; k < wide.length; k++) {
      wide[k] = values[k];
    }
    return wide;
  }

  /** Mean number of spikes of a sample in a layer; waits for the device. */
  static double spikesPerSample(Pass pass, int layer) {
    DeviceArray counts = pass.spikes(layer).counts();
    double sum = 0;
    for (int count : counts.toInts()) {
      sum += count;
    }
    return sum / pass.batch();
  }
}
