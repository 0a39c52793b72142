package io.tacet.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PopulationCodeTest {
  /** Three patterns of three units, the last silent; the last unit never answers. */
  private final PopulationCode code =
      new PopulationCode(3, 3, new double[] {3, 4, 0, 1, 0, 0, 0, 0, 0});

  @Test
  void activeUnitsAndPatternsAreCounted() {
    assertThat(code.meanActive()).isEqualTo(1);
    assertThat(code.selectivity()).containsExactly(2, 1, 0);
    assertThat(code.activeUnits()).isCloseTo(2 / 3.0, within(1e-15));
    assertThat(code.activePatterns()).isCloseTo(2 / 3.0, within(1e-15));
  }

  @Test
  void similarityIsTheCosineAndOfASilentPatternWhatIsSaid() {
    assertThat(code.similarity(0, 1, 1)).isCloseTo(0.6, within(1e-15));
    assertThat(code.similarity(0, 2, 1)).isEqualTo(1);
    assertThat(code.meanSimilarity(1)).isCloseTo(2.6 / 3, within(1e-15));
    assertThat(code.meanSimilarity(0)).isCloseTo(0.2, within(1e-15));
  }

  @Test
  void ratesThatAreNoneAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PopulationCode(2, 1, new double[] {1, Double.NaN}))
        .withMessage("rates: expected finite numbers of at least 0, got NaN.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new PopulationCode(2, 2, new double[3]))
        .withMessage("rates: expected [at least 2][at least 1], got 3 elements for [2][2].");
  }
}
