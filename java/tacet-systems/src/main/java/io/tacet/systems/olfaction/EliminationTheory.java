package io.tacet.systems.olfaction;

/**
 * What estimation by elimination is expected to achieve when every odorant binds every receptor
 * independently with probability s and an odor has K components: a receptor is silent with
 * probability {@code (1 - s)^K}, and an absent odorant is ruled out by it with probability s.
 * Derived here; the published relation of diversity and sparsity may be of another form.
 */
public final class EliminationTheory {
  private EliminationTheory() {}

  /** Probability that a receptor is silent. */
  public static double silence(double density, int components) {
    return Math.pow(1 - density, components);
  }

  /** Probability q that an absent odorant is not ruled out: {@code (1 - s (1 - s)^K)^N_R}. */
  public static double survival(int receptors, double density, int components) {
    return Math.pow(1 - density * silence(density, components), receptors);
  }

  /** Expected number of absent odorants among the candidates: {@code (N_L - K) q}. */
  public static double falsePositives(int receptors, int odorants, double density, int components) {
    return (odorants - components) * survival(receptors, density, components);
  }

  /**
   * Probability that the candidates are exactly the components. The number n of silent receptors is
   * binomial, and given n absent odorants survive independently: {@code E[exp(-(N_L - K) (1 -
   * s)^n)]}. The exponential of the mean alone is only a lower bound.
   */
  public static double exact(int receptors, int odorants, double density, int components) {
    double silence = silence(density, components);
    double logOdds = Math.log(silence) - Math.log1p(-silence);
    double logProbability = receptors * Math.log1p(-silence);
    double sum = 0;
    for (int n = 0; n <= receptors; n++) {
      double expected = (odorants - components) * Math.pow(1 - density, n);
      sum += Math.exp(logProbability - expected);
      logProbability += Math.log((double) (receptors - n) / (n + 1)) + logOdds;
    }
    return sum;
  }

  /** Density at which fewest absent odorants survive: {@code 1 / (K + 1)}. */
  public static double bestDensity(int components) {
    return 1.0 / (components + 1);
  }

  /**
   * Receptors with which less than one absent odorant is expected to survive at the best density;
   * about {@code e (K + 1) ln N_L}.
   */
  public static double receptorsNeeded(int odorants, int components) {
    double density = bestDensity(components);
    double ruledOut = density * silence(density, components);
    return Math.log(odorants - components) / -Math.log1p(-ruledOut);
  }
}
