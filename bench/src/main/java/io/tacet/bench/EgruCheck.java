package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruTape;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;

/**
 * Compares a layer with the java backend in double precision, over the first few steps of the first
 * few samples: in longer sequences an event that reaches its threshold in just one precision
 * changes everything after it. The forward comparison uses the results of the whole sequence; the
 * gradients are those of a pass of the measured layer over the few steps.
 */
final class EgruCheck {
  private static final int STEPS = 8;
  private static final int SAMPLES = 4;

  /** Without events nothing can flip. */
  private static final double DENSE_TOLERANCE = 1e-3;

  private final EgruLayer layer;
  private final int steps;
  private final int samples;
  private final int units;

  /** A small sequence on one backend, forward and back. */
  private record Pass(double[] y, double[] currents, double[] recurrent, double[] thresholds) {}

  private EgruCheck(EgruLayer layer, int steps, int batch) {
    this.layer = layer;
    this.steps = Math.min(steps, STEPS);
    this.samples = Math.min(batch, SAMPLES);
    this.units = layer.units();
  }

  /**
   * Fails if something differs.
   *
   * @param x [steps][batch][units]
   * @param w [units][3 units]
   * @param outputs y of the whole sequence, [steps][batch][units]
   * @param errors of the same shape
   * @param currents x W as it was computed, [steps][batch][3 units]
   */
  static void compare(
      EgruLayer layer,
      DeviceArray x,
      DeviceArray w,
      DeviceArray outputs,
      DeviceArray errors,
      DeviceArray currents) {
    int batch = (int) outputs.shape()[1];
    EgruCheck check = new EgruCheck(layer, (int) outputs.shape()[0], batch);
    double[] expected = check.product(check.first(x, batch), w.toFloats());
    float[] given = check.first(currents, batch);
    Agreement.close("input product", Agreement.doubles(given), expected, DENSE_TOLERANCE);
    try (Resources open = new Resources()) {
      check.compare(check.in(open), DType.FLOAT64, outputs, errors, currents);
    }
  }

  /**
   * The same without the input product.
   *
   * @param other a layer with the same parameters to compare with, such as one with another engine,
   *     or with dense weights where those of the layer are on a pattern; null for the java backend
   *     in double precision, which takes long for thousands of units
   */
  static void compare(
      EgruLayer layer,
      EgruLayer other,
      DeviceArray outputs,
      DeviceArray errors,
      DeviceArray currents) {
    EgruCheck check = new EgruCheck(layer, (int) outputs.shape()[0], (int) outputs.shape()[1]);
    if (other != null) {
      check.compare(other, DType.FLOAT32, outputs, errors, currents);
      return;
    }
    try (Resources open = new Resources()) {
      check.compare(check.in(open), DType.FLOAT64, outputs, errors, currents);
    }
  }

  private void compare(
      EgruLayer other, DType type, DeviceArray outputs, DeviceArray errors, DeviceArray currents) {
    int batch = (int) outputs.shape()[1];
    float[] given = first(currents, batch);
    float[] few = first(errors, batch);
    double tolerance = layer.options().events() ? Agreement.SPIKE_TOLERANCE : DENSE_TOLERANCE;
    Pass reference = pass(other, type, given, few);
    Pass ours = pass(layer, DType.FLOAT32, given, few);
    Agreement.close("y", Agreement.doubles(first(outputs, batch)), reference.y, tolerance);
    Agreement.close("y of a few steps", ours.y, reference.y, tolerance);
    Agreement.close("dL/da", ours.currents, reference.currents, tolerance);
    Agreement.close("dL/dR", ours.recurrent, asOurs(other, reference.recurrent), tolerance);
    if (layer.options().events()) {
      Agreement.close("dL/dtheta", ours.thresholds, reference.thresholds, tolerance);
    }
  }

  private DenseTwin twin() {
    return new DenseTwin(layer.pattern(), layer.gatesPerSynapse());
  }

  /** A gradient of another layer in the order of this one's weights. */
  private double[] asOurs(EgruLayer other, double[] recurrent) {
    return layer.pattern() == null || other.pattern() != null
        ? recurrent
        : twin().stored(recurrent);
  }

  /** The first steps of the first samples, [steps][samples][width]. */
  private float[] first(DeviceArray array, int batch) {
    float[] all = array.toFloats();
    int width = (int) (array.length() / array.shape()[0]);
    width = array.shape().length == 2 ? (int) array.shape()[1] : width / batch;
    float[] few = new float[steps * samples * width];
    for (int t = 0; t < steps; t++) {
      System.arraycopy(all, t * batch * width, few, t * samples * width, samples * width);
    }
    return few;
  }

  private double[] product(float[] x, float[] w) {
    double[] out = new double[3 * x.length];
    for (int row = 0; row < steps * samples; row++) {
      for (int i = 0; i < units; i++) {
        double value = x[row * units + i];
        for (int m = 0; m < 3 * units; m++) {
          out[3 * units * row + m] += value * w[3 * units * i + m];
        }
      }
    }
    return out;
  }

  /** The layer in double precision on the java backend, with dense weights. */
  private EgruLayer in(Resources open) {
    Backend java = open.own(Machine.open("java", 0));
    return new EgruLayer(
        open.own(
            layer.pattern() == null
                ? copy(java, layer.recurrent())
                : twin().dense(java, DType.FLOAT64, layer.recurrent())),
        open.own(copy(java, layer.inputBias())),
        open.own(copy(java, layer.recurrentBias())),
        open.own(copy(java, layer.thresholds())),
        layer.options());
  }

  private static DeviceArray copy(Backend java, DeviceArray array) {
    return java.of(array.toDoubles(), array.shape());
  }

  private Pass pass(EgruLayer of, DType type, float[] currents, float[] errors) {
    Backend backend = of.backend();
    try (Resources open = new Resources()) {
      long wide = 3L * units;
      EgruInputs inputs =
          EgruInputs.of(
              open.own(backend.allocate(type, steps, samples, wide))
                  .copyFrom(Agreement.doubles(currents)));
      DeviceArray y = open.own(backend.allocate(type, steps, samples, units));
      EgruTape tape = open.own(EgruTape.of(backend, type, steps, samples, units));
      Egru.forward(of, inputs, new EgruOutputs(y, null, null, null), tape);
      EgruGradients gradients =
          new EgruGradients(
              open.own(backend.allocate(type, steps, samples, wide)),
              open.own(backend.allocate(type, of.recurrent().shape())).zero(),
              null,
              null,
              open.own(backend.allocate(type, units)),
              null);
      DeviceArray dy =
          open.own(backend.allocate(type, steps, samples, units))
              .copyFrom(Agreement.doubles(errors));
      Egru.backward(of, inputs, tape, EgruErrors.of(dy), gradients);
      return new Pass(
          y.toDoubles(),
          gradients.currents().toDoubles(),
          gradients.recurrent().toDoubles(),
          gradients.thresholds().toDoubles());
    }
  }
}
