package io.tacet.tasks;

import io.tacet.network.Connection;
import io.tacet.network.Rewiring;
import io.tacet.network.Weights;
import java.util.List;

/** Options of sparse connections and of how they change in training, and what they mean. */
final class SparseOptions {
  private static final String NONE = "none";
  private static final List<String> DENSITIES = List.of("inputDensity", "density");

  private SparseOptions() {}

  /**
   * A density.
   *
   * @param name of the option
   * @param synapses of which synapses, in words
   */
  static Option density(String name, String synapses) {
    return Option.real(name, 1, Double.MIN_VALUE, 1, "part of the " + synapses + " that there are");
  }

  /** How sparse connections change. */
  static List<Option> rewiring() {
    return List.of(
        Option.choice(
            "rewiring",
            NONE,
            "how sparse synapses change in training: smallest weights are replaced at random or by gradient,"
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
            "rewiringCandidates",
            0,
            0,
            Double.POSITIVE_INFINITY,
            "absent synapses drawn to have their gradient looked at, as a multiple of those there are;"
                + " 0: all (rigl)"),
        Option.real(
            "rewiringDensity", 0.05, Double.MIN_VALUE, Math.nextDown(1.0), "density left (prune)"),
        Option.real(
            "rewiringTemperature",
            0,
            0,
            Double.POSITIVE_INFINITY,
            "of the random walk of weights (deepr)"),
        Option.real(
            "rewiringL1",
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
    boolean prunes = rewiring != null && rewiring.method() == Rewiring.Method.PRUNE;
    if (rewiring != null && !prunes && DENSITIES.stream().noneMatch(d -> s.real(d, 1) < 1)) {
      throw new IllegalArgumentException(
          "--rewiring: expected a density below 1 besides, where synapses are absent, got "
              + s.text("rewiring")
              + " alone. Say, for instance, --density 0.1.");
    }
    if (part == 1 && !prunes) {
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
          case "rigl" ->
              Rewiring.rigl(s.real("rewiringFraction")).candidates(s.real("rewiringCandidates"));
          case "deepr" -> Rewiring.deepR(s.real("rewiringTemperature"), s.real("rewiringL1"));
          case "prune" -> Rewiring.prune(s.real("rewiringDensity"));
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
