package io.tacet.circuits;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RateCircuitTest {
  private static final RateNeuron NEURON = new RateNeuron(60, -10, 1, 10, 50);
  private static final RatePopulation INPUT = RatePopulation.input("input", 3, 10);
  private static final RatePopulation CELLS = new RatePopulation("cells", 6, false, 50, 10);
  private static final RatePopulation BRAKE = new RatePopulation("brake", 2, true, 20, 20);
  private static final List<RatePopulation> POPULATIONS = List.of(INPUT, CELLS, BRAKE);

  private Backend backend;
  private long open;

  @BeforeEach
  void openBackend() {
    open = Leaks.open();
    backend = new JavaBackend(1);
  }

  @AfterEach
  void nothingLeaks() {
    backend.close();
    assertThat(Leaks.open()).isEqualTo(open);
  }

  private static double[] random(int count, double high, long seed) {
    return new SplittableRandom(seed).doubles(count, 0, high).toArray();
  }

  /** Input to both others, both to each other, cells to themselves. */
  private static List<RateProjection> recurrent() {
    return List.of(
        new RateProjection("input", "cells", random(18, 0.8, 1)),
        new RateProjection("input", "brake", random(6, 0.4, 2)),
        new RateProjection("cells", "cells", random(36, 0.3, 3)),
        new RateProjection("cells", "brake", random(12, 0.5, 4)),
        new RateProjection("brake", "cells", random(12, 0.9, 5)));
  }

  private static RateRun run(
      Backend backend, List<RateProjection> projections, RateSums.Method method, int steps) {
    try (RateCircuit circuit =
        new RateCircuit(backend, DType.FLOAT64, NEURON, POPULATIONS, projections, 4, method)) {
      return circuit.run(random(12, 1, 6), 1, steps, steps - 1);
    }
  }

  @Test
  void aCellSettlesWhereItsConductancesSay() {
    double weight = 0.7;
    double rate = 0.8;
    try (RateCircuit circuit =
        new RateCircuit(
            backend,
            DType.FLOAT64,
            NEURON,
            List.of(
                RatePopulation.input("input", 1, 10), new RatePopulation("cell", 1, false, 50, 10)),
            List.of(new RateProjection("input", "cell", new double[] {weight})),
            1,
            RateSums.Method.EVENTS)) {
      double open = rate * 10 / (10 + 1.0);
      double potential = weight * open * 60 / (1 + weight * open);
      assertThat(circuit.run(new double[] {rate}, 0.5, 4000, 3999).of("cell")[0])
          .isCloseTo((potential - 10) / 50, within(1e-12));
    }
  }

  @Test
  void oneConductanceForAllSynapsesOfANeuronIsExact() {
    int steps = 120;
    RateRun run = run(backend, recurrent(), RateSums.Method.EVENTS, steps);
    double[] inputs = random(12, 1, 6);
    for (int sample = 0; sample < 4; sample++) {
      double[] own = Arrays.copyOfRange(inputs, 3 * sample, 3 * sample + 3);
      double[] naive =
          new NaiveRateCircuit(NEURON, POPULATIONS, recurrent()).run(own, 1, steps - 1);
      double[] rates = Arrays.copyOfRange(run.rates(), 11 * sample, 11 * sample + 11);
      assertClose(rates, naive, 1e-12);
      assertThat(Arrays.stream(rates).filter(rate -> rate > 0 && rate < 1).count())
          .isGreaterThan(5);
    }
  }

  @Test
  void eventsAndProductsOfMatricesAgree() {
    RateRun events = run(backend, recurrent(), RateSums.Method.EVENTS, 200);
    RateRun dense = run(backend, recurrent(), RateSums.Method.DENSE, 200);
    assertClose(events.rates(), dense.rates(), 1e-13);
    assertThat(events.events()).isLessThan(dense.events());
    assertThat(dense.events()).isEqualTo(11);
  }

  @Test
  void aStepOfHalfTheLengthHasAQuarterOfTheError() {
    List<RateProjection> forward =
        List.of(new RateProjection("input", "cells", random(18, 0.8, 1)));
    double[] exact = ratesAt(40, 1.0 / 256, forward);
    double coarse = distance(exact, ratesAt(40, 0.5, forward));
    double fine = distance(exact, ratesAt(40, 0.25, forward));
    assertThat(coarse / fine).isBetween(3.5, 5.0);
  }

  private double[] ratesAt(int ms, double dt, List<RateProjection> projections) {
    try (RateCircuit circuit =
        new RateCircuit(
            backend, DType.FLOAT64, NEURON, POPULATIONS, projections, 1, RateSums.Method.EVENTS)) {
      int steps = (int) (ms / dt);
      return circuit.run(new double[] {1, 0.5, 0.9}, dt, steps + 1, steps).of("cells");
    }
  }

  private static double distance(double[] first, double[] second) {
    double largest = 0;
    for (int i = 0; i < first.length; i++) {
      largest = Math.max(largest, Math.abs(first[i] - second[i]));
    }
    return largest;
  }

  @Test
  void theNumberOfThreadsChangesNothing() {
    try (Backend three = new JavaBackend(3)) {
      for (RateSums.Method method : RateSums.Method.values()) {
        assertThat(run(three, recurrent(), method, 50).rates())
            .isEqualTo(run(backend, recurrent(), method, 50).rates());
      }
    }
  }

  @Test
  void projectionsThatDoNotFitAreRefused() {
    refused(
        "expected none to an input, got cells to input.",
        new RateProjection("cells", "input", new double[18]));
    refused("got 'others'.", new RateProjection("others", "cells", new double[18]));
    refused(
        "weights: expected 18 from input to cells, got 17.",
        new RateProjection("input", "cells", new double[17]));
    double[] broken = new double[18];
    broken[4] = Double.NaN;
    refused(
        "weights: expected finite numbers from input to cells, got NaN.",
        new RateProjection("input", "cells", broken));
    RateProjection once = new RateProjection("input", "cells", random(18, 1, 1));
    refused("at most one from input to cells, got two.", once, once);
  }

  private void refused(String message, RateProjection... projections) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> run(backend, List.of(projections), RateSums.Method.DENSE, 2))
        .withMessageContaining(message);
  }

  @Test
  void inputsAndStepsThatDoNotFitAreRefused() {
    try (RateCircuit circuit =
        new RateCircuit(
            backend, DType.FLOAT64, NEURON, POPULATIONS, recurrent(), 1, RateSums.Method.EVENTS)) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> circuit.run(new double[2], 1, 2, 0))
          .withMessage("inputs: expected [1][3], got 2 elements.");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> circuit.run(new double[] {0, 1.5, 0}, 1, 2, 0))
          .withMessage("inputs: expected rates in [0, 1], got 1.5 in sample 0.");
      assertThatIllegalArgumentException()
          .isThrownBy(() -> circuit.run(new double[3], 1, 2, 2))
          .withMessageStartingWith("dt, steps, from: expected positive ms and 0 <= from < steps");
    }
  }

  @Test
  void aBatchOfNoneIsRefusedAndLeavesNothing() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                new RateCircuit(
                    backend,
                    DType.FLOAT64,
                    NEURON,
                    POPULATIONS,
                    recurrent(),
                    0,
                    RateSums.Method.EVENTS));
  }
}
