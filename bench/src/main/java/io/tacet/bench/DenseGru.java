package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruTape;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The GRU of a peer with as many inputs as units, compared with our layer with the same weights and
 * no events: outputs and gradients of a sequence that begins with a state of zeros.
 */
final class DenseGru {
  /** Relative, of single precision on both sides. */
  private static final double TOLERANCE = 1e-4;

  private static final String[] GRADIENTS = {"dL/dW", "dL/dR", "dL/db_x", "dL/db_r"};

  private final String peer;
  private final int units;
  private final List<Integer> gates;
  private final float[][] arrays;

  /**
   * A GRU whose weights are known.
   *
   * @param peer what an error names
   * @param gates position of z, r and g in the peer's rows
   * @param arrays input and recurrent weights, [3 units][units], and their biases, [3 units], as
   *     the peer has them
   */
  DenseGru(String peer, int units, List<Integer> gates, float[][] arrays) {
    this.peer = peer;
    this.units = units;
    this.gates = gates;
    this.arrays = arrays;
  }

  /**
   * Weights distributed as in {@link EgruBenchmark}; nonzero biases, since zeros would hide their
   * order.
   */
  static DenseGru random(String peer, int units, List<Integer> gates, SplittableRandom random) {
    int weights = 3 * units * units;
    float[][] arrays = {
      normal(random, weights, Math.sqrt(1.0 / units)),
      normal(random, weights, Math.sqrt(0.5 / units)),
      normal(random, 3 * units, 0.1),
      normal(random, 3 * units, 0.1)
    };
    return new DenseGru(peer, units, gates, arrays);
  }

  /** Numbers with a standard deviation of {@code scale}. */
  static float[] normal(SplittableRandom random, int length, double scale) {
    float[] values = new float[length];
    for (int k = 0; k < length; k++) {
      values[k] = (float) (scale * random.nextGaussian());
    }
    return values;
  }

  /** As they were given. */
  float[][] arrays() {
    return arrays;
  }

  /**
   * Fails if the peer's outputs differ from ours.
   *
   * @param x [steps][batch][units]
   * @param y what the peer makes of it, of the same shape
   * @throws IllegalStateException naming the peer and by how much it differs
   */
  void compare(int batch, float[] x, float[] y) {
    try (Pass pass = new Pass(batch, x)) {
      close("y", y, pass.y.toFloats());
    }
  }

  /**
   * Fails if the peer's gradients differ from ours.
   *
   * @param x [steps][batch][units]
   * @param errors dL/dy, of the same shape
   * @param gradients of the arrays, each in its shape
   * @throws IllegalStateException naming the peer, the gradient and by how much it differs
   */
  void compareGradients(int batch, float[] x, float[] errors, float[][] gradients) {
    try (Pass pass = new Pass(batch, x)) {
      float[][] ours = pass.gradients(errors);
      for (int k = 0; k < ours.length; k++) {
        close(GRADIENTS[k], bySource(gradients[k]), ours[k]);
      }
    }
  }

  private void close(String what, float[] theirs, float[] ours) {
    Agreement.close(
        peer + ": " + what, Agreement.doubles(theirs), Agreement.doubles(ours), TOLERANCE);
  }

  /** From rows by target and the peer's order of gates to rows by source and ours; also a bias. */
  private float[] bySource(float[] theirs) {
    int columns = theirs.length / 3 / units;
    float[] ours = new float[theirs.length];
    for (int gate = 0; gate < 3; gate++) {
      for (int m = 0; m < units; m++) {
        for (int i = 0; i < columns; i++) {
          ours[i * 3 * units + gate * units + m] =
              theirs[(gates.get(gate) * units + m) * columns + i];
        }
      }
    }
    return ours;
  }

  /** Our layer over the sequence, on all processors. */
  private final class Pass implements AutoCloseable {
    private final Resources open = new Resources();
    private final Backend java = open.own(Machine.open("java", 0));
    private final EgruLayer layer;
    private final DeviceArray x;
    private final EgruInputs inputs;
    private final EgruTape tape;
    private final DeviceArray y;

    Pass(int batch, float[] sequence) {
      long wide = 3L * units;
      int steps = sequence.length / batch / units;
      layer =
          new EgruLayer(
              copy(bySource(arrays[1]), units, wide),
              copy(bySource(arrays[2]), wide),
              copy(bySource(arrays[3]), wide),
              zeros(units),
              EgruOptions.defaults().withoutEvents());
      x = copy(sequence, (long) steps * batch, units);
      inputs = EgruInputs.of(zeros(steps, batch, wide));
      Dense.multiply(x, copy(bySource(arrays[0]), units, wide), false, inputs.currents());
      tape = open.own(EgruTape.of(java, DType.FLOAT32, steps, batch, units));
      y = zeros(steps, batch, units);
      Egru.forward(layer, inputs, new EgruOutputs(y, null, null, null), tape);
    }

    /** In the order of the arrays. */
    float[][] gradients(float[] errors) {
      long wide = 3L * units;
      EgruGradients all =
          new EgruGradients(
              zeros(inputs.currents().shape()),
              zeros(units, wide),
              zeros(wide),
              zeros(wide),
              null,
              null);
      Egru.backward(layer, inputs, tape, EgruErrors.of(copy(errors, y.shape())), all);
      DeviceArray inputWeights = zeros(units, wide);
      Dense.transposedMultiply(x, all.currents(), false, inputWeights);
      return new float[][] {
        inputWeights.toFloats(),
        all.recurrent().toFloats(),
        all.inputBias().toFloats(),
        all.recurrentBias().toFloats()
      };
    }

    private DeviceArray copy(float[] values, long... shape) {
      return open.own(java.of(values, shape));
    }

    private DeviceArray zeros(long... shape) {
      return open.own(java.allocate(DType.FLOAT32, shape));
    }

    @Override
    public void close() {
      open.close();
    }
  }
}
