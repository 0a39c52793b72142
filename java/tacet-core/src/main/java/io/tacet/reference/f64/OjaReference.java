package io.tacet.reference.f64;

import io.tacet.memory.DeviceArray;
import io.tacet.reference.Workers;
import java.util.Arrays;

/** The rule of Oja after a step of gradient descent: {@link io.tacet.plasticity.Oja}. */
public final class OjaReference {
  /** Units that a task goes over, with memory for their responses to one sample at a time. */
  private static final int BLOCK = 1024;

  private final Workers workers;

  /** Of each worker, responses of a block to all samples; they grow. */
  private final double[][] responses;

  public OjaReference(Workers workers) {
    this.workers = workers;
    responses = new double[workers.count()][0];
  }

  /** See {@link io.tacet.spi.PlasticityKernels#oja}. */
  public void apply(
      DeviceArray weights,
      DeviceArray gradient,
      double descent,
      DeviceArray inputs,
      double rate,
      int firstRow,
      int rows) {
    double[] w = Real.array(weights);
    double[] g = gradient == null ? null : Real.array(gradient);
    double[] x = Real.array(inputs);
    int sources = (int) weights.shape()[0];
    int units = (int) weights.shape()[1];
    int samples = x.length / sources;
    workers.runToEnd(
        (units + BLOCK - 1) / BLOCK,
        (block, worker) -> {
          Columns columns =
              new Columns(
                  w, x, sources, units, block * BLOCK, Math.min(units, (block + 1) * BLOCK));
          int length = Math.multiplyExact(samples, columns.width());
          if (responses[worker].length < length) {
            responses[worker] = new double[length];
          }
          columns.respond(g, descent, firstRow, rows, samples, responses[worker]);
          columns.learn(firstRow, rows, samples, responses[worker], rate / samples);
        });
  }

  /**
   * Some units with all their weights.
   *
   * @param w weights, [sources][units]
   * @param x inputs, [samples][sources]
   * @param from the first of them
   * @param to after the last of them
   */
  private record Columns(double[] w, double[] x, int sources, int units, int from, int to) {
    int width() {
      return to - from;
    }

    /**
     * Descends and writes y, [samples][width], in one pass over the weights.
     *
     * @param g null for no descent
     */
    void respond(double[] g, double descent, int firstRow, int rows, int samples, double[] y) {
      Arrays.fill(y, 0, samples * width(), 0);
      for (int i = 0; i < sources; i++) {
        int at = i * units + from;
        if (g != null) {
          for (int k = at; k < at + width(); k++) {
            w[k] -= descent * g[k];
          }
        }
        for (int b = 0; b < samples && i >= firstRow && i < firstRow + rows; b++) {
          addRow(x[b * sources + i], at, b * width(), y);
        }
      }
    }

    private void addRow(double input, int at, int to, double[] y) {
      for (int j = 0; j < width(); j++) {
        y[to + j] += input * w[at + j];
      }
    }

    /**
     * The change of a weight is that by all samples at the weight before.
     *
     * @param rate of one sample
     */
    void learn(int firstRow, int rows, int samples, double[] y, double rate) {
      double[] hebb = new double[width()];
      double[] squares = new double[width()];
      for (int b = 0; b < samples; b++) {
        for (int j = 0; j < width(); j++) {
          squares[j] += y[b * width() + j] * y[b * width() + j];
        }
      }
      for (int i = firstRow; i < firstRow + rows; i++) {
        Arrays.fill(hebb, 0);
        for (int b = 0; b < samples; b++) {
          double input = x[b * sources + i];
          for (int j = 0; j < width(); j++) {
            hebb[j] += input * y[b * width() + j];
          }
        }
        int at = i * units + from;
        for (int j = 0; j < width(); j++) {
          w[at + j] += rate * (hebb[j] - w[at + j] * squares[j]);
        }
      }
    }
  }
}
