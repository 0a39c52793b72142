package io.tacet.rewire;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.rewire.Tissue.Shape;
import java.util.Arrays;
import java.util.SplittableRandom;

/** What gradients are made of, and a plain loop over all of them. */
final class Factors {
  final Shape shape;
  final int pairs;
  final int parts;
  final int lag;
  final double[] sent;
  final double[] first;
  final double[] errors;

  private Factors(Shape shape, int pairs, int parts, int lag) {
    this.shape = shape;
    this.pairs = pairs;
    this.parts = parts;
    this.lag = lag;
    sent = new double[pairs * parts * shape.sources()];
    first = new double[lag * parts * shape.sources()];
    errors = new double[pairs * shape.values() * shape.targets()];
  }

  /** Whole numbers and eighths, whose sums are exact, and many are equal. */
  static Factors whole(Shape shape, int pairs, int parts, int lag, SplittableRandom random) {
    Factors all = new Factors(shape, pairs, parts, lag);
    Arrays.setAll(all.sent, k -> random.nextInt(3) == 0 ? random.nextInt(-2, 3) : 0);
    Arrays.setAll(all.first, k -> random.nextInt(-1, 2));
    Arrays.setAll(all.errors, k -> random.nextInt(-4, 5) / 8.0);
    return all;
  }

  /** Any numbers. */
  static Factors real(Shape shape, int pairs, int parts, int lag, SplittableRandom random) {
    Factors all = new Factors(shape, pairs, parts, lag);
    Arrays.setAll(all.sent, k -> random.nextInt(3) == 0 ? (float) random.nextDouble(-1, 1) : 0);
    Arrays.setAll(all.first, k -> (float) random.nextDouble(-1, 1));
    Arrays.setAll(all.errors, k -> (float) random.nextDouble(-1, 1));
    return all;
  }

  GradientFactors upload(Backend backend, DType type, Resources made) {
    return new GradientFactors(
        array(backend, type, made, sent),
        lag,
        lag == 0 ? null : array(backend, type, made, first),
        array(backend, type, made, errors));
  }

  private static DeviceArray array(Backend backend, DType type, Resources made, double[] numbers) {
    return made.own(backend.allocate(type, numbers.length)).copyFrom(numbers);
  }

  /** Sum of the absolute gradients of a pair, in the precision and order that backends have. */
  double magnitude(DType type, int source, int target) {
    double all = 0;
    for (int g = 0; g < shape.values(); g++) {
      int column = g * shape.targets() + target;
      int part = column / (shape.values() * shape.targets() / parts);
      double sum = 0;
      for (int p = 0; p < pairs; p++) {
        double[] from = p < lag ? first : sent;
        int row = p < lag ? p : p - lag;
        double x = from[(row * parts + part) * shape.sources() + source];
        double e = errors[p * shape.values() * shape.targets() + column];
        sum =
            type == DType.FLOAT32
                ? Math.fma((float) x, (float) e, (float) sum)
                : Math.fma(x, e, sum);
      }
      all = type == DType.FLOAT32 ? (float) all + (float) Math.abs(sum) : all + Math.abs(sum);
    }
    return all;
  }
}
