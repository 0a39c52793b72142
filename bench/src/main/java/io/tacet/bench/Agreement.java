package io.tacet.bench;

import io.tacet.memory.DeviceArray;
import io.tacet.network.Pass;
import io.tacet.optim.Parameter;
import java.util.List;

/** Checks that what is measured computes the same as the java backend in double precision. */
final class Agreement {
  /**
   * Largest relative difference of the loss and of each gradient; float32 spikes differ a little.
   */
  private static final double TOLERANCE = 0.02;

  private Agreement() {}

  /**
   * Compares a pass that has gone forward and back with one over the same samples.
   *
   * @throws IllegalStateException naming the first thing that differs
   */
  static void check(Pass measured, Pass reference) {
    close("loss", measured.losses().toDoubles(), reference.losses().toDoubles());
    List<Parameter> ours = measured.network().parameters();
    List<Parameter> theirs = reference.network().parameters();
    for (int k = 0; k < ours.size(); k++) {
      close(
          "gradient of " + ours.get(k).name(),
          ours.get(k).gradient().toDoubles(),
          theirs.get(k).gradient().toDoubles());
    }
  }

  private static void close(String what, double[] actual, double[] expected) {
    double difference = 0;
    double norm = 0;
    for (int k = 0; k < expected.length; k++) {
      difference += (actual[k] - expected[k]) * (actual[k] - expected[k]);
      norm += expected[k] * expected[k];
    }
    if (!(norm > 0)) {
      throw new IllegalStateException(what + ": is 0 everywhere; there is nothing to compare.");
    }
    if (!(Math.sqrt(difference / norm) <= TOLERANCE)) {
      throw new IllegalStateException(
          what
              + ": expected within "
              + TOLERANCE
              + " of the java backend in float64, got a relative difference of "
              + Math.sqrt(difference / norm)
              + ". What is measured does not compute the same.");
    }
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
