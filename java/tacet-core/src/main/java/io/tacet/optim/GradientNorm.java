package io.tacet.optim;

import java.util.List;

/** The Euclidean norm of the gradient by all parameters together (Pascanu et al. 2013). */
public final class GradientNorm {
  private GradientNorm() {}

  /** The norm; waits for the device. */
  public static double of(List<Parameter> parameters) {
    double sum = 0;
    for (Parameter p : parameters) {
      sum += p.gradient().backend().kernels().optimizer().sumOfSquares(p.gradient());
    }
    return Math.sqrt(sum);
  }

  /**
   * Scales all gradients so that their norm is at most {@code most}.
   *
   * @return the norm before
   */
  public static double clip(List<Parameter> parameters, double most) {
    double norm = of(parameters);
    if (norm > most) {
      for (Parameter p : parameters) {
        p.gradient().backend().kernels().optimizer().scale(p.gradient(), most / norm);
      }
    }
    return norm;
  }
}
