package io.tacet.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class PoissonInputTest {
  private final JavaBackend backend = new JavaBackend(1);

  @AfterEach
  void nothingLeaks() {
    backend.close();
    assertThat(Leaks.open()).isZero();
  }

  /** Draws with the tables, as a backend does. */
  private static int draw(PoissonInput input, int[] limits, int[] starts, int row, int word) {
    int number = starts[row * PoissonInput.STARTS + (word >>> 24)];
    if (number >= 0) {
      return number;
    }
    int at = row * input.width() - 1 - number;
    while ((word ^ Integer.MIN_VALUE) > limits[at]) {
      at++;
    }
    return at - row * input.width();
  }

  @Test
  void numbersHaveTheMeanTheVarianceAndTheProbabilitiesOfThePoissonDistribution() {
    double[] means = {0, 0.01, 1.28, 2.32, 40, 500};
    int draws = 200_000;
    try (PoissonInput input =
        PoissonInput.of(backend, DType.FLOAT32, means, new double[means.length], 3)) {
      int[] limits = input.limits().toInts();
      int[] starts = input.starts().toInts();
      int[] rows = input.classes().toInts();
      for (int n = 0; n < means.length; n++) {
        double sum = 0;
        double squares = 0;
        int zeros = 0;
        for (int d = 0; d < draws; d++) {
          int k = draw(input, limits, starts, rows[n], NaiveSimulation.word(3, d, n));
          if (d < 2000) {
            assertThat(k).isEqualTo(NaiveSimulation.poisson(3, d, n, means[n]));
          }
          sum += k;
          squares += (double) k * k;
          zeros += k == 0 ? 1 : 0;
        }
        double mean = sum / draws;
        double deviation = Math.sqrt(means[n] / draws);
        assertThat(mean).isCloseTo(means[n], within(4 * deviation + 1e-12));
        double variance = squares / draws - mean * mean;
        double ofVariance = Math.sqrt((means[n] + 2 * means[n] * means[n]) / draws);
        assertThat(variance).isCloseTo(means[n], within(4 * ofVariance + 1e-9));
        double none = Math.exp(-means[n]);
        double ofNone = Math.sqrt(none * (1 - none) / draws);
        assertThat((double) zeros / draws).isCloseTo(none, within(4 * ofNone + 1e-12));
      }
    }
  }

  @Test
  void neuronsOfEqualRateShareAClassAndTheLargestWordEndsTheSearch() {
    double[] means = {1.5, 0, 1.5, 500, -0.0};
    try (PoissonInput input = PoissonInput.of(backend, DType.FLOAT64, means, new double[5], 3)) {
      assertThat(input.classes().toInts()).containsExactly(0, 1, 0, 2, 1);
      for (int row : input.classes().toInts()) {
        int most = draw(input, input.limits().toInts(), input.starts().toInts(), row, -1);
        int least = draw(input, input.limits().toInts(), input.starts().toInts(), row, 0);
        assertThat(most).isLessThan(input.width());
        assertThat(least).isLessThanOrEqualTo(most);
      }
    }
  }

  @Test
  void ratesOutOfRangeAreNamed() {
    for (double bad : new double[] {-1, Double.NaN, 501}) {
      assertThatThrownBy(
              () ->
                  PoissonInput.of(backend, DType.FLOAT32, new double[] {1, bad}, new double[2], 1))
          .hasMessageContaining("0 to 500.0 events per step")
          .hasMessageContaining(bad + " and 0.0 for neuron 1");
    }
  }
}
