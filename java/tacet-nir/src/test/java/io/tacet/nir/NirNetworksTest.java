package io.tacet.nir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.TypedArray;
import io.tacet.dense.Activation;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.eventprop.Simulator;
import io.tacet.eventprop.Spikes;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.Trainable;
import io.tacet.network.Weights;
import io.tacet.nir.NirEquations.Spike;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Networks made of graphs compute what the equations of NIR say, and come back as they were. */
class NirNetworksTest {
  /** Of a second, as in snnTorch. */
  private static final double PULSE = 1e-4;

  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  static TypedArray random(SplittableRandom random, double low, double high, int... shape) {
    int length = 1;
    for (int size : shape) {
      length *= size;
    }
    return TypedArray.of(random.doubles(length, low, high).toArray(), shape);
  }

  private static NirNode linear(TypedArray weight) {
    return NirNode.of(NirKind.LINEAR).numbers("weight", weight).build();
  }

  private static NirNode cubaLif(SplittableRandom random, int count) {
    return NirNode.of(NirKind.CUBA_LIF)
        .numbers("tau_mem", random(random, 0.01, 0.03, count))
        .numbers("tau_syn", random(random, 0.003, 0.008, count))
        .numbers("r", random(random, 0.5, 2, count))
        .numbers("w_in", random(random, 20, 80, count))
        .numbers("v_leak", random(random, -0.2, 0.2, count))
        .numbers("v_reset", random(random, -0.3, 0.3, count))
        .numbers("v_threshold", random(random, 0.8, 1.2, count))
        .build();
  }

  /** Two layers, the first recurrent with delays, and a read-out. */
  private static NirGraph recurrent(SplittableRandom random) {
    return NirGraph.builder()
        .node("in", NirNode.input(4))
        .node("w", linear(random(random, -1, 3, 6, 4)))
        .node("lif", cubaLif(random, 6))
        .node("rec", linear(random(random, -1, 1, 6, 6)))
        .node(
            "recDelay",
            NirNode.of(NirKind.DELAY).numbers("delay", random(random, 0, 0.004, 6)).build())
        .node(
            "delay",
            NirNode.of(NirKind.DELAY).numbers("delay", random(random, 0, 0.005, 6)).build())
        .node("up", linear(random(random, -0.5, 2, 3, 6)))
        .node("lif2", cubaLif(random, 3))
        .node("w3", linear(random(random, -1, 1, 2, 3)))
        .node(
            "li",
            NirNode.of(NirKind.CUBA_LI)
                .numbers("tau_mem", 0.02)
                .numbers("tau_syn", 0.005)
                .numbers("r", 1.5, 0.7)
                .numbers("w_in", 50.0)
                .numbers("v_leak", 0.0, 0.0)
                .build())
        .node("out", NirNode.output(2))
        .path("in", "w", "lif", "delay", "up", "lif2", "w3", "li", "out")
        .path("lif", "rec", "recDelay", "lif")
        .build();
  }

  static List<Spike> input(SplittableRandom random, int channels, int count, double end) {
    List<Spike> spikes = new ArrayList<>();
    for (int k = 0; k < count; k++) {
      spikes.add(new Spike(random.nextDouble(0, end), random.nextInt(channels)));
    }
    spikes.sort(Comparator.comparingDouble(Spike::time));
    return spikes;
  }

  /** Runs one sample, times in s; the caller closes the pass. */
  static Pass run(Network network, List<Spike> input) {
    Pass pass = new Pass(network, PassShape.events(1, input.size(), null));
    double[] times = input.stream().mapToDouble(s -> 1000 * s.time()).toArray();
    int[] units = input.stream().mapToInt(Spike::neuron).toArray();
    pass.inputSpikes().set(new double[][] {times}, new int[][] {units});
    pass.forward();
    return pass;
  }

  static List<Spike> spikes(Spikes of) {
    List<Spike> all = new ArrayList<>();
    double[] times = of.times().toDoubles();
    int[] units = of.units().toInts();
    for (int k = 0; k < of.counts().toInts()[0]; k++) {
      all.add(new Spike(times[k] / 1000, units[k]));
    }
    return all;
  }

