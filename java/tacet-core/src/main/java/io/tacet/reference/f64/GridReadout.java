package io.tacet.reference.f64;

import io.tacet.eventprop.ReadoutLayer.Reduction;
import java.util.Arrays;

/**
 * Non-spiking leaky integrators on a time grid. Integrals over time are sums over the steps 1 ..
 * T/dt, so V_k of weight c_k in the loss makes lambdaV jump by -c_k dL/dX / tau_m: the true drive,
 * and the exact gradient of the sum with respect to the weights. Holds the scratch of one worker.
 */
final class GridReadout {
  private double[] v = new double[0];
  private double[] i;
  private double[] mean;

  /** V' just before the largest V, from which an arrival of that step may turn it; see Readout. */
  private double[] rise;

  /** V, then dL/dV, of every step; only for the cross-entropy over time. */
  private double[][] path = new double[0][];

  /** What is done with V or lambdaV at a step. */
  @FunctionalInterface
  private interface StepTask {
    void run(int step);
  }

  /** What an event of a step adds to its error besides what its targets do. */
  @FunctionalInterface
  private interface StepError {
    double of(int step);
  }

  private void reserve(int n) {
    if (v.length < n) {
      v = new double[n];
      i = new double[n];
      mean = new double[n];
      rise = new double[n];
    }
    Arrays.fill(v, 0, n, 0);
    Arrays.fill(i, 0, n, 0);
  }

  /** Writes the values of one sample, for MAX also when they are reached. */
  void forward(GridReadoutLayer layer, Events in, int sample, double[] values, double[] peakTimes) {
    int n = layer.rows.targets;
    int at = sample * n;
    Arrays.fill(values, at, at + n, 0);
    if (peakTimes != null) {
      Arrays.fill(peakTimes, at, at + n, 0);
    }
    if (layer.reduction == Reduction.MAX) {
      simulate(
          layer,
          in,
          sample,
          step -> {
            for (int m = 0; m < n; m++) {
              if (v[m] > values[at + m]) {
                values[at + m] = v[m];
                peakTimes[at + m] = Real.of(layer.grid.time(step));
              }
            }
          });
    } else {
      simulate(
          layer,
          in,
          sample,
          step -> {
            double share = layer.share(step);
            for (int m = 0; m < n; m++) {
              values[at + m] += share * v[m];
            }
          });
    }
  }

  private void simulate(GridReadoutLayer layer, Events in, int sample, StepTask look) {
    int n = layer.rows.targets;
    reserve(n);
    int next = in.begin(sample);
    int end = next + in.count(sample);
    for (int step = 0; step <= layer.steps; step++) {
      GridLayer.checkInterrupt(step);
      if (step > 0) {
        for (int m = 0; m < n; m++) {
          v[m] = layer.alpha * v[m] + layer.gamma * i[m];
          i[m] = layer.beta * i[m];
        }
        look.run(step);
      }
      while (next < end && layer.grid.step(in.times[next]) <= step) {
        layer.rows.add(in.units[next++], i);
      }
    }
  }

  /** Adjoint of one sample for the value errors dL/dX of its outputs. */
  void backward(
      GridReadoutLayer layer,
      Events in,
      int sample,
      double[] errors,
      double[] peakTimes,
      Gradients grads) {
    int n = layer.rows.targets;
    int at = sample * n;
    if (layer.reduction == Reduction.MAX) {
      reserve(n);
      Arrays.fill(rise, 0, n, 0);
      simulate(
          layer,
          in,
          sample,
          step -> {
            for (int m = 0; m < n; m++) {
              if (layer.grid.step(peakTimes[at + m]) == step) {
                rise[m] = Math.max(0, i[m] - v[m]) / layer.tauMem;
              }
            }
          });
      retreat(
          layer,
          in,
          sample,
          grads,
          step -> corners(layer, step, errors, peakTimes, at),
          step -> {
            for (int m = 0; m < n; m++) {
              if (layer.grid.step(peakTimes[at + m]) == step) {
                v[m] -= errors[at + m] / layer.tauMem;
              }
            }
          });
    } else {
      retreat(
          layer,
          in,
          sample,
          grads,
          step -> 0,
          step -> {
            double share = layer.share(step) / layer.tauMem;
            for (int m = 0; m < n; m++) {
              v[m] -= share * errors[at + m];
            }
          });
    }
  }

