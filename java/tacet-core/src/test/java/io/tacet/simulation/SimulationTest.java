package io.tacet.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.InterruptedPassException;
import io.tacet.memory.DType;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The conformance suite on every backend of the class path, and what java does in addition. */
class SimulationTest extends SimulationConformance {

  private static List<Long> spikes(int threads, DType type, Circuit circuit) {
    try (Resources open = new Resources()) {
      Backend backend = open.own(new JavaBackend(threads));
      List<Long> spikes = new ArrayList<>();
      circuit
          .simulation(backend, type, open)
          .advance(500, (step, neuron) -> spikes.add(step << 32 | neuron));
      return spikes;
    }
  }

  @Test
  void resultsDoNotDependOnTheNumberOfThreads() {
    Circuit circuit = new Circuit(2000, 30, 20, true, 5);
    for (DType type : new DType[] {DType.FLOAT32, DType.FLOAT64}) {
      List<Long> one = spikes(1, type, circuit);
      assertThat(one).hasSizeGreaterThan(2000);
      assertThat(spikes(2, type, circuit)).isEqualTo(one);
      assertThat(spikes(3, type, circuit)).isEqualTo(one);
    }
  }

  @Test
  void anInterruptStopsBetweenStepsAndTheSimulationCanGoOn() {
    Circuit circuit = new Circuit(600, 30, 20, true, 5);
    try (Resources open = new Resources()) {
      Simulation simulation = circuit.simulation(open.own(new JavaBackend(2)), DType.FLOAT64, open);
      List<Long> spikes = new ArrayList<>();
      SpikeSink sink = (step, neuron) -> spikes.add(step << 32 | neuron);
      simulation.advance(100, sink);
      Thread.currentThread().interrupt();
      assertThatThrownBy(() -> simulation.advance(400, sink))
          .isInstanceOf(InterruptedPassException.class);
      assertThat(Thread.interrupted()).isTrue();
      simulation.advance(500 - simulation.step(), sink);
      assertThat(spikes).isEqualTo(spikes(1, DType.FLOAT64, circuit));
    }
  }

  @Test
  void arrayMistakesAreNamed() {
    try (Resources open = new Resources()) {
      Backend backend = open.own(new JavaBackend(1));
      short[] delays = {1, 1};
      float[] weights = {1, 1};
      assertThatThrownBy(
              () -> synapses(backend, new int[] {0, 2, 2}, new int[] {0, 0}, weights, delays))
          .hasMessageContaining("strictly ascending (target, delay)")
          .hasMessageContaining("synapse 1 in row 0");
      assertThatThrownBy(
              () -> synapses(backend, new int[] {0, 2, 2}, new int[] {0, 2}, weights, delays))
          .hasMessageContaining("targets from 0 to 1");
      assertThatThrownBy(
              () ->
                  synapses(
                      backend, new int[] {0, 2, 2}, new int[] {0, 1}, weights, new short[] {1, 0}))
          .hasMessageContaining("delays of at least 1 step")
          .hasMessageContaining("delay 0");
      assertThatThrownBy(
              () ->
                  synapses(
                      backend,
                      new int[] {0, 2, 2},
                      new int[] {0, 1},
                      new float[] {1, Float.NaN},
                      delays))
          .hasMessageContaining("finite weights");
      assertThatThrownBy(
              () -> synapses(backend, new int[] {0, 1}, new int[] {0, 1}, weights, delays))
          .hasMessageContaining("rowOffsets");
      Circuit circuit = new Circuit(9, 3, 2, false, 1);
      circuit.refractory = -1;
      assertThatThrownBy(() -> circuit.network(backend, DType.FLOAT32, new Resources()))
          .hasMessageContaining("refractory: expected at least 0 steps, got -1");
      circuit.refractory = 0;
      LifNetwork network = circuit.network(backend, DType.FLOAT32, open);
      assertThatThrownBy(() -> new Simulation(network, 8))
          .hasMessageContaining("capacity: expected at least 9");
      Simulation simulation = open.own(new Simulation(network));
      assertThatThrownBy(() -> simulation.advance(-1, null))
          .hasMessageContaining("count: expected at least 0");
    }
  }

  private static DelayedSynapses synapses(
      Backend backend, int[] offsets, int[] targets, float[] weights, short[] delays) {
    return DelayedSynapses.of(backend, DType.FLOAT32, offsets, targets, weights, delays);
  }
}
