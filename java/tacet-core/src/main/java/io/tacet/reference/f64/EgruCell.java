package io.tacet.reference.f64;

import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruInputs;
import io.tacet.egru.EgruLayer;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruState;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DeviceArray;
import io.tacet.reference.Masks;

/** A layer and the start of its sequence as plain arrays, shared by all threads of a call. */
final class EgruCell {
  final int steps;
  final int batch;
  final int units;
  final boolean paper;
  final boolean events;

  /** Whether rows of silent units are left out of the recurrent product. */
  final boolean sparse;

  final boolean training;
  final double zoneout;
  final double gamma;
  final double sharpness;
  final double decay;

  /** Largest argument of a gate; infinity for any. */
  final double clip;

  /** Recurrent weights, flat [units][3 units], or the values on a pattern. */
  final double[] recurrent;

  /** Biases of the gates: z and r have one, g one outside and one inside the reset gate. */
  final double[] biasZ;

  final double[] biasR;
  final double[] biasG;
  final double[] biasQ;
  final double[] thresholds;

  /** Steps of each sample. */
  final int[] lengths;

  private final boolean reversed;

  /** Start of the sequence, [batch][units], or null for zeros. */
  final double[] firstY;

  final double[] firstH;

  private final Masks masks;

  /** A layer without a sequence, for single steps. */
  EgruCell(EgruLayer layer) {
    this(layer, 0, 0, null, null, false, 0, false);
  }

  EgruCell(EgruLayer layer, EgruInputs in) {
    this(
        layer,
        in.steps(),
        in.batch(),
        in.lengths(),
        in.initial(),
        in.training(),
        in.seed(),
        in.reversed());
  }

  private EgruCell(
      EgruLayer layer,
      int steps,
      int batch,
      DeviceArray lengthArray,
      EgruState initial,
      boolean training,
      long seed,
      boolean reversed) {
    EgruOptions options = layer.options();
    this.steps = steps;
    this.batch = batch;
    this.training = training;
    this.reversed = reversed;
    units = layer.units();
    paper = options.variant() == EgruVariant.PAPER;
    events = options.events();
    sparse =
        options.engine() == EgruEngine.EVENT || (options.engine() == EgruEngine.AUTO && events);
    zoneout = Real.of(options.zoneout());
    gamma = Real.of(options.gamma());
    sharpness = Real.of(options.sharpness());
    decay = Real.of(options.traceDecay());
    clip = Real.of(options.clip());
    recurrent = Real.array(layer.recurrent());
    double[] bx = Real.array(layer.inputBias());
    double[] br = Real.array(layer.recurrentBias());
    biasZ = new double[units];
    biasR = new double[units];
    biasG = new double[units];
    biasQ = new double[units];
    for (int m = 0; m < units; m++) {
      biasZ[m] = bx[m] + (paper ? 0 : br[m]);
      biasR[m] = bx[units + m] + (paper ? 0 : br[units + m]);
      biasG[m] = bx[2 * units + m];
      biasQ[m] = paper ? 0 : br[2 * units + m];
    }
    thresholds = Real.array(layer.thresholds());
    lengths = new int[batch];
    int[] given = lengthArray == null ? null : (int[]) lengthArray.storage().heap();
    for (int n = 0; n < batch; n++) {
      lengths[n] = given == null ? steps : Math.max(0, Math.min(steps, given[n]));
    }
    firstY = initial == null ? null : Real.array(initial.y());
    firstH = initial == null ? null : Real.array(initial.h());
    masks = new Masks(seed, Masks.ZONEOUT, options.zoneout());
  }

  /** Row of [steps][batch] arrays that a sample comes to in the given step of the computation. */
  int row(int t, int n) {
    int time = reversed && t < lengths[n] ? lengths[n] - 1 - t : t;
    return time * batch + n;
  }

  /** Whether arguments of gates are cut. */
  boolean clips() {
    return clip < Double.POSITIVE_INFINITY;
  }

  /** Cuts sums to the clip; what is not a number stays. */
  void cut(double[] x) {
    if (clips()) {
      for (int m = 0; m < x.length; m++) {
        x[m] = x[m] > clip ? clip : x[m] < -clip ? -clip : x[m];
      }
    }
  }

  /** Makes errors of sums 0 whose sigmoid is that of one that was cut. */
  void stopGates(double[] gates, double[] errors) {
    if (clips()) {
      stop(gates, Real.sigmoid(-clip), Real.sigmoid(clip), errors);
    }
  }

  /** Makes errors of sums 0 whose tanh is that of one that was cut. */
  void stopCandidates(double[] candidates, double[] errors) {
    if (clips()) {
      stop(candidates, Real.tanh(-clip), Real.tanh(clip), errors);
    }
  }

  private static void stop(double[] values, double low, double high, double[] errors) {
    for (int m = 0; m < values.length; m++) {
      errors[m] = values[m] <= low || values[m] >= high ? 0 : errors[m];
    }
  }

  /** Masks for one thread; null where no unit is ever zoned out by a mask. */
  Masks masks() {
    return training && zoneout > 0 ? masks.copy() : null;
  }
}
