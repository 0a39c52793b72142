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
 * @param direction in time
 * @param thresholdDraw how initial thresholds are drawn
 * @param thresholdMean m of {@code thresholdDraw}: with BETA the mean of the initial thresholds, in
 *     (0, 1)
 * @param trainThresholds whether thresholds train
 */
public record Egru(
    EgruOptions options,
    Direction direction,
    ThresholdDraw thresholdDraw,
    double thresholdMean,
    boolean trainThresholds) {

  public Egru {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(direction, "direction");
    thresholdDraw.check(thresholdMean);
  }

  /** The published settings: thresholds from Beta with mean 0.3, which train. */
  public static Egru defaults() {
    return new Egru(EgruOptions.defaults(), Direction.FORWARD, ThresholdDraw.BETA, 0.3, true);
  }

  /** The same with other options of the units. */
  public Egru with(EgruOptions other) {
    return new Egru(other, direction, thresholdDraw, thresholdMean, trainThresholds);
  }

  /** A second half goes backward in time. */
  public Egru bothDirections() {
    return direction(Direction.BOTH);
  }

  /** How the layer goes through a sequence. */
  public Egru direction(Direction other) {
    return new Egru(options, other, thresholdDraw, thresholdMean, trainThresholds);
  }

  /** Thresholds from Beta(a, 3) with this mean. */
  public Egru thresholds(double mean) {
    return thresholds(ThresholdDraw.BETA, mean);
  }

  /** How initial thresholds are drawn. */
  public Egru thresholds(ThresholdDraw draw, double mean) {
    return new Egru(options, direction, draw, mean, trainThresholds);
  }

  /** Thresholds stay as they were drawn. */
  public Egru frozenThresholds() {
    return new Egru(options, direction, thresholdDraw, thresholdMean, false);
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
