package io.tacet.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class AnalysisTest {
  private final SplittableRandom random = new SplittableRandom(2);

  private double[][] patterns(int conditions, int units) {
    double[][] patterns = new double[conditions][];
    for (int i = 0; i < conditions; i++) {
      patterns[i] = random.doubles(units, -1, 1).toArray();
    }
    return patterns;
  }

  @Test
  void distancesAreEuclideanAndTheLowerTriangleIsRowAfterRow() {
    Rdm rdm = Rdm.euclidean(new double[][] {{0, 0}, {3, 4}, {0, 1}});
    assertThat(rdm.at(1, 0)).isEqualTo(5);
    assertThat(rdm.at(0, 1)).isEqualTo(5);
    assertThat(rdm.at(2, 2)).isZero();
    assertThat(rdm.lowerTriangle()).containsExactly(5, 1, Math.sqrt(18));
    Rdm twice = Rdm.mean(rdm, Rdm.euclidean(new double[][] {{0, 0}, {0, 7}, {0, 1}}));
    assertThat(twice.lowerTriangle()[0]).isEqualTo(6);
  }

  /** The solution by hand of two regressors: correlations r and c give (r1 - c r2) / (1 - c^2). */
  @Test
  void aRegressionIsThatOfStandardisedDistances() {
    Rdm own = Rdm.euclidean(patterns(9, 4));
    Rdm first = Rdm.euclidean(patterns(9, 2));
    Rdm second = Rdm.euclidean(patterns(9, 3));
    double r1 = Correlation.pearson(own.lowerTriangle(), first.lowerTriangle());
    double r2 = Correlation.pearson(own.lowerTriangle(), second.lowerTriangle());
    double c = Correlation.pearson(first.lowerTriangle(), second.lowerTriangle());
    assertThat(own.regress(first, second))
        .containsExactly(
            new double[] {(r1 - c * r2) / (1 - c * c), (r2 - c * r1) / (1 - c * c)}, within(1e-12));
    assertThat(own.regress(own, first)).containsExactly(new double[] {1, 0}, within(1e-12));
  }

  @Test
  void modelsThatDependOnEachOtherOrDoNotVaryAreRefused() {
    Rdm own = Rdm.euclidean(patterns(6, 3));
    refused(() -> own.regress(own, own), "models", "2 that do");
    refused(() -> own.regress(Rdm.euclidean(patterns(5, 3))), "6 conditions", "5");
    refused(() -> own.regress(Rdm.euclidean(new double[6][2])), "vary");
    refused(() -> Rdm.euclidean(new double[1][2]), "patterns", "at least 2");
    refused(() -> Rdm.euclidean(new double[][] {{1}, {1, 2}}), "2 in pattern 1");
    refused(() -> Rdm.euclidean(new double[][] {{1}, {Double.NaN}}), "NaN");
  }

  @Test
  void ranksOfEqualNumbersAreTheirMean() {
    assertThat(Correlation.ranks(new double[] {3, 1, 3, 2, 3})).containsExactly(4, 1, 4, 2, 4);
    double[] x = {1, 2, 3, 4, 5};
    assertThat(Correlation.spearman(x, new double[] {1, 10, 100, 1000, 1e4}))
        .isCloseTo(1, within(1e-12));
    assertThat(Correlation.pearson(x, new double[] {1, 10, 100, 1000, 1e4})).isLessThan(0.9);
    // With d the difference of ranks, 1 - 6 sum d^2 / (n (n^2 - 1)) = 1 - 6 * 8 / 120.
    assertThat(Correlation.spearman(x, new double[] {3, 1, 2, 5, 4})).isCloseTo(0.6, within(1e-12));
    refused(() -> Correlation.pearson(x, new double[] {1, 1, 1, 1, 1}), "y", "vary");
    refused(() -> Correlation.spearman(x, new double[4]), "5 and 4");
  }

  @Test
  void componentsAreThoseOfTheVariance() {
    double[][] plane = new double[40][5];
    for (double[] row : plane) {
      double a = random.nextGaussian();
      double b = 0.1 * random.nextGaussian();
      for (int j = 0; j < row.length; j++) {
        row[j] = 7 + a * (j + 1) + b * (j % 2 == 0 ? 1 : -1);
      }
    }
    assertThat(PrincipalComponents.components(plane, 0.95)).isEqualTo(1);
    assertThat(PrincipalComponents.components(plane, 1 - 1e-9)).isEqualTo(2);
    double[] variances = PrincipalComponents.variances(plane);
    double total = 0;
    for (int j = 0; j < 5; j++) {
      double mean = 0;
      double square = 0;
      for (double[] row : plane) {
        mean += row[j] / plane.length;
        square += row[j] * row[j] / plane.length;
      }
      total += square - mean * mean;
    }
    assertThat(variances[0]).isGreaterThan(variances[1]);
    assertThat(variances[0] + variances[1]).isCloseTo(total, within(1e-9));
    assertThat(PrincipalComponents.components(new double[3][2], 0.95)).isZero();
    refused(() -> PrincipalComponents.components(plane, 0), "fraction", "0");
  }

  @Test
  void pointsOfAScalingHaveTheDistancesOfThePatterns() {
    double[][] patterns = patterns(8, 2);
    Rdm distances = Rdm.euclidean(patterns);
    Rdm again = Rdm.euclidean(PrincipalComponents.scaling(distances, 2));
    assertThat(again.lowerTriangle()).containsExactly(distances.lowerTriangle(), within(1e-9));
    refused(() -> PrincipalComponents.scaling(distances, 8), "dimensions", "1 to 7");
  }

  private static void refused(Runnable call, String... words) {
    assertThatThrownBy(call::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }
}
