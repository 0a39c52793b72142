package io.tacet.egru;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Two layers over one sequence, the second backward in time, their outputs side by side. */
class BidirectionalEgruTest {
  private static final int STEPS = 6;
  private static final int BATCH = 4;
  private static final int INPUTS = 3;
  private static final int UNITS = 5;

  /** One sample has all steps, one none. */
  private static final int[] LENGTHS = {6, 3, 0, 1};

  private static final double STEP = 1e-6;

  /** Row of [steps][batch] that comes in step t of a reversed computation. */
  private static int reversedRow(int t, int n, int[] lengths) {
    return (t < lengths[n] ? lengths[n] - 1 - t : t) * BATCH + n;
  }

  /**
   * A sequence of rows [steps][batch][columns] with every sample turned round within its length.
   */
  private static double[] turned(double[] rows, int columns, int[] lengths) {
    double[] out = new double[rows.length];
    for (int t = 0; t < STEPS; t++) {
      for (int n = 0; n < BATCH; n++) {
        int from = reversedRow(t, n, lengths) * columns;
        System.arraycopy(rows, from, out, (t * BATCH + n) * columns, columns);
      }
    }
    return out;
  }

  private static double[] random(Random random, int length, double scale) {
    return random.doubles(length, -scale, scale).toArray();
  }

  /** Parameters and results of one direction. */
  private static final class Side {
    final NaiveEgru naive;
    EgruLayer layer;
    EgruInputs inputs;
    EgruTape tape;
    EgruState last;
    EgruState errorOfLast;
    EgruGradients gradients;
    DeviceArray weights;
    DeviceArray weightGradient;

    Side(Random random, EgruOptions options, boolean training, long seed) {
      naive = new NaiveEgru(STEPS, BATCH, INPUTS, UNITS, options, LENGTHS, training, seed);
      for (double[] values :
          List.of(naive.w, naive.recurrent, naive.inputBias, naive.recurrentBias, naive.firstH)) {
        System.arraycopy(random(random, values.length, 1), 0, values, 0, values.length);
      }
      for (int m = 0; m < UNITS; m++) {
        naive.thresholds[m] = 0.3 * random.nextDouble();
        naive.firstY[m] = random.nextDouble();
      }
    }

    /** Puts everything on a backend and multiplies the inputs with the weights. */
    void place(Resources made, Backend backend, DeviceArray x, boolean reversed) {
      weights = made.own(backend.of(naive.w, INPUTS, 3L * UNITS));
      DeviceArray currents = made.own(backend.allocate(DType.FLOAT64, STEPS, BATCH, 3L * UNITS));
      Dense.multiply(x, weights, false, currents);
      layer =
          new EgruLayer(
              made.own(backend.of(naive.recurrent, UNITS, 3L * UNITS)),
              made.own(backend.of(naive.inputBias)),
              made.own(backend.of(naive.recurrentBias)),
              made.own(backend.of(naive.thresholds)),
              naive.options);
      EgruState first = made.own(new EgruState(backend.of(naive.firstY), backend.of(naive.firstH)));
      EgruInputs ahead =
          new EgruInputs(
              currents, made.own(backend.of(LENGTHS)), first, naive.training, naive.seed);
      inputs = reversed ? ahead.backwardInTime() : ahead;
      tape = made.own(EgruTape.of(backend, DType.FLOAT64, STEPS, BATCH, UNITS));
      last = made.own(EgruState.zeros(backend, DType.FLOAT64, BATCH, UNITS));
      gradients =
          new EgruGradients(
              currents,
              made.own(backend.allocate(DType.FLOAT64, UNITS, 3L * UNITS)),
              made.own(backend.allocate(DType.FLOAT64, 3L * UNITS)),
              made.own(backend.allocate(DType.FLOAT64, 3L * UNITS)),
              made.own(backend.allocate(DType.FLOAT64, UNITS)),
              made.own(EgruState.zeros(backend, DType.FLOAT64, BATCH, UNITS)));
      weightGradient = made.own(backend.allocate(DType.FLOAT64, INPUTS, 3L * UNITS));
    }

    List<double[]> parameters() {
      return List.of(
          naive.w,
          naive.recurrent,
          naive.inputBias,
          naive.recurrentBias,
          naive.thresholds,
          naive.firstY,
          naive.firstH);
    }

    List<double[]> measured() {
      return List.of(
          weightGradient.toDoubles(),
          gradients.recurrent().toDoubles(),
          gradients.inputBias().toDoubles(),
          gradients.recurrentBias().toDoubles(),
          gradients.thresholds().toDoubles(),
          gradients.initial().y().toDoubles(),
          gradients.initial().h().toDoubles());
    }
  }

