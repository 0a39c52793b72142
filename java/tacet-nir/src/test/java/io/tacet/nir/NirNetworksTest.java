package io.tacet.nir;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.TypedArray;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.nir.NirEquations.Spike;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks made of graphs compute what the equations of NIR say. */
class NirNetworksTest {
  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void neuronsWithSynapticCurrentsSpikeWhenTheirEquationsSay(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    NirGraph graph = NirRuns.recurrent(random);
    List<Spike> input = NirRuns.input(random, 4, 40, 0.06);
    NirEquations equations = new NirEquations(graph, NirRuns.PULSE);
    equations.simulate("in", input, 4, 0.1);
    NirSettings settings = NirSettings.defaults().precision(DType.FLOAT64);
    try (Backend java = Backends.open("java");
        Network network = NirNetworks.network(java, graph, settings);
        Pass pass = NirRuns.run(network, input)) {
      assertThat(equations.spikes("lif")).hasSizeGreaterThan(10);
      assertThat(equations.spikes("lif2")).isNotEmpty();
      NirRuns.assertSame(NirRuns.spikes(pass.spikes(0)), equations.spikes("lif"), 1e-9);
      NirRuns.assertSame(NirRuns.spikes(pass.spikes(1)), equations.spikes("lif2"), 1e-9);
      for (int k = 0; k < 2; k++) {
        assertThat(pass.values().toDoubles()[k])
            .isCloseTo(equations.highest("li", k), within(1e-6));
      }
    }
  }

  @Test
  void nodesThatReachOneAnotherAreOneLayer() {
    SplittableRandom random = new SplittableRandom(21);
    NirGraph graph =
        NirGraph.builder()
            .node("in", NirNode.input(4))
            .node("w", NirRuns.linear(NirRuns.random(random, -1, 3, 5, 4)))
            .node("excitatory", NirRuns.cubaLif(random, 5))
            .node("drive", NirRuns.linear(NirRuns.random(random, 0, 2, 3, 5)))
            .node("inhibitory", NirRuns.cubaLif(random, 3))
            .node("brake", NirRuns.linear(NirRuns.random(random, -2, 0, 5, 3)))
            .node(
                "late",
                NirNode.of(NirKind.DELAY)
                    .numbers("delay", NirRuns.random(random, 0, 0.004, 5))
                    .build())
            .node("own", NirRuns.linear(NirRuns.random(random, -0.5, 0.5, 5, 5)))
            .node("up", NirRuns.linear(NirRuns.random(random, -0.5, 2, 2, 5)))
            .node("top", NirRuns.cubaLif(random, 2))
            .node("out", NirNode.output(2))
            .path("in", "w", "excitatory", "drive", "inhibitory", "brake", "late", "excitatory")
            .path("excitatory", "own", "excitatory")
            .path("excitatory", "up", "top", "out")
            .build();
    List<Spike> input = NirRuns.input(random, 4, 40, 0.06);
    NirEquations equations = new NirEquations(graph, NirRuns.PULSE);
    equations.simulate("in", input, 4, 0.1);
    List<Spike> both = new ArrayList<>(equations.spikes("excitatory"));
    for (Spike spike : equations.spikes("inhibitory")) {
      both.add(new Spike(spike.time(), spike.neuron() + 5));
    }
    both.sort(Comparator.comparingDouble(Spike::time));
    NirSettings settings = NirSettings.defaults().precision(DType.FLOAT64);
    try (Backend java = Backends.open("java");
        Network network = NirNetworks.network(java, graph, settings);
        Pass pass = NirRuns.run(network, input)) {
      assertThat(network.layers()).hasSize(2);
      assertThat(equations.spikes("inhibitory")).hasSizeGreaterThan(3);
      assertThat(equations.spikes("top")).isNotEmpty();
      NirRuns.assertSame(NirRuns.spikes(pass.spikes(0)), both, 1e-9);
      NirRuns.assertSame(NirRuns.spikes(pass.spikes(1)), equations.spikes("top"), 1e-9);
    }
  }

