package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.rnn.Rnn;
import io.tacet.rnn.RnnGradients;
import io.tacet.rnn.RnnLayer;
import java.util.Arrays;

/**
 * Compares a plain recurrent layer with dense weights of the java backend in double precision, over
 * a few steps of a few samples.
 */
final class RnnCheck {
  private static final int STEPS = 6;
  private static final int SAMPLES = 4;
  private static final double TOLERANCE = 1e-4;

  private RnnCheck() {}

  private record Pass(double[] values, double[] currents, double[] recurrent) {}

  /**
   * Fails if something differs.
   *
   * @param values h of the whole sequence, [steps][batch][units]
   * @param currents the whole sequence's
   */
  static void compare(RnnLayer layer, DeviceArray currents, DeviceArray values) {
    float[] given = first(currents);
    int steps = Math.min((int) currents.shape()[0], STEPS);
    DenseTwin twin = layer.pattern() == null ? null : new DenseTwin(layer.pattern(), 1);
    Pass ours = pass(layer, DType.FLOAT32, given, steps);
    try (Resources open = new Resources()) {
      Backend java = open.own(Machine.open("java", 0));
      DeviceArray dense =
          twin == null
              ? java.of(layer.recurrent().toDoubles(), layer.recurrent().shape())
              : twin.dense(java, DType.FLOAT64, layer.recurrent());
      DeviceArray bias = open.own(java.of(layer.bias().toDoubles(), layer.bias().shape()));
      RnnLayer reference = new RnnLayer(open.own(dense), bias, layer.activation());
      Pass theirs = pass(reference, DType.FLOAT64, given, steps);
      Agreement.close("h", Agreement.doubles(first(values)), theirs.values, TOLERANCE);
      Agreement.close("dL/da", ours.currents, theirs.currents, TOLERANCE);
      double[] gradient = twin == null ? theirs.recurrent : twin.stored(theirs.recurrent);
      Agreement.close("dL/dR", ours.recurrent, gradient, TOLERANCE);
    }
  }

  /** The first steps of the first samples. */
  private static float[] first(DeviceArray array) {
    int steps = Math.min((int) array.shape()[0], STEPS);
    int batch = (int) array.shape()[1];
    int samples = Math.min(batch, SAMPLES);
    int units = (int) array.shape()[2];
    float[] all = array.toFloats();
    float[] few = new float[steps * samples * units];
    for (int t = 0; t < steps; t++) {
      System.arraycopy(all, t * batch * units, few, t * samples * units, samples * units);
    }
    return few;
  }

  /** The loss is the sum of all values. */
  private static Pass pass(RnnLayer layer, DType type, float[] given, int steps) {
    Backend backend = layer.backend();
    int units = layer.units();
    int samples = given.length / steps / units;
    double[] ones = new double[given.length];
    Arrays.fill(ones, 1);
    try (Resources open = new Resources()) {
      DeviceArray currents = open.own(backend.allocate(type, steps, samples, units));
      DeviceArray values = open.own(backend.allocate(type, steps, samples, units));
      DeviceArray errors = open.own(backend.allocate(type, steps, samples, units)).copyFrom(ones);
      currents.copyFrom(Agreement.doubles(given));
      Rnn.forward(layer, currents, null, values, null);
      DeviceArray recurrent = open.own(backend.allocate(type, layer.recurrent().shape())).zero();
      Rnn.backward(layer, values, null, errors, new RnnGradients(currents, recurrent, null, null));
      return new Pass(values.toDoubles(), currents.toDoubles(), recurrent.toDoubles());
    }
  }
}
