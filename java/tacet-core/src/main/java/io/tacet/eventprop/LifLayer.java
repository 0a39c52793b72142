package io.tacet.eventprop;

import io.tacet.memory.DType;
import io.tacet.sparse.Synapses;
import java.util.Objects;

/**
 * A layer of LIF neurons with input synapses and, optionally, recurrent ones, simulated from 0 to
 * {@code duration}. A view: it owns nothing.
 *
 * @param input synapses from the layer below, targets = neurons; dense, compressed or of fixed
 *     fan-out, as all synapses of spiking layers
 * @param recurrent synapses among the neurons, or null
 * @param lif neuron parameters
 * @param duration end of the simulation in ms, positive; later events and spikes are ignored
 * @param limit maximum number of spikes per sample
 * @param variant what the neurons have beyond LIF neurons, or null
 * @param leastSlope 0 for the exact gradient, the default. Else backward passes divide by at least
 *     this where they divide by the slope of a spike, the rate in units of V per ms at which V
 *     reaches the threshold, since gradients grow as its inverse: finite, not negative. A bound,
 *     and so no gradient of spikes whose slope is smaller; forward passes do not depend on it
 */
public record LifLayer(
    Synapses input,
    Synapses recurrent,
    LifParameters lif,
    double duration,
    SpikeLimit limit,
    LifVariant variant,
    double leastSlope) {

  public LifLayer {
    lif.check(input.targets());
    if (recurrent != null
        && (recurrent.sources() != input.targets() || recurrent.targets() != input.targets())) {
      throw new IllegalArgumentException(
          "recurrent: expected "
              + input.targets()
              + " sources and targets, got "
              + recurrent.sources()
              + " and "
              + recurrent.targets()
              + ".");
    }
    checkDuration(duration, lif.threshold().type());
    Objects.requireNonNull(limit, "limit");
    checkLeastSlope(leastSlope);
    if (variant != null) {
      variant.check(input.targets());
    } else if (lif.reset() == null) {
      throw new IllegalArgumentException(
          "reset: expected an array, got null, which is the soft reset of a LifVariant.");
    }
  }

  /** LIF neurons with a limit. */
  public LifLayer(
      Synapses input, Synapses recurrent, LifParameters lif, double duration, SpikeLimit limit) {
    this(input, recurrent, lif, duration, limit, null, 0);
  }

  /** With {@link SpikeLimit#standard}. */
  public LifLayer(Synapses input, Synapses recurrent, LifParameters lif, double duration) {
    this(input, recurrent, lif, duration, SpikeLimit.standard());
  }

  /** Neurons of a variant, with {@link SpikeLimit#standard}. */
  public LifLayer(
      Synapses input, Synapses recurrent, LifParameters lif, LifVariant variant, double duration) {
    this(input, recurrent, lif, duration, SpikeLimit.standard(), variant, 0);
  }

  /** The same layer with another limit. */
  public LifLayer limit(SpikeLimit limit) {
    return new LifLayer(input, recurrent, lif, duration, limit, variant, leastSlope);
  }

  /** The same neurons over other synapses. */
  public LifLayer over(Synapses otherInput, Synapses otherRecurrent) {
    return new LifLayer(otherInput, otherRecurrent, lif, duration, limit, variant, leastSlope);
  }

  /** The same layer with another least slope; see the parameter. */
  public LifLayer leastSlope(double leastSlope) {
    return new LifLayer(input, recurrent, lif, duration, limit, variant, leastSlope);
  }

  /**
   * Checks a least slope.
   *
   * @throws IllegalArgumentException if it is negative, not a number, or beyond single precision
   */
  public static void checkLeastSlope(double leastSlope) {
    if (!(leastSlope >= 0 && leastSlope <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "leastSlope: expected a finite number per ms from 0 on, which is exact, got "
              + leastSlope
              + ".");
    }
  }

  /** Maximum number of spikes per sample for a pass of a simulator with this output. */
  public int mostSpikes(Simulator simulator, Spikes output) {
    return limit.of(this, simulator, output);
  }

  /** Rejects an invalid duration, in the precision of the layer. */
  static void checkDuration(double duration, DType type) {
    double rounded = type == DType.FLOAT32 ? (float) duration : duration;
    if (!(rounded > 0) || Double.isInfinite(rounded)) {
      throw new IllegalArgumentException(
          "duration: expected a positive number of ms, got " + duration + " in " + type + ".");
    }
  }

  /** Number of neurons. */
  public int neurons() {
    return input.targets();
  }
}