  private static void assertSame(List<Spike> found, List<Spike> expected, double tolerance) {
    assertThat(found).hasSameSizeAs(expected);
    for (int k = 0; k < found.size(); k++) {
      assertThat(found.get(k).neuron()).as("spike " + k).isEqualTo(expected.get(k).neuron());
      assertThat(found.get(k).time()).isCloseTo(expected.get(k).time(), within(tolerance));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void neuronsWithSynapticCurrentsSpikeWhenTheirEquationsSay(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    NirGraph graph = recurrent(random);
    List<Spike> input = input(random, 4, 40, 0.06);
    NirEquations equations = new NirEquations(graph, PULSE);
    equations.simulate("in", input, 4, 0.1);
    NirSettings settings = NirSettings.defaults().precision(DType.FLOAT64);
    try (Backend java = Backends.open("java");
        Network network = NirNetworks.network(java, graph, settings);
        Pass pass = run(network, input)) {
      assertThat(equations.spikes("lif")).hasSizeGreaterThan(10);
      assertThat(equations.spikes("lif2")).isNotEmpty();
      assertSame(spikes(pass.spikes(0)), equations.spikes("lif"), 1e-9);
      assertSame(spikes(pass.spikes(1)), equations.spikes("lif2"), 1e-9);
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
            .node("w", linear(random(random, -1, 3, 5, 4)))
            .node("excitatory", cubaLif(random, 5))
            .node("drive", linear(random(random, 0, 2, 3, 5)))
            .node("inhibitory", cubaLif(random, 3))
            .node("brake", linear(random(random, -2, 0, 5, 3)))
            .node(
                "late",
                NirNode.of(NirKind.DELAY).numbers("delay", random(random, 0, 0.004, 5)).build())
            .node("own", linear(random(random, -0.5, 0.5, 5, 5)))
            .node("up", linear(random(random, -0.5, 2, 2, 5)))
            .node("top", cubaLif(random, 2))
            .node("out", NirNode.output(2))
            .path("in", "w", "excitatory", "drive", "inhibitory", "brake", "late", "excitatory")
            .path("excitatory", "own", "excitatory")
            .path("excitatory", "up", "top", "out")
            .build();
    List<Spike> input = input(random, 4, 40, 0.06);
    NirEquations equations = new NirEquations(graph, PULSE);
    equations.simulate("in", input, 4, 0.1);
    List<Spike> both = new ArrayList<>(equations.spikes("excitatory"));
    for (Spike spike : equations.spikes("inhibitory")) {
      both.add(new Spike(spike.time(), spike.neuron() + 5));
    }
    both.sort(Comparator.comparingDouble(Spike::time));
    NirSettings settings = NirSettings.defaults().precision(DType.FLOAT64);
    try (Backend java = Backends.open("java");
        Network network = NirNetworks.network(java, graph, settings);
        Pass pass = run(network, input)) {
      assertThat(network.layers()).hasSize(2);
      assertThat(equations.spikes("inhibitory")).hasSizeGreaterThan(3);
      assertThat(equations.spikes("top")).isNotEmpty();
      assertSame(spikes(pass.spikes(0)), both, 1e-9);
      assertSame(spikes(pass.spikes(1)), equations.spikes("top"), 1e-9);
    }
  }

  @Test
  void networksOfSinglePrecisionAgreeToTheirPrecision() {
    SplittableRandom random = new SplittableRandom(5);
    NirGraph graph = recurrent(random);
    List<Spike> input = input(random, 4, 20, 0.06);
    NirEquations equations = new NirEquations(graph, PULSE);
    equations.simulate("in", input, 4, 0.1);
    try (Backend java = Backends.open("java");
        Network network = NirNetworks.network(java, graph);
        Pass pass = run(network, input)) {
      assertThat(network.spec().precision()).isEqualTo(DType.FLOAT32);
      assertSame(spikes(pass.spikes(0)), equations.spikes("lif"), 1e-6);
    }
  }

  private static NirNode lif(SplittableRandom random, int count) {
    return NirNode.of(NirKind.LIF)
        .numbers("tau", random(random, 0.002, 0.02, count))
        .numbers("r", random(random, 20, 100, count))
        .numbers("v_leak", random(random, -0.1, 0.3, count))
        .numbers("v_reset", random(random, -0.3, 0.2, count))
        .numbers("v_threshold", random(random, 0.8, 1.2, count))
        .build();
  }

  /** Frames of spikes; a channel has at most one in a step. */
  private static double[][] frames(SplittableRandom random, int steps, int channels, double rate) {
    double[][] frames = new double[steps][channels];
    for (double[] frame : frames) {
      for (int k = 0; k < channels; k++) {
        frame[k] = random.nextDouble() < rate ? 1 : 0;
      }
    }
    return frames;
  }

  static List<Spike> ofFrames(double[][] frames, double dt) {
    List<Spike> spikes = new ArrayList<>();
    for (int step = 0; step < frames.length; step++) {
      for (int k = 0; k < frames[step].length; k++) {
        for (int spike = 0; spike < frames[step][k]; spike++) {
          spikes.add(new Spike(step * dt, k));
        }
      }
    }
    return spikes;
  }

  /** Each layer answers a step after what reached it; that apart, all is the same. */
  static void assertSameSteps(
      Spikes found, List<Spike> expected, double dt, int layersBelow, int steps) {
    List<String> ours = new ArrayList<>();
    for (Spike spike : spikes(found)) {
      ours.add(Math.round(spike.time() / dt) - 1 - layersBelow + ":" + spike.neuron());
    }
    List<String> theirs = new ArrayList<>();
    for (Spike spike : expected) {
      if (spike.time() + 1 + layersBelow <= steps) {
        theirs.add(Math.round(spike.time()) + ":" + spike.neuron());
      }
    }
    assertThat(ours).containsExactlyInAnyOrderElementsOf(theirs);
  }

  @ParameterizedTest
  @ValueSource(strings = {"FLOAT64", "FLOAT32"})
  void neuronsWithoutSynapticCurrentsSpikeInTheStepsThatTheirEquationsSay(DType precision) {
    SplittableRandom random = new SplittableRandom(7);
    double dt = 5e-4;
    NirGraph graph =
        NirGraph.builder()
            .node("in", NirNode.input(5))
            .node("w", linear(random(random, -0.5, 1.5, 8, 5)))
            .node("lif", lif(random, 8))
            .node("w2", linear(random(random, -0.5, 1.5, 4, 8)))
            .node("lif2", lif(random, 4))
            .node("out", NirNode.output(4))
            .path("in", "w", "lif", "w2", "lif2", "out")
            .build();
    double[][] frames = frames(random, 200, 5, 0.2);
    Map<String, List<Spike>> expected =
        new NirEquations(graph, PULSE)
            .simulate(List.of("w", "lif", "w2", "lif2"), new int[] {5}, frames, dt);
    assertThat(expected.get("lif")).hasSizeGreaterThan(20);
    assertThat(expected.get("lif2")).hasSizeGreaterThan(5);
    NirSettings settings = NirSettings.defaults().dt(0.5).duration(100).precision(precision);
    try (Backend java = Backends.open("java");
        Network network = NirNetworks.network(java, graph, settings);
        Pass pass = run(network, ofFrames(frames, dt))) {
      assertSameSteps(pass.spikes(0), expected.get("lif"), dt, 0, 200);
      assertSameSteps(pass.spikes(1), expected.get("lif2"), dt, 1, 200);
    }
  }

  private static NirNode integrateAndFire(double threshold) {
    return NirNode.of(NirKind.IF).numbers("r", 1.0).numbers("v_threshold", threshold).build();
  }

  private static NirNode.Builder convolution(NirKind kind, TypedArray weight, int groups) {
    return NirNode.of(kind)
        .numbers("weight", weight)
        .numbers("bias", new double[weight.shape().get(0)])
        .numbers("groups", groups);
  }

  @Test
  void convolutionsAndPoolsAreTheirSynapses() {
    SplittableRandom random = new SplittableRandom(9);
    NirGraph graph =
        NirGraph.builder()
            .node("in", NirNode.input(2, 9, 7))
            .node(
                "conv",
                convolution(NirKind.CONV2D, random(random, -0.3, 0.5, 4, 1, 3, 2), 2)
                    .numbers("stride", 2, 1)
                    .numbers("padding", 1, 0)
                    .numbers("dilation", 1, 2)
                    .build())
            .node("if1", integrateAndFire(1))
            .node(
                "pool",
                NirNode.of(NirKind.AVG_POOL_2D)
                    .numbers("kernel_size", 2, 2)
                    .numbers("stride", 2, 1)
                    .numbers("padding", 1, 0)
                    .build())
            .node(
                "same",
                convolution(NirKind.CONV2D, random(random, -0.3, 0.8, 3, 4, 2, 3), 1)
                    .numbers("stride", 1)
                    .text("padding", "same")
                    .numbers("dilation", 1)
                    .build())
            .node("if2", integrateAndFire(1.1))
            .node(
                "sum",
                NirNode.of(NirKind.SUM_POOL_2D)
                    .numbers("kernel_size", 2)
                    .numbers("stride", 1)
                    .numbers("padding", 0)
                    .build())
            .node(
                "flat",
                NirNode.of(NirKind.FLATTEN).numbers("start_dim", 0).numbers("end_dim", -1).build())
            .node("w", linear(random(random, -0.3, 0.5, 5, 3 * 2 * 3)))
            .node("scale", NirNode.of(NirKind.SCALE).numbers("scale", 0.7).build())
            .node("if3", integrateAndFire(0.9))
            .node("out", NirNode.output(5))
            .path("in", "conv", "if1", "pool", "same", "if2", "sum", "flat", "w", "scale", "if3")
            .path("if3", "out")
            .build();
    double[][] frames = frames(random, 60, 2 * 9 * 7, 0.1);
    List<String> chain =
        List.of("conv", "if1", "pool", "same", "if2", "sum", "flat", "w", "scale", "if3");
    Map<String, List<Spike>> expected =
        new NirEquations(graph, PULSE).simulate(chain, new int[] {2, 9, 7}, frames, 1e-3);
    try (Backend java = Backends.open("java");
        Network network =
            NirNetworks.network(java, graph, NirSettings.defaults().dt(1).duration(60));
        Pass pass = run(network, ofFrames(frames, 1e-3))) {
      assertThat(network.spec().precision()).isEqualTo(DType.FLOAT64);
      for (int k = 0; k < 3; k++) {
        List<Spike> of = expected.get("if" + (k + 1));
        assertThat(of).hasSizeGreaterThan(20);
        assertSameSteps(pass.spikes(k), of, 1e-3, k, 60);
      }
    }
  }

  @Test
  void convolutionsOfOneDimensionAreTheirSynapses() {
    SplittableRandom random = new SplittableRandom(10);
    NirGraph graph =
        NirGraph.builder()
            .node("in", NirNode.input(2, 11))
            .node(
                "conv",
                convolution(NirKind.CONV1D, random(random, -0.3, 0.6, 3, 2, 3), 1)
                    .numbers("stride", 2)
                    .numbers("padding", 2)
                    .numbers("dilation", 2)
                    .numbers("input_shape", 11)
                    .build())
            .node("if", integrateAndFire(1))
            .node("out", NirNode.output(3, 6))
            .path("in", "conv", "if", "out")
            .build();
    double[][] frames = frames(random, 50, 22, 0.2);
    Map<String, List<Spike>> expected =
        new NirEquations(graph, PULSE)
            .simulate(List.of("conv", "if"), new int[] {2, 11}, frames, 1e-3);
    try (Backend java = Backends.open("java");
        Network network =
            NirNetworks.network(java, graph, NirSettings.defaults().dt(1).duration(50));
        Pass pass = run(network, ofFrames(frames, 1e-3))) {
      assertThat(expected.get("if")).hasSizeGreaterThan(20);
      assertSameSteps(pass.spikes(0), expected.get("if"), 1e-3, 0, 50);
    }
  }

  @Test
  void aSynapseThatIsGivenToNeuronsWithoutOneBringsTheSameCharge() {
    NirGraph graph =
        NirGraph.builder()
            .node("in", NirNode.input(1))
            .node("w", linear(TypedArray.of(new double[] {300}, 1, 1)))
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
        Pass pass = run(network, List.of(new Spike(0.001, 0)))) {
      // The jump r w p / tau = 6, times the integral tau of its decay, in ms.
      assertThat(pass.values().toDoubles()[0]).isCloseTo(60, within(0.06));
    }
  }

  @Test
  void aGraphWithoutNeuronsIsADenseLayerOnSteps() {
    SplittableRandom random = new SplittableRandom(11);
    TypedArray first = random(random, -1, 1, 4, 3);
    TypedArray second = random(random, -1, 1, 2, 4);
    NirGraph graph =
        NirGraph.builder()
            .node("in", NirNode.input(3))
            .node(
                "a",
                NirNode.of(NirKind.AFFINE)
                    .numbers("weight", first)
                    .numbers("bias", 1, 2, 3, 4.0)
                    .build())
            .node("b", linear(second))
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
      assertThat(found).containsExactly(expected, within(1e-12));
      NirGraph back = NirNetworks.graph(network);
      assertThat(back.nodes().get("layer0").kind()).isEqualTo(NirKind.AFFINE);
    }
  }

  private static Map<String, double[]> numbers(Network network) {
    Map<String, double[]> all = new LinkedHashMap<>();
    for (Map.Entry<String, DeviceArray> array : network.arrays().entrySet()) {
      DeviceArray values = array.getValue();
      all.put(
          array.getKey(),
          values.type().isFloating()
              ? values.toDoubles()
              : Arrays.stream(values.toInts()).asDoubleStream().toArray());
    }
    return all;
  }

  /** As a file has it, and back. */
  private Network roundTrip(Backend backend, Network network) throws Exception {
    Path file = folder.resolve("net.nir");
    NirNetworks.graph(network).write(file);
    return NirNetworks.network(backend, NirGraph.read(file));
  }

  @Test
  void aNetworkComesBackBitForBit() throws Exception {
    Lif lif = Lif.tau(17.3, 4.1).threshold(1.2).reset(-0.1).bias(0.05);
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .duration(77)
                .simulator(Simulator.grid(0.25))
                .spikes(6)
                .lif(
                    9,
                    lif.train(Trainable.TAU_MEM),
                    Connection.dense(Weights.normal(1, 0.5)),
                    Connection.sparse(0.3, Weights.normal(0, 1)))
                .lif(5, lif, Connection.fanOut(2, Weights.normal(1, 1)))
                .readout(3, 19.9, 5.3, Weights.normal(0, 1), Reduction.EXPONENTIAL)
                .build(3)) {
      double[] trained = new SplittableRandom(1).doubles(9, 5, 50).toArray();
      network.arrays().get("layer0.tauMem").copyFrom(trained);
      try (Network back = roundTrip(java, network)) {
        Map<String, double[]> before = numbers(network);
        Map<String, double[]> after = numbers(back);
        assertThat(after.get("layer1.weights"))
            .as("a fan-out comes back as rows of its own")
            .isNotNull();
        assertThat(after.keySet()).containsAll(before.keySet());
        before.forEach((name, values) -> assertThat(after.get(name)).as(name).isEqualTo(values));
        assertThat(back.spec().input()).isEqualTo(network.spec().input());
        assertThat(back.spec().precision()).isEqualTo(network.spec().precision());
        assertThat(back.spec().layers().get(2).toMap().get("reduction"))
            .isEqualTo(Reduction.EXPONENTIAL);
      }
    }
  }

