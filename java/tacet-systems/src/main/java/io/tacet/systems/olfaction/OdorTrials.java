package io.tacet.systems.olfaction;

import io.tacet.Backend;
import io.tacet.sparse.PhiloxRandom;
import io.tacet.sparse.WeightLaw;
import io.tacet.systems.ValidationRun;
import java.util.Arrays;
import java.util.List;

/**
 * Many random odors, some to a random matrix of sensitivities, decoded and compared with what they
 * were.
 *
 * @param receptors number of receptor types
 * @param odorants number of odorants
 * @param density of the sensitivities
 * @param components of each odor
 * @param noise of the responses
 */
record OdorTrials(
    int receptors, int odorants, double density, int components, EliminationDecoder.Noise noise) {
  /** Odors to a matrix. */
  private static final int BATCH = 50;

  /** Standard deviation of the logarithm of sensitivities; the source has none for ours. */
  static final double SPREAD = 1;

  static final double LEAST_CONCENTRATION = 0.5;
  static final double MOST_CONCENTRATION = 1.5;

  /** A concentration below is that of an odorant which is not there. */
  private static final double PRESENT = LEAST_CONCENTRATION / 2;

  private static final WeightLaw STANDARD_NORMAL = WeightLaw.normal(0, 1);
  private static final long ODORS = 0x0d0aL;

  OdorTrials(int receptors, int odorants, double density, int components) {
    this(receptors, odorants, density, components, EliminationDecoder.Noise.NONE);
  }

  /**
   * Sums over odors.
   *
   * @param odors how many
   * @param missed odorants that were there and were ruled out
   * @param falsePositives candidates that were not there
   * @param exact odors whose candidates were exactly the components
   * @param determined odors with at least as many responding receptors as candidates
   * @param accurate odors with a relative error of all concentrations below 1 %
   * @param accurateDetermined odors of which both is true
   * @param identified odors whose concentrations above half the least are those of the components
   * @param errors relative error of the concentration of each component
   */
  record Outcome(
      int odors,
      int missed,
      double falsePositives,
      int exact,
      int determined,
      int accurate,
      int accurateDetermined,
      int identified,
      double[] errors) {

    static final Outcome NONE = new Outcome(0, 0, 0, 0, 0, 0, 0, 0, new double[0]);

    Outcome and(Outcome other) {
      double[] both = Arrays.copyOf(errors, errors.length + other.errors.length);
      System.arraycopy(other.errors, 0, both, errors.length, other.errors.length);
      return new Outcome(
          odors + other.odors,
          missed + other.missed,
          falsePositives + other.falsePositives,
          exact + other.exact,
          determined + other.determined,
          accurate + other.accurate,
          accurateDetermined + other.accurateDetermined,
          identified + other.identified,
          both);
    }

    double meanFalsePositives() {
      return falsePositives / odors;
    }

    double part(int count) {
      return (double) count / odors;
    }

    double medianError() {
      double[] sorted = errors.clone();
      Arrays.sort(sorted);
      return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
    }
  }

  /**
   * Decodes odors.
   *
   * @param count how many, rounded up to whole batches
   * @param estimated whether concentrations are estimated, too
   */
  Outcome decode(ValidationRun run, int count, boolean estimated) {
    int matrices = (count + BATCH - 1) / BATCH;
    List<Outcome> all = run.each(matrices, (backend, index) -> batch(backend, index, estimated));
    return all.stream().reduce(Outcome.NONE, Outcome::and);
  }

  private Outcome batch(Backend backend, int index, boolean estimated) {
    long key = ODORS + 1000L * receptors + components;
    PhiloxRandom random = new PhiloxRandom(key, index);
    try (Sensitivities sensitivities =
            Sensitivities.random(backend, receptors, odorants, density, SPREAD, random.nextLong());
        OdorEncoder encoder = new OdorEncoder(sensitivities, BATCH);
        EliminationDecoder decoder = new EliminationDecoder(sensitivities, BATCH, noise)) {
      Odor[] odors = new Odor[BATCH];
      Arrays.setAll(
          odors,
          b -> Odor.random(random, odorants, components, LEAST_CONCENTRATION, MOST_CONCENTRATION));
      double[] responses = encoder.respond(odors);
      for (int k = 0; k < responses.length && noise.deviation() > 0; k++) {
        responses[k] += noise.deviation() * STANDARD_NORMAL.weight(random.nextInt());
      }
      Outcome sum = Outcome.NONE;
      if (estimated) {
        EliminationDecoder.Estimate[] found = decoder.estimate(responses);
        for (int b = 0; b < BATCH; b++) {
          sum = sum.and(compare(odors[b], found[b]));
        }
        return sum;
      }
      int[][] candidates = decoder.candidates(responses);
      for (int b = 0; b < BATCH; b++) {
        sum = sum.and(compare(odors[b], candidates[b], active(responses, b)));
      }
      return sum;
    }
  }

  private int active(double[] responses, int odor) {
    return (int)
        Arrays.stream(responses, odor * receptors, (odor + 1) * receptors)
            .filter(response -> response > noise.threshold())
            .count();
  }

  private static Outcome compare(Odor odor, int[] candidates, int active) {
    int there =
        (int)
            Arrays.stream(odor.odorants())
                .filter(j -> Arrays.binarySearch(candidates, j) >= 0)
                .count();
    int exact = there == odor.components() && candidates.length == there ? 1 : 0;
    int determined = active >= candidates.length ? 1 : 0;
    return new Outcome(
        1,
        odor.components() - there,
        candidates.length - there,
        exact,
        determined,
        0,
        0,
        0,
        new double[0]);
  }

  private static Outcome compare(Odor odor, EliminationDecoder.Estimate found) {
    Outcome elimination = compare(odor, found.candidates(), found.active());
    double[] errors = new double[odor.components()];
    double square = 0;
    double size = 0;
    boolean identified = true;
    double[] surplus = found.concentrations().clone();
    for (int k = 0; k < errors.length; k++) {
      double truth = odor.concentrations()[k];
      int at = Arrays.binarySearch(found.candidates(), odor.odorants()[k]);
      double guess = at < 0 ? 0 : found.concentrations()[at];
      identified &= guess > PRESENT;
      if (at >= 0) {
        surplus[at] = 0;
      }
      errors[k] = Math.abs(guess - truth) / truth;
      square += (guess - truth) * (guess - truth);
      size += truth * truth;
    }
    for (double concentration : surplus) {
      identified &= concentration <= PRESENT;
      square += concentration * concentration;
    }
    int accurate = Math.sqrt(square / size) < 0.01 ? 1 : 0;
    return new Outcome(
        1,
        elimination.missed(),
        elimination.falsePositives(),
        elimination.exact(),
        elimination.determined(),
        accurate,
        accurate * elimination.determined(),
        identified ? 1 : 0,
        errors);
  }
}