  @ParameterizedTest
  @EnumSource(EgruVariant.class)
  void gradientsAreThoseOfTheSurrogateGraph(EgruVariant variant) {
    gradients(EgruOptions.defaults().variant(variant), false);
    gradients(EgruOptions.defaults().variant(variant).zoneout(0.3), true);
    gradients(EgruOptions.defaults().variant(variant).withoutEvents(), false);
  }

  private static void gradients(EgruOptions options, boolean training) {
    Random random = new Random(5);
    double[] x = random(random, STEPS * BATCH * INPUTS, 2);
    Side[] sides = {new Side(random, options, training, 3), new Side(random, options, training, 4)};
    double[] errorY = random(random, STEPS * BATCH * 2 * UNITS, 1);
    double[] errorTrace = random(random, BATCH * 2 * UNITS, 1);
    double[][] errorLast = {
      random(random, BATCH * UNITS, 1), random(random, BATCH * UNITS, 1),
    };
    DoubleSupplier loss = () -> loss(x, sides, errorY, errorTrace, errorLast);
    assertThat(loss.getAsDouble()).isFinite();

    List<double[]> parameters = new ArrayList<>(List.of(x));
    List<double[]> found = new ArrayList<>();
    try (Backend backend = new JavaBackend(2);
        Resources made = new Resources()) {
      DeviceArray input = made.own(backend.of(x, (long) STEPS * BATCH, INPUTS));
      DeviceArray y = made.own(backend.allocate(DType.FLOAT64, STEPS, BATCH, 2L * UNITS));
      DeviceArray trace = made.own(backend.allocate(DType.FLOAT64, BATCH, 2L * UNITS));
      EgruErrors errors =
          new EgruErrors(
              made.own(backend.of(errorY, STEPS, BATCH, 2L * UNITS)),
              made.own(backend.of(errorTrace, BATCH, 2L * UNITS)),
              null,
              null);
      DeviceArray dx = made.own(backend.allocate(DType.FLOAT64, STEPS * BATCH, INPUTS));
      for (int d = 0; d < 2; d++) {
        Side side = sides[d];
        side.place(made, backend, input, d == 1);
        Egru.forward(
            side.layer, side.inputs, new EgruOutputs(y, trace, side.last, null), side.tape);
        side.errorOfLast =
            made.own(new EgruState(backend.of(errorLast[d]), backend.of(errorLast[d])));
        Egru.backward(
            side.layer,
            side.inputs,
            side.tape,
            new EgruErrors(errors.y(), errors.trace(), side.errorOfLast, null),
            side.gradients);
        Dense.transposedMultiply(input, side.gradients.currents(), false, side.weightGradient);
        Dense.multiplyTransposed(side.gradients.currents(), side.weights, d == 1, dx);
        parameters.addAll(side.parameters());
      }
      double[] expected = new double[STEPS * BATCH * 2 * UNITS];
      double[] back = turned(sides[1].naive.y, UNITS, LENGTHS);
      for (int k = 0; k < STEPS * BATCH; k++) {
        System.arraycopy(sides[0].naive.y, k * UNITS, expected, 2 * k * UNITS, UNITS);
        System.arraycopy(back, k * UNITS, expected, (2 * k + 1) * UNITS, UNITS);
      }
      assertClose(y.toDoubles(), expected, 1e-12);
      for (int d = 0; d < 2; d++) {
        assertClose(sides[d].last.y().toDoubles(), sides[d].naive.lastY, 1e-12);
        assertClose(sides[d].last.h().toDoubles(), sides[d].naive.lastH, 1e-12);
      }
      found.add(dx.toDoubles());
      for (Side side : sides) {
        found.addAll(side.measured());
      }
    }
    for (int p = 0; p < parameters.size(); p++) {
      compare("parameter " + p + " of " + options, parameters.get(p), found.get(p), loss);
    }
  }

  private static double loss(
      double[] x, Side[] sides, double[] errorY, double[] errorTrace, double[][] errorLast) {
    double sum = 0;
    for (int d = 0; d < 2; d++) {
      NaiveEgru naive = sides[d].naive;
      double[] seen = d == 0 ? x : turned(x, INPUTS, LENGTHS);
      System.arraycopy(seen, 0, naive.x, 0, x.length);
      naive.run();
      double[] y = d == 0 ? naive.y : turned(naive.y, UNITS, LENGTHS);
      for (int k = 0; k < y.length; k++) {
        sum += errorY[(2 * (k / UNITS) + d) * UNITS + k % UNITS] * y[k];
      }
      for (int k = 0; k < BATCH * UNITS; k++) {
        sum += errorTrace[(2 * (k / UNITS) + d) * UNITS + k % UNITS] * naive.trace[k];
        sum += errorLast[d][k] * (naive.lastY[k] + naive.lastH[k]);
      }
    }
    return sum;
  }