  @Test
  void delaysOfSourcesAndOfTargetsComeBack() throws Exception {
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .spikes(3)
                .lif(
                    4,
                    Lif.tau(20, 5),
                    Connection.dense(Weights.normal(1, 1)).delays(0, 5),
                    Connection.dense(Weights.normal(0, 1)).delays(0, 5))
                .build(3)) {
      double[] bySource = new double[12];
      double[] byTarget = new double[16];
      Arrays.setAll(bySource, k -> 1.1 * Math.floorDiv(k, 4));
      Arrays.setAll(byTarget, k -> 0.7f * (k % 4 + 1));
      network.arrays().get("layer0.delays").copyFrom(bySource);
      assertThatThrownBy(() -> NirNetworks.graph(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("layer0.recurrent.delays", "source", "target");
      network.arrays().get("layer0.recurrent.delays").copyFrom(byTarget);
      try (Network back = roundTrip(java, network)) {
        Map<String, double[]> after = numbers(back);
        numbers(network)
            .forEach((name, values) -> assertThat(after.get(name)).as(name).isEqualTo(values));
      }
    }
  }

  @Test
  void layersThatNirHasNoNodesForAreRefusedByName() {
    try (Backend java = Backends.open("java");
        Network gated = Network.on(java).sequence(3).egru(4).readout(2).build(1);
        Network dense = Network.on(java).sequence(3).dense(4, Activation.TANH).build(1)) {
      assertThatThrownBy(() -> NirNetworks.graph(gated))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("layer0", ".egru(...)", "ONNX");
      assertThatThrownBy(() -> NirNetworks.graph(dense))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("layer0", ".dense(...)");
    }
  }
}
