package io.tacet.systems.olfaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EliminationTheoryTest {
  private static final int ODORANTS = 10_000;

  @ParameterizedTest
  @CsvSource({"50,1,877", "50,10,2186", "300,5,0.07", "300,20,43.9", "300,30,392", "500,30,45.3"})
  void falsePositivesAreThoseOfTheSpecification(int receptors, int components, double expected) {
    assertThat(EliminationTheory.falsePositives(receptors, ODORANTS, 0.05, components))
        .isCloseTo(expected, within(0.005 * expected + 0.003));
  }

  @ParameterizedTest
  @CsvSource({"300,5,0.931", "300,10,0.371", "500,20,0.366", "1000,20,1"})
  void probabilitiesOfExactIdentityAreThoseOfTheSpecification(
      int receptors, int components, double expected) {
    assertThat(EliminationTheory.exact(receptors, ODORANTS, 0.05, components))
        .isCloseTo(expected, within(6e-4));
  }

  @Test
  void exactIdentityIsAMeanOverTheNumberOfSilentReceptors() {
    double silence = Math.pow(0.8, 2);
    double[] binomial = {1, 3, 3, 1};
    double sum = 0;
    for (int n = 0; n <= 3; n++) {
      double probability = binomial[n] * Math.pow(silence, n) * Math.pow(1 - silence, 3 - n);
      sum += probability * Math.exp(-8 * Math.pow(0.8, n));
    }
    assertThat(EliminationTheory.exact(3, 10, 0.2, 2)).isCloseTo(sum, within(1e-14));
  }

  @Test
  void theBestDensityLetsFewestSurvive() {
    double best = EliminationTheory.bestDensity(10);
    assertThat(best).isEqualTo(1.0 / 11);
    assertThat(EliminationTheory.survival(300, best, 10))
        .isLessThan(EliminationTheory.survival(300, best - 0.003, 10))
        .isLessThan(EliminationTheory.survival(300, best + 0.003, 10));
  }

  @Test
  void aFewHundredReceptorsAreNeeded() {
    double needed = EliminationTheory.receptorsNeeded(ODORANTS, 10);
    assertThat(needed).isCloseTo(258, within(0.5));
    double best = EliminationTheory.bestDensity(10);
    assertThat(EliminationTheory.falsePositives((int) Math.ceil(needed), ODORANTS, best, 10))
        .isBetween(0.95, 1.0);
  }
}