  private static void compare(
      String what, double[] parameters, double[] gradient, DoubleSupplier loss) {
    for (int k = 0; k < parameters.length; k++) {
      double was = parameters[k];
      parameters[k] = was + STEP;
      double above = loss.getAsDouble();
      parameters[k] = was - STEP;
      double below = loss.getAsDouble();
      parameters[k] = was;
      double measured = (above - below) / (2 * STEP);
      assertThat(gradient[k])
          .as("%s, element %d", what, k)
          .isCloseTo(measured, within(2e-6 * (1 + Math.abs(measured))));
    }
  }

  /** Everything that a pass over float32 currents writes. */
  private record Run(double[] y, double[] h, List<double[]> others) {}

  private static Run run(double[] currents, double[] errors, int[] lengths, boolean reversed) {
    Random random = new Random(8);
    try (Backend backend = new JavaBackend(2);
        Resources made = new Resources()) {
      EgruLayer layer =
          new EgruLayer(
              single(made, backend, random(random, 3 * UNITS * UNITS, 0.8), UNITS, 3L * UNITS),
              single(made, backend, random(random, 3 * UNITS, 0.3), 3L * UNITS),
              single(made, backend, random(random, 3 * UNITS, 0.3), 3L * UNITS),
              single(made, backend, random.doubles(UNITS, 0, 0.2).toArray(), UNITS),
              EgruOptions.defaults().zoneout(0.2));
      EgruInputs in =
          new EgruInputs(
              single(made, backend, currents, STEPS, BATCH, 3L * UNITS),
              made.own(backend.of(lengths)),
              null,
              true,
              9,
              reversed,
              Double.NaN);
      DeviceArray y = made.own(backend.allocate(DType.FLOAT32, STEPS, BATCH, UNITS));
      DeviceArray trace = made.own(backend.allocate(DType.FLOAT32, BATCH, UNITS));
      EgruState last = made.own(EgruState.zeros(backend, DType.FLOAT32, BATCH, UNITS));
      EgruTape tape = made.own(EgruTape.of(backend, DType.FLOAT32, STEPS, BATCH, UNITS));
      Egru.forward(layer, in, new EgruOutputs(y, trace, last, null), tape);
      DeviceArray recurrent = made.own(backend.allocate(DType.FLOAT32, UNITS, 3L * UNITS));
      EgruState initial = made.own(EgruState.zeros(backend, DType.FLOAT32, BATCH, UNITS));
      double[] states = tape.h().toDoubles();
      Egru.backward(
          layer,
          in,
          tape,
          EgruErrors.of(single(made, backend, errors, STEPS, BATCH, UNITS)),
          new EgruGradients(in.currents(), recurrent, null, null, null, initial));
      return new Run(
          y.toDoubles(),
          states,
          List.of(
              trace.toDoubles(),
              last.h().toDoubles(),
              recurrent.toDoubles(),
              initial.h().toDoubles(),
              turned(in.currents().toDoubles(), 3 * UNITS, reversed ? lengths : new int[BATCH])));
    }
  }

  private static DeviceArray single(
      Resources made, Backend backend, double[] values, long... shape) {
    return made.own(backend.allocate(DType.FLOAT32, shape).copyFrom(values));
  }

  @Test
  void reversedIsALayerOnReversedInputToTheLastBit() {
    Random random = new Random(3);
    double[] currents = random(random, STEPS * BATCH * 3 * UNITS, 2);
    double[] errors = random(random, STEPS * BATCH * UNITS, 1);
    Run reversed = run(currents, errors, LENGTHS, true);
    Run ahead =
        run(turned(currents, 3 * UNITS, LENGTHS), turned(errors, UNITS, LENGTHS), LENGTHS, false);
    assertThat(turned(reversed.y(), UNITS, LENGTHS)).isEqualTo(ahead.y());
    assertThat(turned(reversed.h(), UNITS, LENGTHS)).isEqualTo(ahead.h());
    assertThat(reversed.y()).isNotEqualTo(ahead.y());
    for (int k = 0; k < ahead.others().size(); k++) {
      assertThat(reversed.others().get(k)).as("result %d", k).isEqualTo(ahead.others().get(k));
    }
  }

