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
    List<DeviceArray> gradients = gradients(parameters);
    return Math.sqrt(gradients.get(0).backend().kernels().optimizer().sumOfSquares(gradients));
  }

  /**
   * Scales all gradients so that their norm is at most {@code most}; does not wait for the device,
   * so the norm is not told. All parameters must be on one backend.
   */
  public static void clip(List<Parameter> parameters, double most) {
    if (!parameters.isEmpty()) {
      List<DeviceArray> gradients = gradients(parameters);
      gradients.get(0).backend().kernels().optimizer().clipNorm(gradients, most);
    }
  }

  private static List<DeviceArray> gradients(List<Parameter> parameters) {
    return parameters.stream().map(Parameter::gradient).toList();
  }
}
