package io.tacet.network;

import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import java.util.Objects;

/**
 * Settings of a layer of event-gated recurrent units; see {@link io.tacet.egru.Egru} for the
 * equations.
 *
 * @param options how units compute
 * @param bidirectional whether the layer has a second half that goes backward in time, with
 *     parameters of its own; what it gives is beside what the first half gives
 * @param thresholdDraw how initial thresholds are drawn
 * @param thresholdMean m of {@code thresholdDraw}: with BETA the mean of the initial thresholds, in
 *     (0, 1)
 * @param trainThresholds whether thresholds train
 */
public record Egru(
    EgruOptions options,
    boolean bidirectional,
    ThresholdDraw thresholdDraw,
    double thresholdMean,
    boolean trainThresholds) {

  public Egru {
    Objects.requireNonNull(options, "options");
    thresholdDraw.check(thresholdMean);
  }

  /** The published settings: thresholds from Beta with mean 0.3, which train. */
  public static Egru defaults() {
    return new Egru(EgruOptions.defaults(), false, ThresholdDraw.BETA, 0.3, true);
  }

  /** The same with other options of the units. */
  public Egru with(EgruOptions other) {
    return new Egru(other, bidirectional, thresholdDraw, thresholdMean, trainThresholds);
  }

  /** A second half goes backward in time. */
  public Egru bothDirections() {
    return new Egru(options, true, thresholdDraw, thresholdMean, trainThresholds);
  }

  /** Thresholds from Beta(a, 3) with this mean. */
  public Egru thresholds(double mean) {
    return thresholds(ThresholdDraw.BETA, mean);
  }

  /** How initial thresholds are drawn. */
  public Egru thresholds(ThresholdDraw draw, double mean) {
    return new Egru(options, bidirectional, draw, mean, trainThresholds);
  }

  /** Thresholds stay as they were drawn. */
  public Egru frozenThresholds() {
    return new Egru(options, bidirectional, thresholdDraw, thresholdMean, false);
  }

  /** Zoneout in training. */
  public Egru zoneout(double probability) {
    return with(options.zoneout(probability));
  }

  /** The equations. */
  public Egru variant(EgruVariant variant) {
    return with(options.variant(variant));
  }

  /** How recurrent products are computed. */
  public Egru engine(EgruEngine engine) {
    return with(options.engine(engine));
  }
}
