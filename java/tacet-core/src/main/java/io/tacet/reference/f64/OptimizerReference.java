package io.tacet.reference.f64;

import io.tacet.memory.DeviceArray;
import io.tacet.reference.Workers;
import io.tacet.spi.OptimizerKernels.AdamSettings;
import io.tacet.spi.OptimizerKernels.Update;

/** Parameter updates, element by element. */
public final class OptimizerReference {
  private static final int BLOCK = 1 << 15;

  private OptimizerReference() {}

  /** See {@link io.tacet.spi.OptimizerKernels#adam}. */
  public static void adam(Workers workers, Update update, AdamSettings settings, int step) {
    double[] w = Real.array(update.parameter());
    double[] g = Real.array(update.gradient());
    double[] m = Real.array(update.first());
    double[] v = Real.array(update.second());
    double b1 = Real.of(settings.beta1());
    double b2 = Real.of(settings.beta2());
    double keep = Real.of(1 - update.rate() * update.decay());
    // The bias corrections are folded into the rate and epsilon (Kingma and Ba 2015, section 2).
    double unbias2 = Real.of(Math.sqrt(1 - Math.pow(settings.beta2(), step)));
    double rate = Real.of(update.rate() / (1 - Math.pow(settings.beta1(), step)));
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
  public static void sgd(Update update, double momentum) {
    double[] w = Real.array(update.parameter());
    double[] g = Real.array(update.gradient());
    double rate = Real.of(update.rate());
    double decay = Real.of(update.decay());
    if (update.first() == null) {
      for (int k = 0; k < w.length; k++) {
        w[k] -= rate * (g[k] + decay * w[k]);
      }
      return;
    }
    double[] u = Real.array(update.first());
    for (int k = 0; k < w.length; k++) {
      u[k] = momentum * u[k] + g[k] + decay * w[k];
      w[k] -= rate * u[k];
    }
  }

  /** Brings every element into its bounds; a NaN stays one. */
  public static void clamp(Update update) {
    double[] w = Real.array(update.parameter());
    double low = Real.of(update.low());
    double high = Real.of(update.high());
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
