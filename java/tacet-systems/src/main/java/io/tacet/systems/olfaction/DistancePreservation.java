package io.tacet.systems.olfaction;

import io.tacet.Backend;
import io.tacet.analysis.Correlation;
import io.tacet.sparse.PhiloxRandom;
import java.util.Arrays;
import java.util.BitSet;
import java.util.stream.IntStream;

/**
 * Whether odors that differ more cause responses that differ more (Krishnamurthy, Hermundstad,
 * Mora, Walczak and Balasubramanian, Front. Comput. Neurosci. 16:917786, 2022): disordered
 * sensitivities preserve distances better than ordered ones.
 */
public final class DistancePreservation {
  private DistancePreservation() {}

  /**
   * Spearman's correlation of the distance of two odors, as vectors of concentrations, and that of
   * their responses, over pairs that share from none to all of their components.
   *
   * @param components of each odor
   * @param pairs number of pairs
   */
  public static double of(
      Sensitivities sensitivities, int components, int pairs, PhiloxRandom random) {
    Odor[] odors = new Odor[2 * pairs];
    for (int p = 0; p < pairs; p++) {
      odors[2 * p] = drawn(sensitivities.odorants(), components, random);
      odors[2 * p + 1] =
          sharing(odors[2 * p], p % (components + 1), sensitivities.odorants(), random);
    }
    double[] responses;
    try (OdorEncoder encoder = new OdorEncoder(sensitivities, odors.length)) {
      responses = encoder.respond(odors);
    }
    double[] ofOdors = new double[pairs];
    double[] ofResponses = new double[pairs];
    int receptors = sensitivities.receptors();
    for (int p = 0; p < pairs; p++) {
      ofOdors[p] = distance(odors[2 * p], odors[2 * p + 1], sensitivities.odorants());
      double square = 0;
      for (int i = 0; i < receptors; i++) {
        double d = responses[2 * p * receptors + i] - responses[(2 * p + 1) * receptors + i];
        square += d * d;
      }
      ofResponses[p] = Math.sqrt(square);
    }
    return Correlation.spearman(ofOdors, ofResponses);
  }

  /** The correlation with random or ordered bindings of one strength and the same density. */
  static double of(Backend backend, boolean ordered, int receptors, int pairs, long seed) {
    try (Sensitivities sensitivities =
        ordered
            ? Sensitivities.ordered(backend, receptors, 2000, 0.05, 0, seed)
            : Sensitivities.random(backend, receptors, 2000, 0.05, 0, seed)) {
      return of(sensitivities, 10, pairs, new PhiloxRandom(seed, 1L << 40));
    }
  }

  private static Odor drawn(int odorants, int components, PhiloxRandom random) {
    return Odor.random(
        random,
        odorants,
        components,
        OdorTrials.LEAST_CONCENTRATION,
        OdorTrials.MOST_CONCENTRATION);
  }

  /** Another odor with some odorants and their concentrations of a first one. */
  private static Odor sharing(Odor first, int shared, int odorants, PhiloxRandom random) {
    BitSet kept = new BitSet();
    while (kept.cardinality() < shared) {
      kept.set((int) (random.nextDouble() * first.components()));
    }
    double[] dense = new double[odorants];
    kept.stream().forEach(k -> dense[first.odorants()[k]] = first.concentrations()[k]);
    int count = shared;
    while (count < first.components()) {
      Odor one = drawn(odorants, 1, random);
      int odorant = one.odorants()[0];
      if (dense[odorant] == 0 && Arrays.binarySearch(first.odorants(), odorant) < 0) {
        dense[odorant] = one.concentrations()[0];
        count++;
      }
    }
    int[] present = IntStream.range(0, odorants).filter(j -> dense[j] > 0).toArray();
    return new Odor(present, Arrays.stream(present).mapToDouble(j -> dense[j]).toArray());
  }

  private static double distance(Odor first, Odor second, int odorants) {
    double[] difference = new double[odorants];
    for (int k = 0; k < first.components(); k++) {
      difference[first.odorants()[k]] += first.concentrations()[k];
    }
    for (int k = 0; k < second.components(); k++) {
      difference[second.odorants()[k]] -= second.concentrations()[k];
    }
    return Math.sqrt(Arrays.stream(difference).map(d -> d * d).sum());
  }
}
