package io.tacet.reference.f64;

import io.tacet.memory.DeviceArray;
import io.tacet.reference.Workers;
import io.tacet.spi.OptimizerKernels.AdamStep;

/** Parameter updates, element by element. */
public final class OptimizerReference {
  private static final int BLOCK = 1 << 15;

  private OptimizerReference() {}

  /** See {@link io.tacet.spi.OptimizerKernels#adam}. */
  public static void adam(
      Workers workers,
      DeviceArray parameter,
      DeviceArray gradient,
      DeviceArray first,
      DeviceArray second,
      AdamStep settings,
      int step) {
    double[] w = Real.array(parameter);
    double[] g = Real.array(gradient);
    double[] m = Real.array(first);
    double[] v = Real.array(second);
    double b1 = Real.of(settings.beta1());
    double b2 = Real.of(settings.beta2());
    double keep = Real.of(1 - settings.rate() * settings.decay());
    // The bias corrections are folded into the rate and epsilon (Kingma and Ba 2015, section 2).
    double unbias2 = Real.of(Math.sqrt(1 - Math.pow(settings.beta2(), step)));
    double rate = Real.of(settings.rate() / (1 - Math.pow(settings.beta1(), step)));
    double epsilon = Real.of(settings.epsilon());
    double clip = Real.of(settings.clip());
    int blocks = (w.length + BLOCK - 1) / BLOCK;
    workers.runToEnd(
        blocks,
        (block, worker) -> {
          int end = Math.min(w.length, (block + 1) * BLOCK);
          for (int k = block * BLOCK; k < end; k++) {
            double gk = Math.max(-clip, Math.min(clip, g[k]));
            double mk = b1 * m[k] + (1 - b1) * gk;
            double vk = b2 * v[k] + (1 - b2) * gk * gk;
            m[k] = mk;
            v[k] = vk;
            w[k] = keep * w[k] - rate * mk / (Real.sqrt(vk) / unbias2 + epsilon);
          }
        });
  }

  /** See {@link io.tacet.spi.OptimizerKernels#sgd}. */
  public static void sgd(
      DeviceArray parameter,
      DeviceArray gradient,
      DeviceArray velocity,
      double rate,
      double momentum,
      double decay) {
    double[] w = Real.array(parameter);
    double[] g = Real.array(gradient);
    if (velocity == null) {
      for (int k = 0; k < w.length; k++) {
        w[k] -= rate * (g[k] + decay * w[k]);
      }
      return;
    }
    double[] u = Real.array(velocity);
    for (int k = 0; k < w.length; k++) {
      u[k] = momentum * u[k] + g[k] + decay * w[k];
      w[k] -= rate * u[k];
    }
  }

  /** See {@link io.tacet.spi.OptimizerKernels#clamp}. */
  public static void clamp(DeviceArray parameter, double low, double high) {
    double[] w = Real.array(parameter);
    for (int k = 0; k < w.length; k++) {
      w[k] = Math.max(low, Math.min(high, w[k]));
    }
  }

  /** Sum of the squares of all elements, in a fixed order. */
  public static double sumOfSquares(DeviceArray array) {
    double[] x = Real.array(array);
    double[] lanes = new double[16];
    int whole = x.length / 16 * 16;
    for (int k = 0; k < whole; k += 16) {
      for (int j = 0; j < 16; j++) {
        lanes[j] += x[k + j] * x[k + j];
      }
    }
    for (int k = whole; k < x.length; k++) {
      lanes[k - whole] += x[k] * x[k];
    }
    double sum = 0;
    for (double lane : lanes) {
      sum += lane;
    }
    return sum;
  }

  /** See {@link io.tacet.spi.OptimizerKernels#scale}. */
  public static void scale(DeviceArray array, double factor) {
    double[] x = Real.array(array);
    for (int k = 0; k < x.length; k++) {
      x[k] *= factor;
    }
  }
}
