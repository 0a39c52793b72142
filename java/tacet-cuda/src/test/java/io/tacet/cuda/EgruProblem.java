package io.tacet.cuda;

import io.tacet.Backend;
import io.tacet.egru.Egru;
import io.tacet.egru.EgruErrors;
import io.tacet.egru.EgruGradients;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruOutputs;
import io.tacet.egru.EgruState;
import io.tacet.egru.EgruTape;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** A random layer, sequence and loss, to be run on several backends. */
final class EgruProblem {
  final int steps;
  final int batch;
  final int units;
  final double[] recurrent;
  final double[] inputBias;
  final double[] recurrentBias;
  final double[] thresholds;
  final double[] currents;
  final double[] errorsOfY;
  final double[] errorsOfState;
  final double[] rate;
  final int[] lengths;

  /** Before the first step, [batch][units]. */
  double[] firstY;

  double[] firstH;
  EgruOptions options;
  boolean training;

  /** Of zoneout masks. */
  long maskSeed = 0x123456789abcdefL;

  boolean ragged;
  boolean compact;

  /** Whether the tape keeps the product inside the reset gate. */
  boolean product = true;

  /** Of the recurrent weights on native backends, the others have the same ones dense; or null. */
  private RandomPattern pattern;

  /** Backward in time, with room for the other direction in events, traces and their errors. */
  boolean reversed;

  /** What the inputs say about the activity. */
  double activity = Double.NaN;

  EgruProblem(long seed, int steps, int batch, int units, double threshold, EgruOptions options) {
    this.steps = steps;
    this.batch = batch;
    this.units = units;
    this.options = options;
    SplittableRandom random = new SplittableRandom(seed);
    recurrent = uniform(random, 3 * units * units, 1.5 / Math.sqrt(units), 0);
    inputBias = uniform(random, 3 * units, 0.3, 0);
    recurrentBias = uniform(random, 3 * units, 0.3, 0);
    thresholds = uniform(random, units, 0.05, threshold);
    currents = uniform(random, 3 * steps * batch * units, 1.5, 0);
    errorsOfY = uniform(random, steps * batch * units, 1, 0);
    errorsOfState = uniform(random, batch * units, 1, 0);
    rate = uniform(random, units, 0.1, 0);
    firstY = uniform(random, batch * units, 1, 0);
    firstH = uniform(random, batch * units, 1, 0);
    for (int k = 0; k < firstY.length; k++) {
      firstY[k] = k % 3 == 0 ? firstY[k] : 0;
    }
    lengths = new int[batch];
    for (int n = 0; n < batch; n++) {
      lengths[n] = (2 * n + steps - 1) % (steps + 1);
    }
  }

  /**
   * Puts the recurrent weights on a pattern.
   *
   * @param shared whether the gates share it
   */
  void sparse(boolean shared, double density, boolean narrow, int slack) {
    int each = shared ? 3 : 1;
    pattern = new RandomPattern(11, units, 3 * units / each, each, density, narrow, slack);
    pattern.mask(recurrent);
  }

  /** Values that every backend holds exactly. */
  private static double[] uniform(SplittableRandom random, int count, double scale, double mean) {
    return random.doubles(count).map(v -> (float) (mean + scale * (2 * v - 1))).toArray();
  }

  /** A step that starts from given events and states. */
  EgruProblem step(int t, double[] y, double[] h) {
    return window(t, 1, y, h);
  }

  /**
   * Steps t .. t+count-1 from given events and states, with zoneout masks and a loss of their own.
   */
  EgruProblem window(int t, int count, double[] y, double[] h) {
    EgruProblem window = new EgruProblem(t, count, batch, units, 0, options);
    copy(recurrent, window.recurrent);
    copy(inputBias, window.inputBias);
    copy(recurrentBias, window.recurrentBias);
    copy(thresholds, window.thresholds);
    int each = 3 * batch * units;
    copy(Arrays.copyOfRange(currents, t * each, (t + count) * each), window.currents);
    window.pattern = pattern;
    window.firstY = y;
    window.firstH = h;
    window.training = training;
    return window;
  }

  private static void copy(double[] from, double[] to) {
    System.arraycopy(from, 0, to, 0, to.length);
  }

  /** Everything that a forward and a backward pass write, by name. */
  Map<String, double[]> run(Backend backend) {
    return run(backend, true);
  }

