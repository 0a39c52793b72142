package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.bench.CostShape.Cell;
import io.tacet.bench.CostStep.Clock;
import io.tacet.bench.CostStep.Cost;
import io.tacet.memory.Leaks;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CostCurvesTest {
  private static CostFit.Point point(double synapses, double units, double cost) {
    return new CostFit.Point(synapses, units, cost);
  }

  @Test
  void theFitFindsThePartsOfACost() {
    CostFit fit =
        CostFit.of(
            List.of(
                point(100, 10, 2 * 100 + 30 * 10 + 7),
                point(900, 10, 2 * 900 + 30 * 10 + 7),
                point(1000, 100, 2 * 1000 + 30 * 100 + 7),
                point(5000, 700, 2 * 5000 + 30 * 700 + 7)));
    assertThat(fit.synapse()).isCloseTo(2, within(1e-6));
    assertThat(fit.unit()).isCloseTo(30, within(1e-6));
    assertThat(fit.fixed()).isCloseTo(7, within(1e-3));
    assertThat(fit.error()).isLessThan(1e-9);
  }

  @Test
  void noPartOfAFitIsNegative() {
    CostFit fit =
        CostFit.of(List.of(point(100, 10, 190), point(200, 10, 390), point(400, 10, 790)));
    assertThat(fit.unit()).isNotNegative();
    assertThat(fit.fixed()).isNotNegative();
    // A constant part would be -10; without it, the sum of x over that of its squares, x = n /
    // cost.
    double[] x = {100 / 190.0, 200 / 390.0, 400 / 790.0};
    double expected = Arrays.stream(x).sum() / Arrays.stream(x).map(a -> a * a).sum();
    assertThat(fit.synapse()).isCloseTo(expected, within(1e-9));
  }

  @Test
  void theSlopeOfAPowerIsItsExponent() {
    double[] x = {1, 10, 300};
    assertThat(CostFit.slope(x, new double[] {2, 2 * Math.pow(10, 1.5), 2 * Math.pow(300, 1.5)}))
        .isCloseTo(1.5, within(1e-12));
  }

  @ParameterizedTest
  @EnumSource(Cell.class)
  void aStepIsTimedAndItsMemoryIsThatOfThePlanAndLinearInSynapses(Cell cell) {
    long[] bytes = new long[3];
    for (int k = 0; k < bytes.length; k++) {
      try (Backend java = Machine.open("java", 1)) {
        CostShape shape = new CostShape(cell, 300, 10 * (k + 1), 2, 20);
        Cost cost = CostStep.measure(java, shape, Clock.THREAD, 0);
        assertThat(cost.seconds()).hasSize(4).allSatisfy((n, s) -> assertThat(s).isPositive());
        assertThat(cost.events()).isPositive();
        bytes[k] = cost.peak();
        assertThat(cost.plan().bytes()).isEqualTo(bytes[k]);
      }
    }
    assertThat(bytes[2] - bytes[1]).isEqualTo(bytes[1] - bytes[0]).isPositive();
    assertThat(Leaks.open()).isZero();
  }
}
