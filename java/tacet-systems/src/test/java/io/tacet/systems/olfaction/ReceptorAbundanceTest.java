package io.tacet.systems.olfaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.sparse.PhiloxRandom;
import io.tacet.systems.olfaction.ReceptorAbundance.Optimum;
import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.decomposition.chol.CholeskyDecompositionInner_DDRM;
import org.junit.jupiter.api.Test;

class ReceptorAbundanceTest {
  private static double[][] signal(int types, long seed) {
    PhiloxRandom random = new PhiloxRandom(seed, 0);
    SensingMatrix sensing = SensingMatrix.circular(types, 30, 0.1, 200, random);
    return sensing.signal(OdorEnvironment.randomCorrelations(30, 8, random));
  }

  @Test
  void theGradientIsThatOfTheInformation() {
    ReceptorAbundance receptors = new ReceptorAbundance(signal(9, 1));
    double[] abundances = {3, 0.2, 10, 5, 1, 0.7, 40, 2, 8};
    double[] gradient = receptors.gradient(abundances);
    for (int a = 0; a < abundances.length; a++) {
      double step = 1e-5 * abundances[a];
      double[] more = abundances.clone();
      more[a] += step;
      double[] fewer = abundances.clone();
      fewer[a] -= step;
      double slope = (receptors.information(more) - receptors.information(fewer)) / (2 * step);
      assertThat(gradient[a] / 2).isCloseTo(slope, within(1e-6 * Math.abs(slope) + 1e-9));
    }
  }

  @Test
  void informationIsHalfALogarithmOfADeterminant() {
    double[][] signal = {{2, 1}, {1, 3}};
    double determinant = (1 + 4 * 2) * (1 + 5 * 3) - 4 * 5;
    assertThat(new ReceptorAbundance(signal).information(new double[] {4, 5}))
        .isCloseTo(0.5 * Math.log(determinant), within(1e-14));
    assertThat(new ReceptorAbundance(signal).gradient(new double[] {0, 0})).containsExactly(2, 3);
  }

  /** Independent types fill up to one level: K_a = 1 / lambda - 1 / Q_aa where that is positive. */
  @Test
  void independentTypesFillUpLikeWater() {
    double[][] signal = {{1, 0, 0}, {0, 0.5, 0}, {0, 0, 0.05}};
    Optimum found = new ReceptorAbundance(signal).optimum(10, 1e-9);
    double level = (10 + 1 + 2) / 2.0;
    assertThat(found.abundances()[0]).isCloseTo(level - 1, within(1e-6));
    assertThat(found.abundances()[1]).isCloseTo(level - 2, within(1e-6));
    assertThat(found.abundances()[2]).isCloseTo(0, within(1e-6));
    assertThat(found.multiplier()).isCloseTo(1 / level, within(1e-8));
    assertThat(found.expressed(0.004)).isEqualTo(2);
  }

  @Test
  void anOptimumTellsMoreThanOthersAndIsWhereBirthAndDeathEnd() {
    ReceptorAbundance receptors = new ReceptorAbundance(signal(9, 2));
    Optimum best = receptors.optimum(1e5, 1e-8);
    double[] even = new double[9];
    Arrays.fill(even, 1e5 / 9);
    assertThat(receptors.information(best.abundances())).isGreaterThan(receptors.information(even));
    double[] grown = receptors.birthAndDeath(even, best.multiplier(), 0.35, 3000);
    for (int a = 0; a < 9; a++) {
      assertThat(grown[a]).isCloseTo(best.abundances()[a], within(1.0));
    }
    double[] following = receptors.adapt(even, 9e-5 * 0.9, 0.35, 1e5, 1e-12, 20_000);
    assertThat(Arrays.stream(following).sum()).isCloseTo(1e5, within(100.0));
  }

  @Test
  void theDiagonalOfTheInverseIsThatOfTheInverse() {
    double[][] signal = signal(7, 3);
    DMatrixRMaj inverse = new DMatrixRMaj(signal);
    assertThat(CommonOps_DDRM.invert(inverse)).isTrue();
    double[] diagonal = new ReceptorAbundance(signal).inverseDiagonal();
    for (int a = 0; a < 7; a++) {
      assertThat(diagonal[a]).isCloseTo(inverse.get(a, a), within(1e-6 * diagonal[a]));
    }
  }

  @Test
  void randomCorrelationsAreCorrelations() {
    PhiloxRandom random = new PhiloxRandom(4, 0);
    double[][] gamma = OdorEnvironment.randomCorrelations(60, 5, random).covariance();
    double mean = 0;
    double squares = 0;
    for (int i = 0; i < 60; i++) {
      mean += gamma[i][i] / 60;
      for (int j = 0; j < i; j++) {
        assertThat(gamma[i][j]).isEqualTo(gamma[j][i]);
        double correlation = gamma[i][j] / Math.sqrt(gamma[i][i] * gamma[j][j]);
        squares += correlation * correlation / (60 * 59 / 2.0);
      }
    }
    assertThat(mean).isBetween(0.6, 1.6);
    assertThat(squares).isBetween(0.005, 0.2);
    assertThat(new CholeskyDecompositionInner_DDRM(true).decompose(new DMatrixRMaj(gamma)))
        .isTrue();
  }

  @Test
  void aRicherOdorAddsToVariancesAndCovariances() {
    OdorEnvironment plain = new OdorEnvironment(new double[][] {{1, 0, 0}, {0, 2, 0}, {0, 0, 3}});
    double[][] changed = plain.withMoreOf(new int[] {0, 2}, 5).covariance();
    assertThat(changed).isDeepEqualTo(new double[][] {{11, 0, 10}, {0, 2, 0}, {10, 0, 13}});
    assertThat(plain.covariance()[0][0]).isEqualTo(1);
  }

  @Test
  void abundancesAndTotalsThatMakeNoSenseAreRefused() {
    ReceptorAbundance receptors = new ReceptorAbundance(signal(4, 1));
    assertThatThrownBy(() -> receptors.information(new double[3]))
        .hasMessage("abundances: expected 4 types, got 3.");
    assertThatThrownBy(() -> receptors.information(new double[] {1, -1, 1, 1}))
        .hasMessageStartingWith("abundances: expected numbers from 0 on, got -1.0");
    assertThatThrownBy(() -> receptors.optimum(0, 1e-6))
        .hasMessageStartingWith("total: expected a positive number");
    assertThatThrownBy(() -> new ReceptorAbundance(new double[][] {{-2}}).optimum(1, 1e-6))
        .hasMessageStartingWith("signal: expected a positive semidefinite matrix");
  }
}