  Map<String, double[]> run(Backend backend, boolean backward) {
    try (Resources own = new Resources()) {
      boolean sparse = pattern != null && backend instanceof NativeBackend;
      EgruLayer layer =
          new EgruLayer(
              sparse
                  ? pattern.values(backend, own, recurrent)
                  : array(own, backend, recurrent, units, 3L * units),
              sparse ? pattern.on(backend, own) : null,
              array(own, backend, inputBias, 3L * units),
              array(own, backend, recurrentBias, 3L * units),
              array(own, backend, thresholds, units),
              options);
      EgruInputs inputs =
          new EgruInputs(
              array(own, backend, currents, steps, batch, 3L * units),
              ragged ? own.own(backend.allocate(DType.INT32, batch).copyFrom(lengths)) : null,
              firstY == null ? null : state(own, backend, firstY, firstH),
              training,
              maskSeed,
              reversed,
              activity);
      EgruTape tape = own.own(tape(backend));
      int columns = reversed ? 2 * units : units;
      DeviceArray y = own.own(backend.allocate(type(backend), steps, batch, columns));
      DeviceArray trace = own.own(backend.allocate(type(backend), batch, columns));
      EgruState last = own.own(EgruState.zeros(backend, type(backend), batch, units));
      DeviceArray counts = own.own(backend.allocate(DType.INT32, units));
      Egru.forward(layer, inputs, new EgruOutputs(y, trace, last, counts), tape);
      Map<String, double[]> result = new LinkedHashMap<>();
      result.put("y", y.toDoubles());
      result.put("h", tape.h().toDoubles());
      result.put("trace", trace.toDoubles());
      result.put("last y", last.y().toDoubles());
      result.put("last h", last.h().toDoubles());
      result.put("counts", Arrays.stream(counts.toInts()).asDoubleStream().toArray());
      if (backward) {
        EgruErrors errors =
            new EgruErrors(
                array(own, backend, widened(errorsOfY), steps, batch, columns),
                array(own, backend, widened(errorsOfState), batch, columns),
                state(own, backend, errorsOfState, errorsOfState),
                array(own, backend, rate, units));
        EgruGradients gradients =
            new EgruGradients(
                own.own(backend.allocate(type(backend), steps, batch, 3L * units)),
                sparse
                    ? pattern.values(backend, own, new double[recurrent.length])
                    : own.own(backend.allocate(type(backend), units, 3L * units)),
                own.own(backend.allocate(type(backend), 3L * units)),
                own.own(backend.allocate(type(backend), 3L * units)),
                own.own(backend.allocate(type(backend), units)),
                own.own(EgruState.zeros(backend, type(backend), batch, units)));
        Egru.backward(layer, inputs, tape, errors, gradients);
        result.put("d currents", gradients.currents().toDoubles());
        DeviceArray recurrentGradient = gradients.recurrent();
        result.put(
            "d recurrent",
            sparse
                ? pattern.gradient(recurrentGradient)
                : pattern == null
                    ? recurrentGradient.toDoubles()
                    : pattern.stored(recurrentGradient.toDoubles()));
        result.put("d input bias", gradients.inputBias().toDoubles());
        result.put("d recurrent bias", gradients.recurrentBias().toDoubles());
        result.put("d thresholds", gradients.thresholds().toDoubles());
        result.put("d first y", gradients.initial().y().toDoubles());
        result.put("d first h", gradients.initial().h().toDoubles());
      }
      return result;
    }
  }

  /** Patterns are compared with dense weights in double precision. */
  private DType type(Backend backend) {
    return pattern == null || backend instanceof NativeBackend ? DType.FLOAT32 : DType.FLOAT64;
  }

  private EgruTape tape(Backend backend) {
    if (compact) {
      return product
          ? EgruTape.compact(backend, steps, batch, units)
          : EgruTape.compactWithoutProduct(backend, steps, batch, units);
    }
    return product
        ? EgruTape.of(backend, type(backend), steps, batch, units)
        : EgruTape.withoutProduct(backend, type(backend), steps, batch, units);
  }

  /** Rows of units in the place of this direction, 1000 in that of the other. */
  private double[] widened(double[] rows) {
    if (!reversed) {
      return rows;
    }
    double[] wide = new double[2 * rows.length];
    Arrays.fill(wide, 1000);
    for (int k = 0; k < rows.length; k++) {
      wide[column(k)] = rows[k];
    }
    return wide;
  }

  /** Where element k of rows of units is in rows that have room for the other direction. */
  private int column(int k) {
    return reversed ? (2 * (k / units) + 1) * units + k % units : k;
  }

  /** Smallest distance of a unit from its threshold in a result. */
  double margin(Map<String, double[]> result) {
    double least = Double.POSITIVE_INFINITY;
    for (int k = 0; options.events() && k < result.get("h").length; k++) {
      least = Math.min(least, Math.abs(distance(result, k)));
    }
    return least;
  }

  /** c - theta of an element [steps][batch][units]. */
  double distance(Map<String, double[]> result, int k) {
    double h = result.get("h")[k];
    boolean reset =
        result.get("y")[column(k)] != 0 && options.variant() == EgruVariant.CELL_RESET_AFTER;
    return reset ? h : h - thresholds[k % units];
  }

  private EgruState state(Resources own, Backend backend, double[] y, double[] h) {
    return new EgruState(
        array(own, backend, y, batch, units), array(own, backend, h, batch, units));
  }

  private DeviceArray array(Resources own, Backend backend, double[] values, long... shape) {
    return own.own(backend.allocate(type(backend), shape).copyFrom(values));
  }
}
