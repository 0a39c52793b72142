package io.tacet.optim;

import io.tacet.memory.DeviceArray;
import java.util.List;

/** The Euclidean norm of the gradient with respect to all parameters (Pascanu et al. 2013). */
public final class GradientNorm {
  private GradientNorm() {}

  /** The norm; waits for the device once. All parameters must be on one backend. */
  public static double of(List<Parameter> parameters) {
    if (parameters.isEmpty()) {
      return 0;
    }
    List<DeviceArray> gradients = parameters.stream().map(Parameter::gradient).toList();
    return Math.sqrt(gradients.get(0).backend().kernels().optimizer().sumOfSquares(gradients));
  }

  /**
   * Scales all gradients so that their norm is at most {@code most}.
   *
   * @return the norm before scaling
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