  @Test
  void withoutEventsItIsTorchsBidirectionalGru() {
    Random random = new Random(4);
    double[] x = random(random, STEPS * BATCH * INPUTS, 2);
    double[] expected = new double[STEPS * BATCH * 2 * UNITS];
    try (Backend backend = new JavaBackend(2);
        Resources made = new Resources()) {
      DeviceArray input = single(made, backend, x, (long) STEPS * BATCH, INPUTS);
      DeviceArray y = made.own(backend.allocate(DType.FLOAT32, STEPS, BATCH, 2L * UNITS));
      for (int d = 0; d < 2; d++) {
        float[][] torch = new float[4][];
        int[] lengths = {3 * UNITS * INPUTS, 3 * UNITS * UNITS, 3 * UNITS, 3 * UNITS};
        for (int k = 0; k < 4; k++) {
          torch[k] = new float[lengths[k]];
          for (int e = 0; e < lengths[k]; e++) {
            torch[k][e] = (float) random.nextGaussian();
          }
        }
        torchGru(x, torch, d == 1, expected);
        GruWeights gru = GruWeights.fromTorch(torch[0], torch[1], torch[2], torch[3]);
        DeviceArray w = made.own(backend.of(gru.input(), INPUTS, 3L * UNITS));
        DeviceArray currents = made.own(backend.allocate(DType.FLOAT32, STEPS, BATCH, 3L * UNITS));
        Dense.multiply(input, w, false, currents);
        EgruInputs ahead = new EgruInputs(currents, made.own(backend.of(LENGTHS)), null, false, 0);
        Egru.forward(
            new EgruLayer(
                made.own(backend.of(gru.recurrent(), UNITS, 3L * UNITS)),
                made.own(backend.of(gru.inputBias())),
                made.own(backend.of(gru.recurrentBias())),
                made.own(backend.allocate(DType.FLOAT32, UNITS)),
                EgruOptions.defaults().variant(gru.variant()).withoutEvents()),
            d == 1 ? ahead.backwardInTime() : ahead,
            new EgruOutputs(y, null, null, null),
            null);
      }
      assertClose(y.toDoubles(), expected, 3e-6);
    }
  }

  /**
   * The equations of torch.nn.GRU(bidirectional=True) over a packed sequence: gates r, z, n; the
   * second direction goes from each sample's last step to its first, its output at step t is beside
   * that of the first, and there are zeros after a sample's end.
   *
   * @param weights weight_ih, weight_hh, bias_ih, bias_hh
   * @param out [steps][batch][2 units], of which one half is written
   */
  private static void torchGru(double[] x, float[][] weights, boolean reverse, double[] out) {
    for (int n = 0; n < BATCH; n++) {
      double[] h = new double[UNITS];
      for (int k = 0; k < LENGTHS[n]; k++) {
        int t = reverse ? LENGTHS[n] - 1 - k : k;
        double[] xs = new double[3 * UNITS];
        double[] hs = new double[3 * UNITS];
        for (int row = 0; row < 3 * UNITS; row++) {
          xs[row] = weights[2][row];
          hs[row] = weights[3][row];
          for (int c = 0; c < INPUTS; c++) {
            xs[row] += weights[0][row * INPUTS + c] * x[(t * BATCH + n) * INPUTS + c];
          }
          for (int j = 0; j < UNITS; j++) {
            hs[row] += weights[1][row * UNITS + j] * h[j];
          }
        }
        for (int m = 0; m < UNITS; m++) {
          double r = 1 / (1 + Math.exp(-xs[m] - hs[m]));
          double z = 1 / (1 + Math.exp(-xs[UNITS + m] - hs[UNITS + m]));
          double candidate = Math.tanh(xs[2 * UNITS + m] + r * hs[2 * UNITS + m]);
          h[m] = (1 - z) * candidate + z * h[m];
        }
        System.arraycopy(h, 0, out, (2 * (t * BATCH + n) + (reverse ? 1 : 0)) * UNITS, UNITS);
      }
    }
  }

  @Test
  void rowsOfAnotherWidthAreNamed() {
    try (Backend backend = new JavaBackend(1);
        Resources made = new Resources()) {
      DeviceArray zeros = made.own(backend.allocate(DType.FLOAT32, 3L * UNITS));
      EgruLayer layer =
          new EgruLayer(
              made.own(backend.allocate(DType.FLOAT32, UNITS, 3L * UNITS)),
              zeros,
              zeros,
              made.own(backend.allocate(DType.FLOAT32, UNITS)),
              EgruOptions.defaults());
      EgruInputs in =
          EgruInputs.of(made.own(backend.allocate(DType.FLOAT32, STEPS, BATCH, 3L * UNITS)));
      DeviceArray three = made.own(backend.allocate(DType.FLOAT32, STEPS, BATCH, 3L * UNITS));
      assertThatThrownBy(
              () -> Egru.forward(layer, in, new EgruOutputs(three, null, null, null), null))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("outputs.y", String.valueOf(STEPS * BATCH * UNITS));
    }
  }
}
