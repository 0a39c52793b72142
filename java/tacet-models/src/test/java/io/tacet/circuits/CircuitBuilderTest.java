package io.tacet.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import io.tacet.simulation.DelayedSynapses;
import io.tacet.sparse.WeightLaw;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CircuitBuilderTest {
  private static final double DT = 0.1;
  private static final Population ONE = new Population("one", 0, 300);
  private static final Population TWO = new Population("two", 300, 50);
  private static final int NEURONS = 350;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static SynapseRows build(long seed, Projection... projections) {
    return CircuitBuilder.build(NEURONS, List.of(projections), DT, seed);
  }

  private static Projection projection(Population from, Population to, long count, double weight) {
    return new Projection(
        from, to, count, WeightLaw.normal(weight, 0.1 * Math.abs(weight)), 1.5, 0.75);
  }

  @Test
  void weightsDelaysAndEndsHaveTheirDistributions() {
    int count = 200_000;
    SynapseRows rows = build(5, projection(ONE, TWO, count, 2));
    double sum = 0;
    double delays = 0;
    int[] inDegrees = new int[NEURONS];
    for (int s = 0; s < rows.count(); s++) {
      sum += rows.weights()[s];
      delays += rows.delays()[s] * DT;
      inDegrees[rows.targets()[s]]++;
      assertThat(rows.delays()[s]).isPositive();
    }
    // Synapses that agree in target and delay are one with the sum of their weights.
    assertThat(rows.count()).isLessThan(count).isGreaterThan(count / 2);
    assertThat(sum / count).isCloseTo(2, within(0.005));
    // 1.5 +- 0.75 ms, without what rounds to less than a step: a little longer on average.
    assertThat(delays / rows.count()).isBetween(1.5, 1.65);
    for (int n = 0; n < NEURONS; n++) {
      assertThat(rows.fanOut(n) > 0).isEqualTo(n < 300);
      assertThat(inDegrees[n] > 0).isEqualTo(n >= 300);
    }
  }

  @Test
  void asManySynapsesAreDrawnAsAreAskedForWhenFewAgree() {
    SynapseRows rows =
        build(
            6,
            projection(ONE, ONE, 4000, 1),
            projection(ONE, TWO, 500, 1),
            projection(TWO, TWO, 70, -1));
    assertThat(rows.count()).isBetween(4500, 4570);
    double sum = 0;
    for (float weight : rows.weights()) {
      sum += weight;
    }
    assertThat(sum).isCloseTo(4500 - 70, within(50.0));
  }

  @Test
  void theSameSeedGivesTheSameRowsAndTheyAreWhatASimulationTakes() {
    Projection[] projections = {projection(ONE, ONE, 30_000, 1), projection(TWO, ONE, 5000, -4)};
    SynapseRows rows = build(7, projections);
    SynapseRows again = build(7, projections);
    assertThat(again.offsets()).isEqualTo(rows.offsets());
    assertThat(again.targets()).isEqualTo(rows.targets());
    assertThat(again.weights()).isEqualTo(rows.weights());
    assertThat(again.delays()).isEqualTo(rows.delays());
    assertThat(build(8, projections).targets()).isNotEqualTo(rows.targets());
    try (JavaBackend backend = new JavaBackend(1);
        DelayedSynapses synapses = rows.on(backend, DType.FLOAT32)) {
      assertThat(synapses.count()).isEqualTo(rows.count());
    }
  }

  @Test
  void argumentsOutOfRangeAreNamed() {
    assertThatThrownBy(() -> projection(ONE, TWO, -1, 1)).hasMessageContaining("synapses");
    assertThatThrownBy(() -> new Projection(ONE, TWO, 1, WeightLaw.constant(1), 1, 1.5))
        .hasMessageContaining("delay");
    long most = Integer.MAX_VALUE - 8;
    Population single = new Population("single", 0, 1 << 21);
    assertThatThrownBy(() -> build(1, projection(ONE, single, most, 1)))
        .hasMessageContaining("at most 1048576 neurons");
  }
}
