package io.tacet.systems.multitask;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.plasticity.Oja;
import io.tacet.systems.Report;
import io.tacet.systems.ValidationRun;
import java.util.SplittableRandom;

/** The gates of the rule itself: E6. */
final class OjaGates {
  private static final int UNITS = 100;
  private static final double RATE = 0.00258386;

  private OjaGates() {}

  static void run(ValidationRun run, Report report) {
    try (Backend backend = run.open()) {
      report.atMost("E6", "largest difference after 1000 steps", difference(backend), 1e-6, "");
      report.within("E6", "length of the weights of a unit", length(backend), 0.98, 1.02, "1");
    }
  }

  /** Between weights of the backend in single precision and formulas in double precision. */
  private static double difference(Backend backend) {
    SplittableRandom random = new SplittableRandom(6);
    double[][] pixels = Blobs.pixels();
    int sources = pixels[0].length;
    try (DeviceArray weights = backend.allocate(DType.FLOAT32, sources, UNITS);
        DeviceArray sample = backend.allocate(DType.FLOAT32, 1, sources)) {
      weights.copyFrom(random.doubles(weights.length(), -0.01, 0.01).toArray());
      double[] expected = weights.toDoubles();
      for (int step = 0; step < 1000; step++) {
        sample.copyFrom(pixels[step % pixels.length]);
        Oja.rate(RATE).apply(weights, sample);
        step(expected, sample.toDoubles());
      }
      double[] found = weights.toDoubles();
      double most = 0;
      for (int k = 0; k < found.length; k++) {
        most = Math.max(most, Math.abs(found[k] - expected[k]));
      }
      return most;
    }
  }

  private static void step(double[] weights, double[] input) {
    for (int j = 0; j < UNITS; j++) {
      double y = 0;
      for (int i = 0; i < input.length; i++) {
        y += input[i] * weights[i * UNITS + j];
      }
      for (int i = 0; i < input.length; i++) {
        int at = i * UNITS + j;
        weights[at] += RATE * (input[i] * y - weights[at] * y * y);
      }
    }
  }

  /** Of one unit under stationary noise, stronger in one direction. */
  private static double length(Backend backend) {
    SplittableRandom random = new SplittableRandom(7);
    int sources = 5;
    try (DeviceArray weights = backend.allocate(DType.FLOAT32, sources, 1);
        DeviceArray sample = backend.allocate(DType.FLOAT32, 1, sources)) {
      weights.copyFrom(random.doubles(sources, -0.1, 0.1).toArray());
      double[] input = new double[sources];
      for (int step = 0; step < 4000; step++) {
        for (int i = 0; i < sources; i++) {
          input[i] = (i == 0 ? 1 : 0.2) * random.nextGaussian();
        }
        sample.copyFrom(input);
        Oja.rate(0.01).apply(weights, sample);
      }
      double squares = 0;
      for (double weight : weights.toDoubles()) {
        squares += weight * weight;
      }
      return Math.sqrt(squares);
    }
  }
}
