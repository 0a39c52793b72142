package io.tacet.training;

import io.tacet.network.Pass;
import io.tacet.optim.Parameter;
import java.util.function.DoubleUnaryOperator;

/** What penalties on weights share. Computed on the CPU, with a copy from the device and back. */
final class WeightPenalty {
  private WeightPenalty() {}

  static void requireStrength(double strength) {
    if (!(strength >= 0 && strength < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "strength: expected a finite number of at least 0, got " + strength + ".");
    }
  }

  /** Adds the derivative of a term to the gradient of each weight. */
  static void add(Pass pass, DoubleUnaryOperator slope) {
    for (Parameter parameter : pass.network().parameters()) {
      if (parameter.decays()) {
        double[] values = parameter.value().toDoubles();
        double[] gradient = parameter.gradient().toDoubles();
        for (int k = 0; k < values.length; k++) {
          gradient[k] += slope.applyAsDouble(values[k]);
        }
        parameter.gradient().copyFrom(gradient);
      }
    }
  }
}
