package io.tacet.circuits;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Thorough;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import io.tacet.simulation.LifNetwork;
import io.tacet.simulation.Simulation;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MicrocircuitTest {

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @Test
  void theFullCircuitHasThePublishedNumbers() {
    Microcircuit full = new Microcircuit(1, 1, true, 1);
    List<Population> populations = full.populations();
    assertThat(populations.get(7).end()).isEqualTo(77_169);
    long synapses = full.projections().stream().mapToLong(Projection::synapses).sum();
    assertThat(synapses).isBetween(298_000_000L, 301_000_000L);
    // 87.8 pA for a potential of 0.15 mV, and nothing to replace.
    assertThat(0.15 * Microcircuit.currentPerPsp() * Microcircuit.picoamperePerMillivolt())
        .isCloseTo(87.8, within(0.05));
    assertThat(full.constantCurrents()).containsOnly(0);
  }

  @Test
  void neuronsAndInDegreesScaleIndependently() {
    Microcircuit small = new Microcircuit(0.1, 0.3, true, 1);
    long synapses = small.projections().stream().mapToLong(Projection::synapses).sum();
    assertThat(small.populations().get(7).end()).isEqualTo(7718);
    assertThat(synapses / (0.3 * 0.1 * 299e6)).isCloseTo(1, within(0.01));
    assertThatThrownBy(() -> new Microcircuit(1.5, 1, true, 1)).hasMessageContaining("(0, 1]");
    assertThatThrownBy(() -> new Microcircuit(1, 0, true, 1)).hasMessageContaining("(0, 1]");
  }

  @Test
  void constantInputIsTheMeanOfThePoissonInputThatItReplaces() {
    double[] dc = new Microcircuit(1, 1, false, 1).constantCurrents();
    // 1600 inputs of 8/s, each 3.51 mV of current that decays with 0.5 ms.
    assertThat(dc[0]).isCloseTo(1600 * 8 * 1e-3 * 0.5 * 0.15 * 23.41, within(0.05));
  }

  @Test
  @Thorough
  void ratesAtHalfTheInDegreesAreWithinAFifthOfThePublishedOnes() {
    Microcircuit circuit = new Microcircuit(0.1, 0.5, true, 3);
    SynapseRows rows = circuit.synapses();
    try (JavaBackend backend = new JavaBackend(2);
        LifNetwork network = circuit.network(backend, DType.FLOAT32, rows);
        Simulation simulation = new Simulation(network)) {
      simulation.potentials().copyFrom(circuit.startPotentials());
      CircuitRun run = CircuitRun.of(simulation, rows, 100, 1.5, steps -> {});
      for (int p = 0; p < 8; p++) {
        Population population = circuit.populations().get(p);
        Activity activity = run.activity(population);
        assertThat(activity.rate() / Microcircuit.publishedRate(p))
            .as(population.name())
            .isBetween(0.8, 1.2);
        assertThat(activity.irregularity()).isBetween(0.4, 1.1);
        assertThat(activity.correlation()).isBetween(-0.01, 0.05);
      }
      assertThat(run.synapticEvents()).isGreaterThan(20_000_000);
    }
  }
}
