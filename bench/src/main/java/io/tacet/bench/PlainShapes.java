package io.tacet.bench;

import io.tacet.bench.KernelShape.Case;
import io.tacet.bench.KernelShape.Room;
import io.tacet.dense.Dense;
import io.tacet.memory.DeviceArray;
import io.tacet.optim.Adam;
import io.tacet.optim.Optimizer;
import io.tacet.optim.Parameter;
import io.tacet.sparse.Events;
import java.util.List;
import java.util.Map;

/** Compaction, dense products and updates: operations with one algorithm each. */
final class PlainShapes {
  private static final double RATE = 1e-6;

  /** Of the check, so that an update is not lost in the last digits of a weight. */
  private static final double LARGE_RATE = 0.01;

  private static final double TOLERANCE = 1e-4;

  /** Of products whose factors are rounded to one bfloat16. */
  private static final double BFLOAT16_TOLERANCE = 1e-2;

  private static final int COMPARED = 1024;

  private PlainShapes() {}

  /** From a dense step to bitmap and lists, and from the bitmap to lists. */
  static KernelShape compaction(int n, int batch, double activity) {
    return new KernelShape(
        "compaction n " + n + " batch " + batch,
        List.of("compact", "expand"),
        room -> compactionCases(room, n, batch, activity));
  }

  private static List<Case> compactionCases(Room room, int n, int batch, double activity) {
    // Copies of its beginning would be a step that the branch predictor memorises only if it is
    // short.
    float[] step = new float[Math.min(batch * n, 1_000_003)];
    for (int k = 0; k < step.length; k++) {
      step[k] = room.random.nextDouble() < activity ? 1 : 0;
    }
    DeviceArray dense = room.repeat(step, room.floats(batch, n));
    Events events = room.own(Events.binary(room.backend, batch, n)).compact(dense);
    Runnable check =
        () -> {
          int[] counts = events.counts().toInts();
          for (int b : List.of(0, batch - 1)) {
            int expected = 0;
            for (int k = 0; k < n; k++) {
              expected += step[(int) (((long) b * n + k) % step.length)] != 0 ? 1 : 0;
            }
            if (counts[b] != expected) {
              throw new IllegalStateException(
                  "events: expected " + expected + " in sample " + b + ", got " + counts[b] + ".");
            }
          }
        };
    Map<String, String> params = KernelShape.params("n", n, "activity", activity, "batch", batch);
    return List.of(
        Case.of("compact", params, Map.of(), "", () -> events.compact(dense), check),
        Case.of("expand", params, Map.of(), "", events::expand, check));
  }

  /** [batch][n] times [n][n]. */
  static KernelShape product(int n, int batch) {
    return new KernelShape(
        "product n " + n + " batch " + batch,
        List.of("product"),
        room -> {
          DeviceArray a = room.normal(1, batch, n);
          DeviceArray b = room.normal(1, n, n);
          DeviceArray c = room.floats(batch, n);
          return List.of(
              Case.of(
                  "product",
                  KernelShape.params("n", n, "batch", batch),
                  Map.of(),
                  room.backend.denseProducts(),
                  () -> Dense.multiply(a, b, false, c),
                  () -> compareLastRow(room, a, b, c)));
        });
  }

  private static void compareLastRow(Room room, DeviceArray a, DeviceArray b, DeviceArray c) {
    int n = (int) b.shape()[0];
    long last = c.length() - n;
    float[] row = room.read(a, last, n);
    double[] expected = new double[n];
    for (int k = 0; k < n; k++) {
      float[] of = room.read(b, (long) k * n, n);
      for (int m = 0; m < n; m++) {
        expected[m] += (double) row[k] * of[m];
      }
    }
    boolean rounded = "bf16".equals(System.getProperty("tacet.products.factors"));
    Agreement.close(
        "product",
        Agreement.doubles(room.read(c, last, n)),
        expected,
        rounded ? BFLOAT16_TOLERANCE : TOLERANCE);
  }

  /** An update of that many weights. */
  static KernelShape adam(int size) {
    return new KernelShape("adam " + size, List.of("adam"), room -> List.of(adamCase(room, size)));
  }

  private static Case adamCase(Room room, int size) {
    DeviceArray weights = room.normal(1, size);
    DeviceArray gradient = room.normal(1, size);
    List<Parameter> parameters = List.of(Parameter.weights("weights", weights, gradient));
    Optimizer adam = room.own(Adam.rate(RATE).create(parameters));
    return Case.of(
        "adam",
        KernelShape.params("size", size),
        Map.of(),
        "",
        () -> adam.step(1),
        () -> compareUpdate(room, parameters));
  }

  /** The moments of a first step are the gradient and its square: the step is its sign. */
  private static void compareUpdate(Room room, List<Parameter> parameters) {
    DeviceArray weights = parameters.get(0).value();
    int count = (int) Math.min(COMPARED, weights.length());
    long from = weights.length() - count;
    float[] before = room.read(weights, from, count);
    float[] gradient = room.read(parameters.get(0).gradient(), from, count);
    try (Optimizer first = Adam.rate(LARGE_RATE).create(parameters)) {
      first.step(1);
      double[] moved = Agreement.doubles(room.read(weights, from, count));
      double[] expected = new double[count];
      for (int k = 0; k < count; k++) {
        moved[k] -= before[k];
        expected[k] = -LARGE_RATE * Math.signum(gradient[k]);
      }
      Agreement.close("updates", moved, expected, TOLERANCE);
    }
  }
}
