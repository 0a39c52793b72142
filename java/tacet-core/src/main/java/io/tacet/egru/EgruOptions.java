package io.tacet.egru;

import java.util.Objects;

/**
 * Options of a layer.
 *
 * @param variant the equations
 * @param events false disables the threshold: every unit sends its state at every step and nothing
 *     is subtracted, which makes the layer a plain GRU
 * @param zoneout probability that a unit keeps its state in a step of training, [0, 1); evaluation
 *     mixes old and new state with it
 * @param gamma height of the surrogate derivative {@code psi(s) = gamma max(0, 1 - k |s|)}, with
 *     {@code s = c - theta}; positive
 * @param sharpness k of the surrogate: its support is {@code |s| < 1/k}; positive
 * @param traceDecay d of the read-out trace {@code tr = d tr + (1-d) y}, [0, 1)
 * @param engine how the recurrent product is computed
 * @param clip largest size of the sums that a gate or a candidate is the sigmoid or tanh of: those
 *     beyond are cut to it and let no gradient through; positive, infinite for none
 */
public record EgruOptions(
    EgruVariant variant,
    boolean events,
    double zoneout,
    double gamma,
    double sharpness,
    double traceDecay,
    EgruEngine engine,
    double clip) {

  public EgruOptions {
    Objects.requireNonNull(variant, "variant");
    Objects.requireNonNull(engine, "engine");
    if (!(zoneout >= 0 && zoneout < 1)) {
      throw new IllegalArgumentException("zoneout: expected [0, 1), got " + zoneout + ".");
    }
    if (!(gamma > 0 && gamma < Double.POSITIVE_INFINITY)
        || !(sharpness > 0 && sharpness < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "gamma, sharpness: expected positive numbers, got " + gamma + ", " + sharpness + ".");
    }
    if (!(traceDecay >= 0 && traceDecay < 1)) {
      throw new IllegalArgumentException("traceDecay: expected [0, 1), got " + traceDecay + ".");
    }
    if (!(clip > 0)) {
      throw new IllegalArgumentException(
          "clip: expected a positive number, or infinity for none, got " + clip + ".");
    }
  }

  /** The published settings: gamma 0.7, k 1, trace decay 0.9, no zoneout, no clip. */
  public static EgruOptions defaults() {
    return new EgruOptions(
        EgruVariant.CELL_RESET_AFTER,
        true,
        0,
        0.7,
        1,
        0.9,
        EgruEngine.AUTO,
        Double.POSITIVE_INFINITY);
  }

  public EgruOptions variant(EgruVariant variant) {
    return new EgruOptions(variant, events, zoneout, gamma, sharpness, traceDecay, engine, clip);
  }

  /** A plain GRU: the threshold is disabled. */
  public EgruOptions withoutEvents() {
    return new EgruOptions(variant, false, zoneout, gamma, sharpness, traceDecay, engine, clip);
  }

  public EgruOptions zoneout(double zoneout) {
    return new EgruOptions(variant, events, zoneout, gamma, sharpness, traceDecay, engine, clip);
  }

  public EgruOptions surrogate(double gamma, double sharpness) {
    return new EgruOptions(variant, events, zoneout, gamma, sharpness, traceDecay, engine, clip);
  }

  public EgruOptions traceDecay(double traceDecay) {
    return new EgruOptions(variant, events, zoneout, gamma, sharpness, traceDecay, engine, clip);
  }

  public EgruOptions engine(EgruEngine engine) {
    return new EgruOptions(variant, events, zoneout, gamma, sharpness, traceDecay, engine, clip);
  }

  public EgruOptions clip(double clip) {
    return new EgruOptions(variant, events, zoneout, gamma, sharpness, traceDecay, engine, clip);
  }

  /** Whether sums are cut. */
  public boolean clips() {
    return clip < Double.POSITIVE_INFINITY;
  }
}
