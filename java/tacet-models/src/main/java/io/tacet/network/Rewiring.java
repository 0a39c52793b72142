package io.tacet.network;

import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How the synapses of a sparse connection change while it trains; see {@link
 * io.tacet.rewire.Rewirer}.
 *
 * @param method which synapses go and which come
 * @param fraction of the synapses replaced at first, (0, 1); it falls to 0 along half a cosine
 *     (Evci et al. 2020). SET and RIGL
 * @param every updates from one rewiring to the next, at least 1
 * @param until part of the training after which synapses stay as they are, (0, 1]
 * @param candidates absent synapses whose gradient is looked at besides those that grow, as a
 *     multiple of the synapses; so much room is kept for them. 0 for all that there are, without
 *     such room. RIGL
 * @param drawn whether new synapses begin with weights drawn like the first ones, as in the paper,
 *     and not at 0. SET
 * @param finalDensity synapses left at the end, as a part of all pairs, (0, 1). PRUNE
 * @param temperature of the random walk, at least 0: an update adds normal noise of variance 2 x
 *     learning rate x temperature. DEEP_R
 * @param l1 weight of the absolute weights in the loss, at least 0. DEEP_R
 */
public record Rewiring(
    Method method,
    double fraction,
    int every,
    double until,
    double candidates,
    boolean drawn,
    double finalDensity,
    double temperature,
    double l1) {
  private static final int USUAL_INTERVAL = 100;
  private static final double USUAL_END = 0.75;

  /** Ways to rewire. */
  public enum Method {
    /** Drops the smallest weights and grows at random (Mocanu et al. 2018). */
    SET,
    /**
     * Drops the smallest weights and grows where the gradient is largest (Evci et al. 2020), those
     * that are dropped being among the absent ones; or, with candidates, among some drawn at
     * random, which have weight 0 during the batch that gives their gradients.
     */
    RIGL,
    /**
     * Weights keep their signs and walk at random; those that cross 0 go and others grow at random
     * (Bellec et al. 2018), with signs drawn like those of the first weights.
     */
    DEEP_R,
    /** Drops the smallest weights until few are left (Zhu and Gupta 2017). */
    PRUNE
  }

  public Rewiring {
    within("fraction", fraction, fraction > 0 && fraction < 1, "(0, 1)");
    if (every < 1) {
      throw new IllegalArgumentException("every: expected at least 1 update, got " + every + ".");
    }
    within("until", until, until > 0 && until <= 1, "(0, 1], a part of the training");
    within("candidates", candidates, candidates >= 0 && Double.isFinite(candidates), "at least 0");
    if (drawn && method != Method.SET) {
      throw new IllegalArgumentException(
          "drawn: expected new synapses at 0 for "
              + method
              + ", got drawn ones, which SET alone can have.");
    }
    within("finalDensity", finalDensity, finalDensity > 0 && finalDensity < 1, "(0, 1)");
    within(
        "temperature", temperature, temperature >= 0 && Double.isFinite(temperature), "at least 0");
    within("l1", l1, l1 >= 0 && Double.isFinite(l1), "at least 0");
  }

  private static void within(String name, double value, boolean holds, String expected) {
    if (!holds) {
      throw new IllegalArgumentException(name + ": expected " + expected + ", got " + value + ".");
    }
  }

  private static Rewiring usual(Method method) {
    return new Rewiring(method, 0.3, USUAL_INTERVAL, USUAL_END, 0, false, 0.5, 0, 0);
  }

  /** SET: a fraction of the synapses every 100 updates, during three quarters of the training. */
  public static Rewiring set(double fraction) {
    return usual(Method.SET).fraction(fraction);
  }

  /** RigL: the same, growing where gradients of absent synapses are largest. */
  public static Rewiring rigl(double fraction) {
    return usual(Method.RIGL).fraction(fraction);
  }

  /** DEEP R: after every update until the end. */
  public static Rewiring deepR(double temperature, double l1) {
    return new Rewiring(Method.DEEP_R, 0.3, 1, 1, 0, false, 0.5, temperature, l1);
  }

  /** Pruning every 100 updates, to a density at three quarters of the training. */
  public static Rewiring prune(double finalDensity) {
    return new Rewiring(Method.PRUNE, 0.3, USUAL_INTERVAL, USUAL_END, 0, false, finalDensity, 0, 0);
  }

  /** Updates from one rewiring to the next. */
  public Rewiring every(int updates) {
    return new Rewiring(
        method, fraction, updates, until, candidates, drawn, finalDensity, temperature, l1);
  }

  /** Part of the training after which synapses stay as they are. */
  public Rewiring until(double part) {
    return new Rewiring(
        method, fraction, every, part, candidates, drawn, finalDensity, temperature, l1);
  }

  /**
   * RigL by candidates drawn at random, as a multiple of the synapses; 0 for all absent synapses.
   * Takes the time of a batch with so many more synapses, where a search takes that of the gradient
   * of a dense layer, of spiking neurons of a backward pass with twice the synapses for each time
   * that as many are absent; and is what trainings in segments and on several devices need.
   */
  public Rewiring candidates(double multiple) {
    return new Rewiring(
        method, fraction, every, until, multiple, drawn, finalDensity, temperature, l1);
  }

  /** New synapses begin with weights drawn like the first ones; of SET. */
  public Rewiring drawNew() {
    return new Rewiring(
        method, fraction, every, until, candidates, true, finalDensity, temperature, l1);
  }

  private Rewiring fraction(double part) {
    return new Rewiring(
        method, part, every, until, candidates, drawn, finalDensity, temperature, l1);
  }

  /** Whether an update is one after or before which synapses change, progress permitting. */
  public boolean at(long update, double progress) {
    return update % every == 0 && (progress < until || method == Method.PRUNE);
  }

  /**
   * The fraction to be replaced.
   *
   * @param progress part of the training that is done
   */
  public double fractionAt(double progress) {
    return fraction / 2 * (1 + StrictMath.cos(Math.PI * Math.min(1, progress / until)));
  }

  /**
   * The density at which pruning should be, by a cubic schedule (Zhu and Gupta 2017, equation 1).
   *
   * @param initial density at the beginning
   * @param progress part of the training that is done
   */
  public double densityAt(double initial, double progress) {
    double left = 1 - Math.min(1, progress / until);
    return finalDensity + (initial - finalDensity) * left * left * left;
  }

  /** Whether all absent synapses are looked at. */
  public boolean searches() {
    return method == Method.RIGL && candidates == 0;
  }

  /** Places for synapses to be beside {@code synapses}. */
  public long slack(long synapses) {
    return method == Method.RIGL ? (long) Math.ceil(candidates * synapses) : 0;
  }

  /** As the JSON of a specification has it. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("method", method);
    map.put("every", every);
    map.put("until", until);
    switch (method) {
      case SET -> {
        map.put("fraction", fraction);
        map.put("drawn", drawn);
      }
      case RIGL -> {
        map.put("fraction", fraction);
        map.put("candidates", candidates);
      }
      case DEEP_R -> {
        map.put("temperature", temperature);
        map.put("l1", l1);
      }
      case PRUNE -> map.put("finalDensity", finalDensity);
    }
    return map;
  }

  /** Reads what {@link #toMap} wrote. */
  static Rewiring of(JsonObject json) throws JsonException {
    json.only(
        "method",
        "fraction",
        "every",
        "until",
        "candidates",
        "drawn",
        "finalDensity",
        "temperature",
        "l1");
    Method method = json.choice("method", Method.class);
    Rewiring usual = method == Method.DEEP_R ? deepR(0, 0) : usual(method);
    return new Rewiring(
        method,
        json.real("fraction", usual.fraction),
        json.integer("every", usual.every),
        json.real("until", usual.until),
        json.real("candidates", usual.candidates),
        json.flag("drawn", usual.drawn),
        method == Method.PRUNE ? json.real("finalDensity") : usual.finalDensity,
        json.real("temperature", usual.temperature),
        json.real("l1", usual.l1));
  }
}
