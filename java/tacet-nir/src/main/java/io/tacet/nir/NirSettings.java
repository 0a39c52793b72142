package io.tacet.nir;

import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.files.Json;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.memory.DType;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a graph of NIR leaves open, and a network has to know.
 *
 * @param pulse area of a spike of NIR in ms, positive: in a program with a time step, in which a
 *     spike is a 1 for a step, that step. It is 0.1 in snnTorch, Norse and the networks of NIR's
 *     paper; 1000, a second, where a spike is Dirac's. {@link NirKind#IF} and {@link NirKind#I},
 *     which have no time constant, take every spike as Dirac's, as all programs do
 * @param duration end of the simulation in ms, positive
 * @param dt step of the grid simulator in ms; 0 for the exact one, which takes neurons with
 *     synaptic currents only
 * @param synapse synaptic time constant in ms for {@link NirKind#LIF} and {@link NirKind#LI} and,
 *     in the exact simulator, {@link NirKind#IF}, which have none, so that a spike brings the same
 *     charge over that time; 0 for none
 * @param precision FLOAT32 or FLOAT64; null for FLOAT64 where there are IF or I, else FLOAT32
 * @param reduction what is read from the voltage of the last neurons, where they do not spike
 * @param approximate whether a bias in front of a synaptic current may act on the membrane at once,
 *     and not as fast as the current rises
 */
public record NirSettings(
    double pulse,
    double duration,
    double dt,
    double synapse,
    DType precision,
    Reduction reduction,
    boolean approximate) {

  private static final NirSettings DEFAULTS =
      new NirSettings(0.1, 100, 0, 0, null, Reduction.MAX, false);

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if one is out of range
   */
  public NirSettings {
    requirePositive("pulse", pulse);
    requirePositive("duration", duration);
    requireNotNegative("dt", dt);
    requireNotNegative("synapse", synapse);
    if (precision != null && !precision.isFloating()) {
      throw new IllegalArgumentException(
          "precision: expected FLOAT32 or FLOAT64, got " + precision + ".");
    }
  }

  private static void requirePositive(String name, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          name + ": expected a positive number of ms, got " + value + ".");
    }
  }

  private static void requireNotNegative(String name, double value) {
    if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          name + ": expected a number of ms that is not negative, got " + value + ".");
    }
  }

  /** A spike of 0.1 ms, 100 ms simulated exactly, read-outs by their maximum. */
  public static NirSettings defaults() {
    return DEFAULTS;
  }

  public NirSettings pulse(double ms) {
    return new NirSettings(ms, duration, dt, synapse, precision, reduction, approximate);
  }

  public NirSettings duration(double ms) {
    return new NirSettings(pulse, ms, dt, synapse, precision, reduction, approximate);
  }

  public NirSettings dt(double ms) {
    return new NirSettings(pulse, duration, ms, synapse, precision, reduction, approximate);
  }

  public NirSettings synapse(double ms) {
    return new NirSettings(pulse, duration, dt, ms, precision, reduction, approximate);
  }

  public NirSettings precision(DType type) {
    return new NirSettings(pulse, duration, dt, synapse, type, reduction, approximate);
  }

  public NirSettings reduction(Reduction chosen) {
    return new NirSettings(pulse, duration, dt, synapse, precision, chosen, approximate);
  }

  public NirSettings approximate(boolean allowed) {
    return new NirSettings(pulse, duration, dt, synapse, precision, reduction, allowed);
  }

  /**
   * These settings with those that JSON gives.
   *
   * @throws JsonException if a key is unknown or a value is invalid; the message names the key
   */
  public NirSettings with(JsonObject json) throws JsonException {
    json.only("pulse", "duration", "dt", "synapse", "precision", "reduction", "approximate");
    try {
      return new NirSettings(
          json.real("pulse", pulse),
          json.real("duration", duration),
          json.real("dt", dt),
          json.real("synapse", synapse),
          json.choice("precision", DType.class, precision),
          json.choice("reduction", Reduction.class, reduction),
          json.flag("approximate", approximate));
    } catch (IllegalArgumentException e) {
      throw new JsonException(json.origin() + ": " + e.getMessage(), e);
    }
  }

  /** As {@link #with} reads it. */
  String toJson() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("pulse", pulse);
    map.put("duration", duration);
    map.put("dt", dt);
    map.put("precision", precision);
    map.put("reduction", reduction);
    return Json.line(map);
  }
}
