package io.tacet.network;

import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How a layer is reached from another one, or from itself; the same for every cell. A cell refuses
 * a kind of synapses for which it has no kernel.
 *
 * @param connectivity which synapses there are
 * @param weights initial weights; null for those that the cell usually begins with
 * @param ownGates whether each gate of a gated cell has its own pattern, and they do not share one
 * @param delayLow smallest initial delay in ms
 * @param delayHigh largest initial delay in ms; with trainable delays or a positive value there is
 *     a delay per synapse
 * @param learnedDelays whether delays train
 * @param rewiring how synapses change in training; null where they stay
 */
public record Connection(
    Connectivity connectivity,
    Weights weights,
    boolean ownGates,
    double delayLow,
    double delayHigh,
    boolean learnedDelays,
    Rewiring rewiring) {

  public Connection {
    Objects.requireNonNull(connectivity, "connectivity");
    if (!(delayLow >= 0 && delayHigh >= delayLow && delayHigh < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "delays: expected 0 <= low <= high in ms, got " + delayLow + " and " + delayHigh + ".");
    }
    if (rewiring != null && fixedFanOut(connectivity)) {
      throw new IllegalArgumentException(
          "rewiring: expected synapses whose number by source may change, got a fixed fan-out. Say"
              + " Connection.sparse(density).");
    }
    if (weights != null && weights.needsDense() && !(connectivity instanceof Connectivity.Dense)) {
      throw new IllegalArgumentException(
          "weights: expected a law for single synapses where not all are there, got "
              + weights.law()
              + " for "
              + connectivity.kind()
              + ". Say Connection.dense(Weights.orthogonal()), or another law.");
    }
    if (ownGates
        && (connectivity instanceof Connectivity.Dense
            || connectivity instanceof Connectivity.Given)) {
      throw new IllegalArgumentException(
          "separateGates: expected synapses that are drawn for each gate, got "
              + connectivity.kind()
              + ".");
    }
  }

  private static boolean fixedFanOut(Connectivity connectivity) {
    return connectivity instanceof Connectivity.FanOut;
  }

  private static Connection of(Connectivity connectivity, Weights weights) {
    return new Connection(connectivity, weights, false, 0, 0, false, null);
  }

  /** Every source to every target, with the cell's usual initial weights. */
  public static Connection dense() {
    return dense(null);
  }

  /** Every source to every target, without delays. */
  public static Connection dense(Weights weights) {
    return of(new Connectivity.Dense(), weights);
  }

  /** Each possible synapse with this probability, with the cell's usual initial weights. */
  public static Connection sparse(double density) {
    return sparse(density, null);
  }

  /** Each possible synapse with this probability, without delays. */
  public static Connection sparse(double density, Weights weights) {
    return of(density == 1 ? new Connectivity.Dense() : new Connectivity.Random(density), weights);
  }

  /** As many synapses for each source, to targets that are drawn; the cell's usual weights. */
  public static Connection fanOut(int targets) {
    return fanOut(targets, null);
  }

  /** As many synapses for each source, to targets that are drawn; without delays. */
  public static Connection fanOut(int targets, Weights weights) {
    return of(new Connectivity.FanOut(targets), weights);
  }

  /** As many synapses for each target, from sources that are drawn; the cell's usual weights. */
  public static Connection fanIn(int sources) {
    return fanIn(sources, null);
  }

  /** As many synapses for each target, from sources that are drawn; without delays. */
  public static Connection fanIn(int sources, Weights weights) {
    return of(new Connectivity.FanIn(sources), weights);
  }

  /** Square blocks of synapses, each with a probability, with the cell's usual initial weights. */
  public static Connection blocks(double density, int size) {
    return blocks(density, size, null);
  }

  /**
   * Square blocks of synapses, without delays.
   *
   * @param density probability of a block, in (0, 1]
   * @param size sources and targets of a block
   */
  public static Connection blocks(double density, int size, Weights weights) {
    return of(new Connectivity.Blocks(density, size), weights);
  }

  /** Synapses of one's own, with the cell's usual initial weights. */
  public static Connection pattern(int[] rowOffsets, int[] indices) {
    return pattern(rowOffsets, indices, null);
  }

  /**
   * Synapses of one's own, without delays. A model file holds them; a configuration file cannot.
   *
   * @param rowOffsets where the synapses of each source begin, [sources + 1]
   * @param indices targets, ascending and unique for each source; those of a gated cell are its
   *     units
   * @throws IllegalArgumentException if they are anything else, or there are none
   */
  public static Connection pattern(int[] rowOffsets, int[] indices, Weights weights) {
    return of(Connectivity.Given.of(rowOffsets, indices), weights);
  }

  /**
   * Synapses of one's own as pairs in any order, without delays.
   *
   * @param sources number of rows
   * @param edges pairs of source and target, each at most once
   */
  public static Connection edges(int sources, int[][] edges, Weights weights) {
    for (int[] edge : edges) {
      if (edge.length != 2 || edge[0] < 0 || edge[0] >= sources || edge[1] < 0) {
        throw new IllegalArgumentException(
            "edges: expected pairs of a source below "
                + sources
                + " and a target, got "
                + Arrays.toString(edge)
                + ".");
      }
    }
    int[][] sorted = edges.clone();
    Arrays.sort(sorted, Comparator.<int[]>comparingInt(e -> e[0]).thenComparingInt(e -> e[1]));
    int[] rowOffsets = new int[sources + 1];
    int[] indices = new int[edges.length];
    for (int k = 0; k < sorted.length; k++) {
      rowOffsets[sorted[k][0] + 1]++;
      indices[k] = sorted[k][1];
    }
    Arrays.parallelPrefix(rowOffsets, Integer::sum);
    return pattern(rowOffsets, indices, weights);
  }

  /** Each gate of a gated cell has its own pattern, where otherwise they share one. */
  public Connection separateGates() {
    return new Connection(
        connectivity, weights, true, delayLow, delayHigh, learnedDelays, rewiring);
  }

  /** A delay per synapse, uniform in [low, high] ms. */
  public Connection delays(double low, double high) {
    return new Connection(connectivity, weights, ownGates, low, high, learnedDelays, rewiring);
  }

  /** Delays train, from 0 ms unless {@link #delays} says otherwise. */
  public Connection trainDelays() {
    return new Connection(connectivity, weights, ownGates, delayLow, delayHigh, true, rewiring);
  }

  /** Synapses change while the network trains; where all are there, they are stored as CSR. */
  public Connection rewire(Rewiring how) {
    Connectivity stored = isDense() && how != null ? new Connectivity.Random(1) : connectivity;
    return new Connection(stored, weights, ownGates, delayLow, delayHigh, learnedDelays, how);
  }

  /** The kind of synapses. */
  public Connectivity.Kind kind() {
    return connectivity.kind();
  }

  /** Whether every source reaches every target. */
  public boolean isDense() {
    return kind() == Connectivity.Kind.DENSE;
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
    connectivity.addTo(map);
    if (ownGates) {
      map.put("separateGates", true);
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
    List<String> known =
        new ArrayList<>(
            List.of(
                "weights", "separateGates", "delayLow", "delayHigh", "trainDelays", "rewiring"));
    known.addAll(Connectivity.KEYS);
    one.only(known.toArray(String[]::new));
    Weights weights = one.has("weights") ? Weights.of(one.object("weights")) : null;
    return new Connection(
        Connectivity.of(one),
        weights,
        one.flag("separateGates", false),
        one.real("delayLow", 0),
        one.real("delayHigh", 0),
        one.flag("trainDelays", false),
        one.has("rewiring") ? Rewiring.of(one.object("rewiring")) : null);
  }
}