  @Test
  void networksOfSinglePrecisionAgreeToTheirPrecision() {
    SplittableRandom random = new SplittableRandom(5);
    NirGraph graph = NirRuns.recurrent(random);
    List<Spike> input = NirRuns.input(random, 4, 20, 0.06);
    NirEquations equations = new NirEquations(graph, NirRuns.PULSE);
    equations.simulate("in", input, 4, 0.1);
    try (Backend java = Backends.open("java");
        Network network = NirNetworks.network(java, graph);
        Pass pass = NirRuns.run(network, input)) {
      assertThat(network.spec().precision()).isEqualTo(DType.FLOAT32);
      NirRuns.assertSame(NirRuns.spikes(pass.spikes(0)), equations.spikes("lif"), 1e-6);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"FLOAT64", "FLOAT32"})
  void neuronsWithoutSynapticCurrentsSpikeInTheStepsThatTheirEquationsSay(DType precision) {
    SplittableRandom random = new SplittableRandom(7);
    double dt = 5e-4;
    NirGraph graph =
        NirGraph.builder()
            .node("in", NirNode.input(5))
            .node("w", NirRuns.linear(NirRuns.random(random, -0.5, 1.5, 8, 5)))
            .node("lif", NirRuns.lif(random, 8))
            .node("w2", NirRuns.linear(NirRuns.random(random, -0.5, 1.5, 4, 8)))
            .node("lif2", NirRuns.lif(random, 4))
            .node("out", NirNode.output(4))
            .path("in", "w", "lif", "w2", "lif2", "out")
            .build();
    double[][] frames = NirRuns.frames(random, 200, 5, 0.2);
    Map<String, List<Spike>> expected =
        new NirEquations(graph, NirRuns.PULSE)
            .simulate(List.of("w", "lif", "w2", "lif2"), new int[] {5}, frames, dt);
    assertThat(expected.get("lif")).hasSizeGreaterThan(20);
    assertThat(expected.get("lif2")).hasSizeGreaterThan(5);
    NirSettings settings = NirSettings.defaults().dt(0.5).duration(100).precision(precision);
    try (Backend java = Backends.open("java");
        Network network = NirNetworks.network(java, graph, settings);
        Pass pass = NirRuns.run(network, NirRuns.ofFrames(frames, dt))) {
      NirRuns.assertSameSteps(pass.spikes(0), expected.get("lif"), dt, 0, 200);
      NirRuns.assertSameSteps(pass.spikes(1), expected.get("lif2"), dt, 1, 200);
    }
  }

  @Test
  void aSynapseThatIsGivenToNeuronsWithoutOneBringsTheSameCharge() {
    NirGraph graph =
        NirGraph.builder()
            .node("in", NirNode.input(1))
            .node("w", NirRuns.linear(TypedArray.of(new double[] {300}, 1, 1)))
            .node(
                "li",
                NirNode.of(NirKind.LI)
                    .numbers("tau", 0.01)
                    .numbers("r", 2.0)
                    .numbers("v_leak", 0.0)
                    .build())
            .node("out", NirNode.output(1))
            .path("in", "w", "li", "out")
            .build();
    NirSettings settings =
        NirSettings.defaults().synapse(2).reduction(Reduction.SUM).precision(DType.FLOAT64);
    try (Backend java = Backends.open("java");
        Network network = NirNetworks.network(java, graph, settings);
        Pass pass = NirRuns.run(network, List.of(new Spike(0.001, 0)))) {
      // The jump r w p / tau = 6, times the integral tau of its decay, in ms.
      assertThat(pass.values().toDoubles()[0]).isCloseTo(60, within(0.06));
    }
  }

  @Test
  void aGraphWithoutNeuronsIsADenseLayerOnSteps() {
    SplittableRandom random = new SplittableRandom(11);
    TypedArray first = NirRuns.random(random, -1, 1, 4, 3);
    TypedArray second = NirRuns.random(random, -1, 1, 2, 4);
    NirGraph graph =
        NirGraph.builder()
            .node("in", NirNode.input(3))
            .node(
                "a",
                NirNode.of(NirKind.AFFINE)
                    .numbers("weight", first)
                    .numbers("bias", 1, 2, 3, 4.0)
                    .build())
            .node("b", NirRuns.linear(second))
            .node("out", NirNode.output(2))
            .path("in", "a", "b", "out")
            .build();
    double[] x = {0.3, -1, 2};
    double[] middle = NirEquations.linear(graph.nodes().get("a"), x, new int[] {3});
    for (int k = 0; k < 4; k++) {
      middle[k] += k + 1;
    }
    double[] expected = NirEquations.linear(graph.nodes().get("b"), middle, new int[] {4});
    NirSettings settings = NirSettings.defaults().precision(DType.FLOAT64);
    try (Backend java = Backends.open("java");
        Network network = NirNetworks.network(java, graph, settings);
        Pass pass = new Pass(network, PassShape.steps(1, 1, null))) {
      pass.inputSteps().copyFrom(x);
      pass.forward();
      double[] found = ((io.tacet.network.Signal.Steps) pass.output(0)).values().toDoubles();
      assertClose(found, expected, 1e-12);
      NirGraph back = NirNetworks.graph(network);
      assertThat(back.nodes().get("layer0").kind()).isEqualTo(NirKind.AFFINE);
    }
  }
}
