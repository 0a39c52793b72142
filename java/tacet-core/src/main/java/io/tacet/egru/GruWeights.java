package io.tacet.egru;

import java.util.Arrays;

/**
 * Weights of a plain GRU in the layout of this package, from and to that of other frameworks: a
 * layer with {@link EgruOptions#withoutEvents} then computes what theirs computes. They can also
 * initialise an event-based layer. Owns plain arrays and does not copy them on access.
 *
 * @param variant {@link EgruVariant#CELL_RESET_AFTER} for a reset gate after the recurrent product
 *     (PyTorch, cuDNN, Keras' default, ONNX with linear_before_reset = 1), {@link
 *     EgruVariant#PAPER} for one before it (ONNX with linear_before_reset = 0)
 * @param input W, [inputs][3 units], gates z, r, g
 * @param recurrent R, [units][3 units]
 * @param inputBias b_x, [3 units]
 * @param recurrentBias b_r, [3 units]; zeros for {@link EgruVariant#PAPER}, which has one bias
 */
public record GruWeights(
    EgruVariant variant,
    float[] input,
    float[] recurrent,
    float[] inputBias,
    float[] recurrentBias) {

  /** Position of gates z, r, g of this package in another framework's order. */
  private static final int[] TORCH = {1, 0, 2};

  private static final int[] ONNX = {0, 1, 2};

  /**
   * From the parameters of {@code torch.nn.GRU}: gates r, z, n one below the other.
   *
   * @param weightIh weight_ih_l0, [3 units][inputs]
   * @param weightHh weight_hh_l0, [3 units][units]
   * @param biasIh bias_ih_l0, [3 units]
   * @param biasHh bias_hh_l0, [3 units]
   * @throws IllegalArgumentException if the lengths do not belong together
   */
  public static GruWeights fromTorch(
      float[] weightIh, float[] weightHh, float[] biasIh, float[] biasHh) {
    int units = units(biasIh, weightIh, weightHh, biasHh);
    return new GruWeights(
        EgruVariant.CELL_RESET_AFTER,
        toColumns(weightIh, units, TORCH),
        toColumns(weightHh, units, TORCH),
        toColumns(biasIh, units, TORCH),
        toColumns(biasHh, units, TORCH));
  }

  /**
   * From one direction of an ONNX GRU: gates z, r, h one below the other.
   *
   * @param w W, [3 units][inputs]
   * @param r R, [3 units][units]
   * @param b B, [6 units]: Wb, then Rb
   * @param linearBeforeReset the attribute linear_before_reset
   * @throws IllegalArgumentException if the lengths do not belong together
   */
  public static GruWeights fromOnnx(float[] w, float[] r, float[] b, boolean linearBeforeReset) {
    float[] first = Arrays.copyOfRange(b, 0, b.length / 2);
    float[] second = Arrays.copyOfRange(b, b.length / 2, b.length);
    int units = units(first, w, r, second);
    float[] input = toColumns(w, units, ONNX);
    float[] recurrent = toColumns(r, units, ONNX);
    if (linearBeforeReset) {
      return new GruWeights(EgruVariant.CELL_RESET_AFTER, input, recurrent, first, second);
    }
    for (int k = 0; k < first.length; k++) {
      first[k] += second[k];
    }
    // The paper's u lets the new state in where z keeps the old one: u = 1 - z.
    negateUpdateGate(input, units);
    negateUpdateGate(recurrent, units);
    negateUpdateGate(first, units);
    return new GruWeights(EgruVariant.PAPER, input, recurrent, first, new float[3 * units]);
  }

  /**
   * From the weights of {@code keras.layers.GRU}: gates z, r, h beside one another.
   *
   * @param kernel [inputs][3 units]
   * @param recurrentKernel [units][3 units]
   * @param bias that of the input, and behind it, with {@code reset_after}, that of the recurrent
   *     product: [3 units] or [2][3 units]
   * @param resetAfter the argument reset_after
   * @throws IllegalArgumentException if the lengths do not belong together
   */
  public static GruWeights fromKeras(
      float[] kernel, float[] recurrentKernel, float[] bias, boolean resetAfter) {
    int three = resetAfter ? bias.length / 2 : bias.length;
    float[] input = Arrays.copyOf(bias, three);
    float[] recurrent =
        resetAfter ? Arrays.copyOfRange(bias, three, bias.length) : new float[three];
    int units = units(input, kernel, recurrentKernel, recurrent);
    if (resetAfter) {
      return new GruWeights(
          EgruVariant.CELL_RESET_AFTER, kernel.clone(), recurrentKernel.clone(), input, recurrent);
    }
    float[] w = kernel.clone();
    float[] r = recurrentKernel.clone();
    negateUpdateGate(w, units);
    negateUpdateGate(r, units);
    negateUpdateGate(input, units);
    return new GruWeights(EgruVariant.PAPER, w, r, input, recurrent);
  }

  /**
   * Weights of {@code keras.layers.GRU}: kernel, recurrent_kernel and bias, the latter [2][3 units]
   * for {@link EgruVariant#CELL_RESET_AFTER}, which is reset_after, else [3 units].
   */
  public float[][] toKeras() {
    int units = inputBias.length / 3;
    float[] w = input.clone();
    float[] r = recurrent.clone();
    if (variant == EgruVariant.CELL_RESET_AFTER) {
      float[] both = Arrays.copyOf(inputBias, 6 * units);
      System.arraycopy(recurrentBias, 0, both, 3 * units, 3 * units);
      return new float[][] {w, r, both};
    }
    float[] b = inputBias.clone();
    negateUpdateGate(w, units);
    negateUpdateGate(r, units);
    negateUpdateGate(b, units);
    return new float[][] {w, r, b};
  }

  /** Parameters of {@code torch.nn.GRU}: weight_ih, weight_hh, bias_ih, bias_hh. */
  public float[][] toTorch() {
    if (variant != EgruVariant.CELL_RESET_AFTER) {
      throw new IllegalStateException(
          "torch.nn.GRU resets after the recurrent product; these weights are for "
              + variant
              + ".");
    }
    int units = inputBias.length / 3;
    return new float[][] {
      toRows(input, units, TORCH),
      toRows(recurrent, units, TORCH),
      toRows(inputBias, units, TORCH),
      toRows(recurrentBias, units, TORCH)
    };
  }

  /**
   * One direction of an ONNX GRU: W [3 units][inputs], R [3 units][units], B [6 units]. Its
   * attribute linear_before_reset has to be 1 for {@link EgruVariant#CELL_RESET_AFTER}, else 0.
   */
  public float[][] toOnnx() {
    int units = inputBias.length / 3;
    boolean paper = variant == EgruVariant.PAPER;
    float[] w = input.clone();
    float[] r = recurrent.clone();
    float[] first = inputBias.clone();
    if (paper) {
      negateUpdateGate(w, units);
      negateUpdateGate(r, units);
      negateUpdateGate(first, units);
    }
    float[] b = Arrays.copyOf(first, 6 * units);
    if (!paper) {
      System.arraycopy(recurrentBias, 0, b, 3 * units, 3 * units);
    }
    return new float[][] {toRows(w, units, ONNX), toRows(r, units, ONNX), b};
  }

  private static int units(float[] bias, float[] w, float[] r, float[] otherBias) {
    int units = bias.length / 3;
    if (units < 1
        || bias.length % 3 != 0
        || otherBias.length != bias.length
        || r.length != bias.length * units
        || w.length == 0
        || w.length % bias.length != 0) {
      throw new IllegalArgumentException(
          "weights: expected [3 units][inputs], [3 units][units] and two biases [3 units], got "
              + w.length
              + ", "
              + r.length
              + ", "
              + bias.length
              + " and "
              + otherBias.length
              + " values.");
    }
    return units;
  }

  /** From [3 units][columns] with their gates to [columns][3 units] with ours. */
  private static float[] toColumns(float[] rows, int units, int[] order) {
    int columns = rows.length / (3 * units);
    float[] out = new float[rows.length];
    for (int gate = 0; gate < 3; gate++) {
      for (int m = 0; m < units; m++) {
        for (int k = 0; k < columns; k++) {
          out[(3 * k + gate) * units + m] = rows[(order[gate] * units + m) * columns + k];
        }
      }
    }
    return out;
  }

  private static float[] toRows(float[] ours, int units, int[] order) {
    int columns = ours.length / (3 * units);
    float[] out = new float[ours.length];
    for (int gate = 0; gate < 3; gate++) {
      for (int m = 0; m < units; m++) {
        for (int k = 0; k < columns; k++) {
          out[(order[gate] * units + m) * columns + k] = ours[(3 * k + gate) * units + m];
        }
      }
    }
    return out;
  }

  private static void negateUpdateGate(float[] columns, int units) {
    for (int k = 0; k < columns.length; k += 3 * units) {
      for (int m = 0; m < units; m++) {
        columns[k + m] = -columns[k + m];
      }
    }
  }
}
