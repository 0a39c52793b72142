package io.tacet.tasks;

import io.tacet.network.Connection;
import io.tacet.network.Rewiring;
import io.tacet.network.Weights;
import java.util.List;

/** Options of sparse connections and of how they change in training, and what they mean. */
final class SparseOptions {
  private static final String NONE = "none";

  private SparseOptions() {}

  /**
   * The options.
   *
   * @param density name of the density
   * @param synapses of which synapses, in words
   */
  static List<Option> of(String density, String synapses) {
    return List.of(
        Option.real(density, 1, Double.MIN_VALUE, 1, "part of the " + synapses + " that there are"),
        Option.choice(
            "rewiring",
            NONE,
            "how these change in training: smallest weights are replaced at random or by gradient,"
                + " weights that cross 0 are replaced, or synapses get fewer",
            NONE,
            "set",
            "rigl",
            "deepr",
            "prune"),
        Option.real(
            "rewiringFraction",
            0.3,
            Double.MIN_VALUE,
            Math.nextDown(1.0),
            "part of the synapses replaced at first; falls to 0 (set, rigl)"),
        Option.flag(
            "rewiringDrawn", false, "new synapses begin like the first ones, not at 0 (set)"),
        Option.integer("rewiringInterval", 0, 0, "updates between; 0: 1 for deepr, else 100"),
        Option.real(
            "rewiringUntil",
            0,
            0,
            1,
            "part of the training during which they change; 0: 1 for deepr, else 0.75"),
        Option.real(
            "candidates",
            1,
            Double.MIN_VALUE,
            Double.POSITIVE_INFINITY,
            "absent synapses whose gradient is looked at, as a multiple of those there are (rigl)"),
        Option.real(
            "finalDensity", 0.05, Double.MIN_VALUE, Math.nextDown(1.0), "density left (prune)"),
        Option.real(
            "temperature", 0, 0, Double.POSITIVE_INFINITY, "of the random walk of weights (deepr)"),
        Option.real(
            "l1",
            0,
            0,
            Double.POSITIVE_INFINITY,
            "weight of absolute weights in the loss (deepr)"));
  }

  /**
   * A connection by the settings.
   *
   * @param density name of the density
   * @param dense the connection where nothing is sparse. A sparse one of normal weights has others,
   *     with the same mean and deviation of the sum that reaches a target
   */
  static Connection connection(Settings s, String density, Connection dense) {
    double part = s.real(density);
    Rewiring rewiring = rewiring(s);
    if (part == 1 && rewiring == null) {
      return dense;
    }
    Weights weights = dense.weights();
    Weights sparse =
        weights == null
            ? null
            : new Weights(weights.law(), weights.a() / part, weights.b() / Math.sqrt(part));
    return Connection.sparse(part, sparse)
        .delays(dense.delayLow(), dense.delayHigh())
        .rewire(rewiring);
  }

  private static Rewiring rewiring(Settings s) {
    Rewiring usual =
        switch (s.text("rewiring")) {
          case "set" -> {
            Rewiring set = Rewiring.set(s.real("rewiringFraction"));
            yield s.flag("rewiringDrawn") ? set.drawNew() : set;
          }
          case "rigl" -> Rewiring.rigl(s.real("rewiringFraction")).candidates(s.real("candidates"));
          case "deepr" -> Rewiring.deepR(s.real("temperature"), s.real("l1"));
          case "prune" -> Rewiring.prune(s.real("finalDensity"));
          default -> null;
        };
    if (usual == null) {
      return null;
    }
    int interval = s.integer("rewiringInterval");
    double until = s.real("rewiringUntil");
    return usual
        .every(interval > 0 ? interval : usual.every())
        .until(until > 0 ? until : usual.until());
  }
}
