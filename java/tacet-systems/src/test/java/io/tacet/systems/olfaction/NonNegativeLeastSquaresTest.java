package io.tacet.systems.olfaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.sparse.PhiloxRandom;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NonNegativeLeastSquaresTest {

  /** Columns with about a third of the elements of a random matrix. */
  private static final class Problem {
    final int[][] rows;
    final double[][] values;
    final double[] target;

    Problem(int equations, int unknowns, long seed) {
      PhiloxRandom random = new PhiloxRandom(seed, 0);
      rows = new int[unknowns][];
      values = new double[unknowns][];
      for (int j = 0; j < unknowns; j++) {
        rows[j] = IntStream.range(0, equations).filter(i -> random.nextDouble() < 0.35).toArray();
        values[j] = new double[rows[j].length];
        Arrays.setAll(values[j], k -> 0.1 + random.nextDouble());
      }
      target = new double[equations];
      Arrays.setAll(target, i -> random.nextDouble() - 0.2);
    }

    double[] solve() {
      return new NonNegativeLeastSquares(rows, values, target).solve();
    }

    double[] residual(double[] x) {
      double[] residual = target.clone();
      for (int j = 0; j < x.length; j++) {
        for (int k = 0; k < rows[j].length; k++) {
          residual[rows[j][k]] -= x[j] * values[j][k];
        }
      }
      return residual;
    }

    double slope(int column, double[] residual) {
      double sum = 0;
      for (int k = 0; k < rows[column].length; k++) {
        sum += values[column][k] * residual[rows[column][k]];
      }
      return sum;
    }
  }

  private static void checkOptimal(Problem problem, double[] x) {
    double[] residual = problem.residual(x);
    for (int j = 0; j < x.length; j++) {
      assertThat(x[j]).isNotNegative();
      double slope = problem.slope(j, residual);
      assertThat(slope).isLessThan(1e-7);
      if (x[j] > 0) {
        assertThat(slope).isCloseTo(0, within(1e-9));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "40,8,2", "30,30,3", "12,40,4", "60,35,5", "25,25,6", "20,60,7"})
  void conditionsOfAnOptimumHold(int equations, int unknowns, long seed) {
    Problem problem = new Problem(equations, unknowns, seed);
    double[] x = problem.solve();
    checkOptimal(problem, x);
  }

  @Test
  void columnsThatAreTheSameShareWhatOneOfThemExplains() {
    Problem problem = new Problem(20, 9, 8);
    for (int j = 3; j < 9; j++) {
      problem.rows[j] = problem.rows[j % 3];
      problem.values[j] = problem.values[j % 3];
    }
    double[] x = problem.solve();
    checkOptimal(problem, x);
    assertThat(Arrays.stream(x).filter(v -> v > 0).count()).isBetween(1L, 3L);
  }

  @Test
  void emptyColumnsAndTargetsOfNothingGiveNothing() {
    double[][] values = {{}, {1, 1}};
    int[][] rows = {{}, {0, 1}};
    assertThat(new NonNegativeLeastSquares(rows, values, new double[2]).solve())
        .containsExactly(0, 0);
    assertThat(new NonNegativeLeastSquares(rows, values, new double[] {-1, -2}).solve())
        .containsExactly(0, 0);
    assertThat(new NonNegativeLeastSquares(new int[0][], new double[0][], new double[3]).solve())
        .isEmpty();
  }
}
