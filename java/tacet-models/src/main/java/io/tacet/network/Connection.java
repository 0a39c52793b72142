package io.tacet.network;

import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How a layer is reached from another one, or from itself; the same for every cell. A cell refuses
 * a kind of synapses for which it has no kernel.
 *
 * @param weights initial weights; null for those that the cell usually begins with
 * @param density probability of a synapse, in (0, 1]; 1 unless synapses are CSR
 * @param fanOut synapses of each source, to targets drawn without repetition; 0 unless synapses
 *     have a fixed fan-out
 * @param delayLow smallest initial delay in ms
 * @param delayHigh largest initial delay in ms; with trainable delays or a positive value there is
 *     a delay per synapse
 * @param learnedDelays whether delays train
 * @param rewiring how synapses change in training; null where they stay
 */
public record Connection(
    Weights weights,
    double density,
    int fanOut,
    double delayLow,
    double delayHigh,
    boolean learnedDelays,
    Rewiring rewiring) {

  /** Kinds of synapses. */
  public enum Kind {
    /** Every source reaches every target. */
    DENSE,
    /** Compressed sparse rows. */
    CSR,
    /** As many targets for each source. */
    FIXED_FAN_OUT
  }

  public Connection {
    if (!(density > 0 && density <= 1)) {
      throw new IllegalArgumentException("density: expected (0, 1], got " + density + ".");
    }
    if (fanOut < 0 || (fanOut > 0 && density < 1)) {
      throw new IllegalArgumentException(
          "fanOut: expected at least 1 target of each source, and no density, got "
              + fanOut
              + " and "
              + density
              + ".");
    }
    if (fanOut > 0 && rewiring != null) {
      throw new IllegalArgumentException(
          "rewiring: expected synapses with a density, whose number by source may change, got a fixed"
              + " fan-out. Say Connection.sparse(density).");
    }
    if (!(delayLow >= 0 && delayHigh >= delayLow && delayHigh < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "delays: expected 0 <= low <= high in ms, got " + delayLow + " and " + delayHigh + ".");
    }
  }

  /** Every source to every target, with the cell's usual initial weights. */
  public static Connection dense() {
    return dense(null);
  }

  /** Every source to every target, without delays. */
  public static Connection dense(Weights weights) {
    return new Connection(weights, 1, 0, 0, 0, false, null);
  }

  /** Each possible synapse with this probability, with the cell's usual initial weights. */
  public static Connection sparse(double density) {
    return sparse(density, null);
  }

  /** Each possible synapse with this probability, without delays. */
  public static Connection sparse(double density, Weights weights) {
    return new Connection(weights, density, 0, 0, 0, false, null);
  }

  /** As many synapses for each source, to targets that are drawn; without delays. */
  public static Connection fanOut(int targets, Weights weights) {
    if (targets < 1) {
      throw new IllegalArgumentException("fanOut: expected at least 1, got " + targets + ".");
    }
    return new Connection(weights, 1, targets, 0, 0, false, null);
  }

  /** A delay per synapse, uniform in [low, high] ms. */
  public Connection delays(double low, double high) {
    return new Connection(weights, density, fanOut, low, high, learnedDelays, rewiring);
  }

  /** Delays train, from 0 ms unless {@link #delays} says otherwise. */
  public Connection trainDelays() {
    return new Connection(weights, density, fanOut, delayLow, delayHigh, true, rewiring);
  }

  /** Synapses change while the network trains; a density of 1 is a sparse one then, too. */
  public Connection rewire(Rewiring how) {
    return new Connection(weights, density, fanOut, delayLow, delayHigh, learnedDelays, how);
  }

  /** The kind of synapses. */
  public Kind kind() {
    if (fanOut > 0) {
      return Kind.FIXED_FAN_OUT;
    }
    return density < 1 || rewiring != null ? Kind.CSR : Kind.DENSE;
  }

  /** Whether there is a delay per synapse. */
  public boolean delayed() {
    return learnedDelays || delayHigh > 0;
  }

  /** The initial weights, or those of the cell where none were given. */
  public Weights weightsOr(Weights usual) {
    return weights == null ? usual : weights;
  }

  /** As the JSON of a specification has it. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("synapses", kind());
    if (kind() == Kind.CSR) {
      map.put("density", density);
    } else if (kind() == Kind.FIXED_FAN_OUT) {
      map.put("fanOut", fanOut);
    }
    if (weights != null) {
      map.put("weights", weights.toMap());
    }
    if (delayed()) {
      map.put("delayLow", delayLow);
      map.put("delayHigh", delayHigh);
      map.put("trainDelays", learnedDelays);
    }
    if (rewiring != null) {
      map.put("rewiring", rewiring.toMap());
    }
    return map;
  }

  /** Reads what {@link #toMap} wrote; {@code dense()} where there is nothing of that name. */
  public static Connection of(JsonObject json, String key) throws JsonException {
    Connection read = orNull(json, key);
    return read == null ? dense() : read;
  }

  /** The same; null where there is nothing of that name. */
  public static Connection orNull(JsonObject json, String key) throws JsonException {
    if (!json.has(key)) {
      return null;
    }
    JsonObject one = json.object(key);
    one.only(
        "synapses",
        "density",
        "fanOut",
        "weights",
        "delayLow",
        "delayHigh",
        "trainDelays",
        "rewiring");
    Weights weights = one.has("weights") ? Weights.of(one.object("weights")) : null;
    Kind kind = one.choice("synapses", Kind.class, Kind.DENSE);
    return new Connection(
        weights,
        kind == Kind.CSR ? one.real("density") : 1,
        kind == Kind.FIXED_FAN_OUT ? one.integer("fanOut") : 0,
        one.real("delayLow", 0),
        one.real("delayHigh", 0),
        one.flag("trainDelays", false),
        one.has("rewiring") ? Rewiring.of(one.object("rewiring")) : null);
  }
}
