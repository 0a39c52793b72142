package io.tacet.plasticity;

import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;

/**
 * The rule of Oja (1982, equation 3): with the linear responses {@code y = W^T x}, without bias or
 * activation, {@code W_ij += rate (x_i y_j - W_ij y_j^2)}. Hebbian growth with a decay by which the
 * weights of a unit, the columns of W, come to length 1 along the first principal component of its
 * inputs.
 *
 * <p>Of several samples, responses are those to the weights before, and the change is the mean over
 * the samples. Results do not depend on the number of threads.
 *
 * @param rate at least 0; 0 changes nothing
 * @param firstRow first of the inputs that respond and whose weights change
 * @param rows number of these inputs; 0 for all from the first on
 */
public record Oja(double rate, int firstRow, int rows) {
  public Oja {
    if (!(rate >= 0 && rate < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "rate: expected a finite number of at least 0, got " + rate + ".");
    }
    if (firstRow < 0 || rows < 0) {
      throw new IllegalArgumentException(
          "firstRow, rows: expected at least 0, got " + firstRow + " and " + rows + ".");
    }
  }

  /** The rule for all inputs. */
  public static Oja rate(double rate) {
    return new Oja(rate, 0, 0);
  }

  /**
   * The rule for some of the inputs only, which alone make the responses.
   *
   * @param first the first of them, from 0
   * @param count how many, at least 1
   */
  public Oja inputs(int first, int count) {
    if (count < 1) {
      throw new IllegalArgumentException("count: expected at least 1, got " + count + ".");
    }
    return new Oja(rate, first, count);
  }

  /**
   * Refuses weights that do not have these inputs.
   *
   * @param sources rows of the weights
   */
  public void check(long sources) {
    if (firstRow + (long) Math.max(1, rows) > sources) {
      throw new IllegalArgumentException(
          "inputs: expected inputs below "
              + sources
              + ", the rows of the weights, got "
              + (rows == 0 ? "those from " + firstRow + " on" : rows + " from " + firstRow + " on")
              + ".");
    }
  }

  /** How many inputs of {@code sources} the rule is for. */
  public int rowsOf(int sources) {
    return rows == 0 ? sources - firstRow : rows;
  }

  /**
   * Changes weights.
   *
   * @param weights W [sources][units], FLOAT32 or FLOAT64
   * @param inputs x [samples][sources]; more dimensions count as samples but for the last
   * @throws IllegalArgumentException if arrays do not fit each other or the rule; nothing is
   *     changed then
   */
  public void apply(DeviceArray weights, DeviceArray inputs) {
    apply(weights, null, 0, inputs);
  }

  /**
   * A step of gradient descent on all weights, {@code W -= descent gradient}, and after it that of
   * the rule; as {@code Sgd} without momentum and then {@link #apply(DeviceArray, DeviceArray)}, in
   * one pass over the weights fewer.
   *
   * @param gradient like the weights; null for no descent
   * @param descent learning rate of the descent, finite
   */
  public void apply(DeviceArray weights, DeviceArray gradient, double descent, DeviceArray inputs) {
    long[] shape = weights.shape();
    if (shape.length != 2 || !weights.type().isFloating()) {
      throw new IllegalArgumentException(
          "weights: expected [sources][units] of FLOAT32 or FLOAT64, got " + weights + ".");
    }
    check(shape[0]);
    Expect.likeOrNull("gradient", gradient, weights, weights.length());
    Expect.like("inputs", inputs, weights, inputs.length());
    long[] samples = inputs.shape();
    if (samples.length < 2 || samples[samples.length - 1] != shape[0]) {
      throw new IllegalArgumentException(
          "inputs: expected [samples][" + shape[0] + "], got " + inputs + ".");
    }
    if (!Double.isFinite(descent)) {
      throw new IllegalArgumentException(
          "descent: expected a finite learning rate, got " + descent + ".");
    }
    weights
        .backend()
        .kernels()
        .plasticity()
        .oja(weights, gradient, descent, inputs, rate, firstRow, rowsOf((int) shape[0]));
  }
}