  /** What an arrival adds to its error by carrying maxima along; once per maximum. */
  private double corners(
      GridReadoutLayer layer, int step, double[] errors, double[] peakTimes, int at) {
    double error = 0;
    for (int m = 0; m < layer.rows.targets; m++) {
      if (layer.grid.step(peakTimes[at + m]) == step) {
        error += errors[at + m] * rise[m];
        rise[m] = 0;
      }
    }
    return error;
  }

  /** lambdaV and lambdaI are in the arrays that a forward pass has V and I in. */
  private void retreat(
      GridReadoutLayer layer,
      Events in,
      int sample,
      Gradients grads,
      StepError own,
      StepTask drive) {
    int n = layer.rows.targets;
    reserve(n);
    double[] lv = v;
    double[] li = i;
    int first = in.begin(sample);
    int event = first + in.count(sample) - 1;
    for (int step = layer.steps; step >= 0; step--) {
      GridLayer.checkInterrupt(step);
      while (event >= first && layer.grid.step(in.times[event]) >= step) {
        boolean late = layer.grid.step(in.times[event]) > layer.steps;
        int source = in.units[event];
        double error = 0;
        if (!late) {
          double[] gradient = grads.row(layer.rows, source);
          error = own.of(step) + layer.rows.adjoint(source, lv, li, layer.tauSyn, gradient);
        }
        if (in.errors != null) {
          in.errors[event] = error;
        }
        event--;
      }
      if (step > 0) {
        drive.run(step);
        for (int m = 0; m < n; m++) {
          li[m] = layer.beta * li[m] + layer.adjointGamma * lv[m];
          lv[m] = layer.alpha * lv[m];
        }
      }
    }
  }

  /**
   * Softmax cross-entropy averaged over the steps, and its adjoint. The class predicted is the one
   * of largest mean probability.
   */
  void crossEntropy(
      GridReadoutLayer layer,
      Events in,
      int sample,
      int[] labels,
      double[] losses,
      int[] predicted,
      Gradients grads) {
    int n = layer.rows.targets;
    path = GridForward.resized(path, layer.steps + 1, n);
    simulate(layer, in, sample, step -> System.arraycopy(v, 0, path[step], 0, n));
    Arrays.fill(mean, 0, n, 0);
    double loss = 0;
    for (int step = 1; step <= layer.steps; step++) {
      loss += softmax(path[step], n, labels[sample]);
    }
    losses[sample] = loss / layer.steps;
    int best = 0;
    for (int m = 1; m < n; m++) {
      best = mean[m] > mean[best] ? m : best;
    }
    predicted[sample] = best;
    if (grads.input == null && in.errors == null) {
      return;
    }
    double share = 1 / (layer.tauMem * layer.steps * in.batch);
    retreat(
        layer,
        in,
        sample,
        grads,
        step -> 0,
        step -> {
          for (int m = 0; m < n; m++) {
            v[m] -= share * path[step][m];
          }
        });
  }

  /** Replaces V by dL/dV = p - delta, adds p to the mean and returns -log p of the label. */
  private double softmax(double[] values, int n, int label) {
    double top = values[0];
    for (int m = 1; m < n; m++) {
      top = Math.max(top, values[m]);
    }
    double own = values[label] - top;
    double sum = 0;
    for (int m = 0; m < n; m++) {
      values[m] = Real.exp(values[m] - top);
      sum += values[m];
    }
    for (int m = 0; m < n; m++) {
      values[m] /= sum;
      mean[m] += values[m];
    }
    values[label] -= 1;
    return Real.log(sum) - own;
  }
}
