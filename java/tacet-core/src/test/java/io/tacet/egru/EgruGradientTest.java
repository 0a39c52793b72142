package io.tacet.egru;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.dense.Dense;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import io.tacet.sparse.RandomPattern;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Forward pass against the naive equations, gradients against differences of the loss. */
class EgruGradientTest {
  private static final double STEP = 1e-6;

  /** One setting of everything. */
  record Case(
      String name,
      EgruOptions options,
      boolean training,
      boolean ragged,
      double disconnect,
      Synapses synapses) {
    Case(String name, EgruOptions options, boolean training, boolean ragged, double disconnect) {
      this(name, options, training, ragged, disconnect, Synapses.DENSE);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** Recurrent synapses, with so many values in a place of a pattern. */
  enum Synapses {
    DENSE,
    SHARED_PATTERN,
    OWN_PATTERNS;

    RandomPattern pattern(Random random, int units) {
      return this == DENSE
          ? null
          : RandomPattern.of(random, units, this == OWN_PATTERNS ? 3 * units : units, 0.5);
    }

    int each() {
      return this == SHARED_PATTERN ? 3 : 1;
    }
  }

  static List<Case> cases() {
    EgruOptions wide = EgruOptions.defaults().surrogate(0.7, 1);
    List<Case> all = new ArrayList<>();
    for (EgruVariant variant : EgruVariant.values()) {
      EgruOptions o = wide.variant(variant);
      String v = variant.name() + " ";
      all.add(new Case(v + "plain", o, false, false, 0));
      all.add(new Case(v + "lengths", o, false, true, 0));
      all.add(new Case(v + "zoneout, training", o.zoneout(0.3), true, false, 0));
      all.add(new Case(v + "zoneout, evaluation", o.zoneout(0.3), false, true, 0));
      all.add(new Case(v + "clip", o.clip(0.5), false, true, 0));
      all.add(new Case(v + "clip of a GRU", o.withoutEvents().clip(0.3), false, true, 0));
      all.add(new Case(v + "DropConnect", o, true, false, 0.4));
      all.add(new Case(v + "both", o.zoneout(0.2), true, true, 0.4));
      all.add(new Case(v + "narrow surrogate", o.surrogate(3.6, 3.6), false, false, 0));
      all.add(new Case(v + "without events", o.withoutEvents(), false, true, 0));
      all.add(new Case(v + "dense engine", o.engine(EgruEngine.DENSE), false, true, 0));
      for (Synapses kind : List.of(Synapses.SHARED_PATTERN, Synapses.OWN_PATTERNS)) {
        String k = v + kind + " ";
        all.add(new Case(k + "plain", o, false, true, 0, kind));
        all.add(new Case(k + "zoneout", o.zoneout(0.3), true, false, 0, kind));
        all.add(new Case(k + "narrow", o.surrogate(3.6, 3.6), false, false, 0, kind));
        all.add(new Case(k + "without events", o.withoutEvents(), false, true, 0, kind));
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientsAreThoseOfTheSurrogateGraph(Case example) {
    for (long seed = 1; seed <= 3; seed++) {
      check(example, seed);
    }
  }

  private static void check(Case example, long seed) {
    Random random = new Random(seed);
    int steps = seed == 3 ? 1 : 5;
    int batch = seed == 2 ? 1 : 3;
    int inputs = 3;
    int units = 5;
    int[] lengths = new int[batch];
    for (int n = 0; n < batch; n++) {
      lengths[n] = example.ragged() ? random.nextInt(steps + 1) : steps;
    }
    NaiveEgru naive =
        new NaiveEgru(
            steps, batch, inputs, units, example.options(), lengths, example.training(), 77);
    naive.disconnect = example.disconnect();
    naive.connectSeed = 123;
    fill(random, naive.x, 1);
    fill(random, naive.w, 1);
    fill(random, naive.recurrent, 1);
    RandomPattern pattern = example.synapses().pattern(random, units);
    int each = example.synapses().each();
    if (pattern != null) {
      pattern.mask(naive.recurrent, each);
    }
    fill(random, naive.inputBias, 0.5);
    fill(random, naive.recurrentBias, 0.5);
    fill(random, naive.firstY, 0.8);
    fill(random, naive.firstH, 0.8);
    for (int m = 0; m < units; m++) {
      naive.thresholds[m] = 0.3 * random.nextDouble();
      naive.firstY[m] = 0;
    }
    double[] errorY = new double[naive.y.length];
    double[] errorTrace = new double[batch * units];
    double[] errorLastY = new double[batch * units];
    double[] errorLastH = new double[batch * units];
    double[] rate = new double[units];
    for (double[] error : List.of(errorY, errorTrace, errorLastY, errorLastH, rate)) {
      fill(random, error, 1);
    }
    naive.run();

    Map<String, double[]> gradients = new LinkedHashMap<>();
    try (Backend backend = new JavaBackend(2);
        Resources made = new Resources()) {
      DeviceArray x = made.own(backend.of(naive.x, (long) steps * batch, inputs));
      DeviceArray w = made.own(backend.of(naive.w, inputs, 3L * units));
      DeviceArray currents = made.own(backend.allocate(DType.FLOAT64, steps, batch, 3L * units));
      Dense.multiply(x, w, false, currents);
      DeviceArray connected =
          made.own(
              pattern == null
                  ? backend.of(naive.recurrent, units, 3L * units)
                  : backend.of(pattern.values(naive.recurrent, each, Double.NaN)));
      if (example.disconnect() > 0) {
        Dense.dropout(connected, example.disconnect(), 123, 1, connected.length(), connected);
      }
      EgruLayer layer =
          new EgruLayer(
              connected,
              pattern == null ? null : pattern.upload(backend, made, DType.UINT16),
              made.own(backend.of(naive.inputBias)),
              made.own(backend.of(naive.recurrentBias)),
              made.own(backend.of(naive.thresholds)),
              example.options());
      EgruState first = made.own(new EgruState(backend.of(naive.firstY), backend.of(naive.firstH)));
      EgruState last = made.own(EgruState.zeros(backend, DType.FLOAT64, batch, units));
      DeviceArray y = made.own(backend.allocate(DType.FLOAT64, steps, batch, units));
      DeviceArray trace = made.own(backend.allocate(DType.FLOAT64, batch, units));
      DeviceArray counts = made.own(backend.allocate(DType.INT32, units));
      EgruInputs in =
          new EgruInputs(currents, made.own(backend.of(lengths)), first, example.training(), 77);
      EgruTape tape = made.own(EgruTape.of(backend, DType.FLOAT64, steps, batch, units));
      Egru.forward(layer, in, new EgruOutputs(y, trace, last, counts), tape);
      close("y", y, naive.y);
      close("h", tape.h(), naive.h);
      close("trace", trace, naive.trace);
      close("last y", last.y(), naive.lastY);
      close("last h", last.h(), naive.lastH);
      int events = 0;
      for (int count : counts.toInts()) {
        events += count;
      }
      double expected = 0;
      for (double o : naive.o) {
        expected += o;
      }
      assertThat((double) events).as("events").isEqualTo(expected);

      DeviceArray recurrent = made.own(backend.allocate(DType.FLOAT64, connected.shape()));
      DeviceArray inputBias = made.own(backend.allocate(DType.FLOAT64, 3L * units));
      DeviceArray recurrentBias = made.own(backend.allocate(DType.FLOAT64, 3L * units));
      DeviceArray thresholds = made.own(backend.allocate(DType.FLOAT64, units));
      EgruState initial = made.own(EgruState.zeros(backend, DType.FLOAT64, batch, units));
      EgruErrors errors =
          new EgruErrors(
              made.own(backend.of(errorY, steps, batch, units)),
              made.own(backend.of(errorTrace, batch, units)),
              made.own(
                  new EgruState(
                      backend.of(errorLastY, batch, units), backend.of(errorLastH, batch, units))),
              made.own(backend.of(rate)));
      Egru.backward(
          layer,
          in,
          tape,
          errors,
          new EgruGradients(currents, recurrent, inputBias, recurrentBias, thresholds, initial));
      if (example.disconnect() > 0) {
        Dense.dropout(recurrent, example.disconnect(), 123, 1, recurrent.length(), recurrent);
      }
      DeviceArray dx = made.own(backend.allocate(DType.FLOAT64, (long) steps * batch, inputs));
      DeviceArray dw = made.own(backend.allocate(DType.FLOAT64, inputs, 3L * units));
      Dense.multiplyTransposed(currents, w, false, dx);
      Dense.transposedMultiply(x, currents, false, dw);
      gradients.put("x", dx.toDoubles());
      gradients.put("W", dw.toDoubles());
      gradients.put("R", recurrent.toDoubles());
      gradients.put("bx", inputBias.toDoubles());
      gradients.put("br", recurrentBias.toDoubles());
      gradients.put("theta", thresholds.toDoubles());
      gradients.put("y0", initial.y().toDoubles());
      gradients.put("h0", initial.h().toDoubles());
    }
    java.util.function.DoubleSupplier loss =
        () -> {
          naive.run();
          double sum =
              dot(errorY, naive.y)
                  + dot(errorTrace, naive.trace)
                  + dot(errorLastY, naive.lastY)
                  + dot(errorLastH, naive.lastH);
          for (int k = 0; k < naive.o.length; k++) {
            sum += example.options().events() ? rate[k % units] * naive.o[k] : 0;
          }
          return sum;
        };
    double[][] parameters = {
      naive.x,
      naive.w,
      naive.recurrent,
      naive.inputBias,
      naive.recurrentBias,
      naive.thresholds,
      naive.firstY,
      naive.firstH
    };
    int p = 0;
    if (pattern != null) {
      gradients.put("R", spread(pattern, each, gradients.get("R"), naive.recurrent.length));
    }
    for (Map.Entry<String, double[]> entry : gradients.entrySet()) {
      compare(example + ", " + entry.getKey(), parameters[p++], entry.getValue(), loss);
    }
  }

  /** As a dense gradient: NaN where there is no synapse. */
  private static double[] spread(RandomPattern pattern, int each, double[] values, int length) {
    double[] places = new double[length];
    Arrays.setAll(places, k -> k + 1);
    double[] from = pattern.values(places, each, 0);
    double[] dense = new double[length];
    Arrays.fill(dense, Double.NaN);
    for (int k = 0; k < each * pattern.count(); k++) {
      dense[(int) from[k] - 1] = values[k];
    }
    return dense;
  }

  private static void compare(
      String what, double[] parameters, double[] gradient, java.util.function.DoubleSupplier loss) {
    double scale = 1e-2;
    for (double g : gradient) {
      scale = Double.isNaN(g) ? scale : Math.max(scale, Math.abs(g));
    }
    for (int k = 0; k < parameters.length; k++) {
      if (Double.isNaN(gradient[k]) && parameters[k] == 0) {
        continue; // no synapse
      }
      double was = parameters[k];
      parameters[k] = was + STEP;
      double above = loss.getAsDouble();
      parameters[k] = was - STEP;
      double below = loss.getAsDouble();
      parameters[k] = was;
      double measured = (above - below) / (2 * STEP);
      assertThat(Math.abs(gradient[k] - measured) / scale)
          .as("%s %d: gradient %s, measured %s", what, k, gradient[k], measured)
          .isLessThan(1e-6);
    }
  }

  private static void close(String what, DeviceArray actual, double[] expected) {
    assertClose(what, actual.toDoubles(), expected, 1e-12);
  }

  private static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int k = 0; k < a.length; k++) {
      sum += a[k] * b[k];
    }
    return sum;
  }

  private static void fill(Random random, double[] values, double scale) {
    for (int k = 0; k < values.length; k++) {
      values[k] = scale * random.nextGaussian();
    }
  }
}
