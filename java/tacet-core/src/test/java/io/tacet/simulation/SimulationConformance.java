package io.tacet.simulation;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.BackendCase;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.memory.Resources;
import io.tacet.reference.JavaBackend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What simulations must do on every backend. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class SimulationConformance {
  private static final int STEPS = 400;

  /** Sizes around those of warps, blocks and tiles; per-neuron parameters in some. */
  private static final List<Circuit> CIRCUITS =
      List.of(
          new Circuit(1, 1, 1, false, 1),
          new Circuit(33, 5, 7, true, 2),
          new Circuit(257, 20, 40, false, 3),
          new Circuit(1100, 9, 16, true, 4));

  /** The backends to test. */
  protected Stream<BackendCase> backends() {
    return BackendCase.all();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** Steps, neurons and potentials after a run. */
  private record Run(List<Long> spikes, double[] potentials, double[] currents, int[] countdowns) {
    static Run of(Simulation simulation, long... chunks) {
      List<Long> spikes = new ArrayList<>();
      for (long chunk : chunks) {
        simulation.advance(chunk, (step, neuron) -> spikes.add(step << 32 | neuron));
      }
      return new Run(
          spikes,
          simulation.potentials().toDoubles(),
          simulation.currents().toDoubles(),
          simulation.countdowns().toInts());
    }

    void assertIdentical(Run other) {
      assertThat(spikes).isEqualTo(other.spikes);
      assertThat(potentials).isEqualTo(other.potentials);
      assertThat(currents).isEqualTo(other.currents);
      assertThat(countdowns).isEqualTo(other.countdowns);
    }
  }

  private static Run run(BackendCase backendCase, Circuit circuit, long... chunks) {
    try (Resources open = new Resources()) {
      Backend backend = open.own(backendCase.backend().get());
      return Run.of(circuit.simulation(backend, backendCase.type(), open), chunks);
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void spikesAndStatesAreThoseOfANaiveSimulation(BackendCase backend) {
    for (Circuit circuit : CIRCUITS) {
      NaiveSimulation naive = new NaiveSimulation(circuit);
      List<Long> expected = new ArrayList<>();
      List<List<Integer>> trains = naive.run(STEPS);
      for (int step = 0; step < STEPS; step++) {
        for (int neuron : trains.get(step)) {
          expected.add((long) step << 32 | neuron);
        }
      }
      Run run = run(backend, circuit, STEPS);
      if (backend.type() == DType.FLOAT64) {
        assertThat(run.spikes).isEqualTo(expected);
        assertClose(run.potentials, naive.v, 1e-9);
        assertClose(run.currents, naive.i, 1e-9);
      } else {
        // One spike that rounding moves by a step changes all that follow.
        double most = 5 + 0.1 * expected.size();
        assertThat((double) run.spikes.size()).isCloseTo(expected.size(), within(most));
      }
      assertThat(circuit.neurons < 30 || expected.size() > circuit.neurons).isTrue();
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void inSinglePrecisionAllBackendsAgreeBitForBit(BackendCase backend) {
    if (backend.type() == DType.FLOAT32) {
      BackendCase reference = new BackendCase("java", () -> new JavaBackend(1), DType.FLOAT32);
      for (Circuit circuit : CIRCUITS) {
        run(backend, circuit, STEPS).assertIdentical(run(reference, circuit, STEPS));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void stepsMayBeDividedIntoCallsInAnyWay(BackendCase backend) {
    Circuit circuit = CIRCUITS.get(2);
    run(backend, circuit, 1, 0, 2, 37, 40, 1, STEPS - 81)
        .assertIdentical(run(backend, circuit, STEPS));
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aBufferThatIsAlmostFullIsEmptiedAndLosesNoSpike(BackendCase backendCase) {
    Circuit circuit = new Circuit(70, 3, 5, false, 6);
    circuit.refractory = 0;
    for (int k = 0; k < circuit.neurons; k++) {
      // Every neuron spikes in almost every step.
      circuit.bias[k] = 1e4;
    }
    try (Resources open = new Resources()) {
      Backend backend = open.own(backendCase.backend().get());
      Simulation small =
          open.own(new Simulation(circuit.network(backend, backendCase.type(), open), 70));
      small.potentials().copyFrom(circuit.start);
      Run tight = Run.of(small, 60);
      assertThat(tight.spikes).hasSizeGreaterThan(70 * 50);
      tight.assertIdentical(run(backendCase, circuit, 60));
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aNeuronIsRefractoryForExactlyItsPeriod(BackendCase backend) {
    for (int refractory : new int[] {0, 1, 20}) {
      Circuit circuit = new Circuit(5, 1, 1, false, 7);
      circuit.poisson = false;
      circuit.refractory = refractory;
      Arrays.fill(circuit.weights, 0);
      Arrays.fill(circuit.bias, 40);
      Run run = run(backend, circuit, STEPS);
      // V - b decays by alpha in each step, from the reset to the threshold.
      double b = 40;
      double wanted = (circuit.threshold[0] - b) / (circuit.reset[0] - b);
      int free = (int) Math.ceil(-Math.log(wanted) * circuit.tauMem[0] / Circuit.DT);
      for (int neuron = 0; neuron < 5; neuron++) {
        int own = neuron;
        List<Long> steps =
            run.spikes.stream().filter(s -> s.intValue() == own).map(s -> s >> 32).toList();
        assertThat(steps).hasSizeGreaterThan(2);
        for (int k = 1; k < steps.size(); k++) {
          assertThat(steps.get(k) - steps.get(k - 1)).isEqualTo(refractory + free);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("backends")
  void aSpikeArrivesAfterTheDelayOfEachSynapse(BackendCase backendCase) {
    Circuit circuit = new Circuit(3, 1, 1, false, 8);
    circuit.poisson = false;
    circuit.start[0] = 100;
    Arrays.fill(circuit.bias, 0);
    try (Resources open = new Resources()) {
      Backend backend = open.own(backendCase.backend().get());
      LifNetwork original = circuit.network(backend, backendCase.type(), open);
      DelayedSynapses synapses =
          open.own(
              DelayedSynapses.of(
                  backend,
                  backendCase.type(),
                  new int[] {0, 3, 3, 3},
                  new int[] {1, 1, 2},
                  new float[] {1, 10, 100},
                  new short[] {1, 9, 30}));
      Simulation simulation =
          open.own(new Simulation(new LifNetwork(original.lif(), 20, Circuit.DT, synapses, null)));
      simulation.potentials().copyFrom(circuit.start);
      double[] before = new double[3];
      double beta = Math.exp(-Circuit.DT / circuit.tauSyn[0]);
      for (int step = 0; step < 70; step++) {
        simulation.advance(1, null);
        double[] now = simulation.currents().toDoubles();
        double one = step == 1 ? 1 : step == 9 ? 10 : 0;
        assertThat(now[0]).isZero();
        assertThat(now[1]).isCloseTo(beta * before[1] + one, within(1e-5));
        assertThat(now[2]).isCloseTo(beta * before[2] + (step == 30 ? 100 : 0), within(1e-4));
        before = now;
      }
    }
  }
}
