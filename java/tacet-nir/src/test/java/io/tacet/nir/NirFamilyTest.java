package io.tacet.nir;

import static io.tacet.Close.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.network.Weights;
import io.tacet.network.cells.LifCell;
import io.tacet.network.cells.NeuronCell;
import io.tacet.neuron.IntegrateAndFire.Feature;
import io.tacet.neuron.Neuron;
import io.tacet.neuron.Neurons;
import io.tacet.nir.NirEquations.Spike;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Neurons of the closed-form family in NIR, where nodes of LI are synaptic currents. */
class NirFamilyTest {
  /** In s, of the solution by steps. */
  private static final double STEP = 1e-7;

  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  static Stream<Arguments> expressible() {
    return Stream.of(
            new Feature[0],
            new Feature[] {Feature.NON_LEAKY},
            new Feature[] {Feature.ALPHA_SYNAPSE},
            new Feature[] {Feature.NON_LEAKY, Feature.ALPHA_SYNAPSE})
        .flatMap(
            features ->
                Stream.of(DType.FLOAT32, DType.FLOAT64)
                    .flatMap(
                        type ->
                            Stream.of(0, 0.05).map(bias -> Arguments.of(features, type, bias))));
  }

  @ParameterizedTest
  @MethodSource("expressible")
  void neuronsComeBackWithTheirNumbersAndSpikes(Feature[] features, DType type, double bias)
      throws Exception {
    Neuron neuron =
        Neurons.integrateAndFire(features)
            .with("threshold", 1.25)
            .with("reset", -0.5)
            .with("bias", bias)
            .train("tauMem", "tauSyn", "threshold");
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .precision(type)
                .spikes(6)
                .neuron(
                    5,
                    neuron,
                    Connection.dense(Weights.normal(4, 1)).delays(2, 2),
                    Connection.dense(Weights.normal(0, 1)))
                .build(3)) {
      SplittableRandom random = new SplittableRandom(1);
      network.arrays().get("layer0.tauMem").copyFrom(random.doubles(5, 10, 30).toArray());
      network.arrays().get("layer0.tauSyn").copyFrom(random.doubles(5, 3, 8).toArray());
      network.arrays().get("layer0.threshold").copyFrom(random.doubles(5, 1, 2).toArray());
      Path file = folder.resolve("net.nir");
      NirNetworks.graph(network).write(file);
      List<Spike> input = NirRuns.input(random, 6, 60, 0.08);
      try (Network back = NirNetworks.network(java, NirGraph.read(file));
          Pass before = NirRuns.run(network, input);
          Pass after = NirRuns.run(back, input)) {
        assertThat(back.spec().precision()).isEqualTo(type);
        assertThat(back.spec().layers().get(0))
            .isInstanceOf(features.length == 0 ? LifCell.Spec.class : NeuronCell.Spec.class);
        double within = type == DType.FLOAT32 ? 0 : 2e-15;
        network
            .arrays()
            .forEach((name, values) -> same(name, back.arrays().get(name), values, within));
        assertThat(NirRuns.spikes(before.spikes(0))).hasSizeGreaterThan(5);
        NirRuns.assertSame(
            NirRuns.spikes(after.spikes(0)),
            NirRuns.spikes(before.spikes(0)),
            type == DType.FLOAT64 ? 1e-12 : features.length == 0 ? 1e-6 : 1e-15);
      }
    }
  }

  private static void same(String name, DeviceArray actual, DeviceArray expected, double within) {
    assertClose(name, actual.toDoubles(), expected.toDoubles(), 0, within);
  }

  @ParameterizedTest
  @EnumSource(
      value = Feature.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NON_LEAKY", "ALPHA_SYNAPSE"})
  void otherFeaturesAreRefusedByName(Feature feature) {
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java)
                .spikes(3)
                .neuron(2, Neurons.integrateAndFire(feature), Weights.normal(1, 1))
                .build(1)) {
      assertThatThrownBy(() -> NirNetworks.graph(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("layer0", feature.toString(), "NON_LEAKY", "ALPHA_SYNAPSE");
    }
  }

  @Test
  void neuronsWithoutAClosedFormAreRefusedByName() {
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java).spikes(3).neuron(2, Neurons.adex(), Weights.normal(1, 1)).build(1)) {
      assertThatThrownBy(() -> NirNetworks.graph(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("layer0", ".neuron(...) of adex");
    }
  }

  /** What NIR says of each node, one equation after the other: tau (or 1/r) x' = ... */
  private static List<Spike> solved(
      double[] tau, double[] gain, double leak, double bias, List<Spike> input, double end) {
    int n = tau.length;
    double[] x = new double[n];
    List<Spike> spikes = new ArrayList<>();
    int next = 0;
    double now = 0;
    while (now < end) {
      double arrival = next < input.size() ? input.get(next).time() : end;
      double step = Math.min(STEP, Math.max(0, arrival - now));
      double[] half = advanced(x, x, tau, gain, leak, bias, step / 2);
      double[] full = advanced(x, half, tau, gain, leak, bias, step);
      double part = full[n - 1] > 1 ? (1 - x[n - 1]) / (full[n - 1] - x[n - 1]) : 1;
      for (int k = 0; k < n; k++) {
        x[k] += part * (full[k] - x[k]);
      }
      now += part * step;
      if (full[n - 1] > 1) {
        spikes.add(new Spike(now, 0));
        x[n - 1] = 0;
      } else if (now >= arrival && next < input.size()) {
        x[0] += gain[0] * NirRuns.PULSE / tau[0];
        next++;
      }
    }
    return spikes;
  }

  private static double[] advanced(
      double[] from, double[] at, double[] tau, double[] gain, double leak, double bias, double d) {
    int n = from.length;
    double[] to = new double[n];
    for (int k = 0; k < n; k++) {
      double drive = k == 0 ? 0 : gain[k] * (at[k - 1] + (k == n - 1 && leak == 0 ? bias : 0));
      double constant = k == n - 1 && leak != 0 ? bias : 0;
      to[k] = from[k] + d * (drive + constant - (k < n - 1 ? 1 : leak) * at[k]) / tau[k];
    }
    return to;
  }

  private static NirNode li(double tau, double r) {
    return NirNode.of(NirKind.LI)
        .numbers("tau", tau)
        .numbers("r", r)
        .numbers("v_leak", 0.0)
        .build();
  }

  private static NirGraph.Builder chain(NirNode last, NirNode... currents) {
    NirGraph.Builder graph =
        NirGraph.builder()
            .node("in", NirNode.input(1))
            .node("w", NirRuns.linear(io.tacet.checkpoint.TypedArray.of(new double[] {1}, 1, 1)))
            .node("neurons", last)
            .node("out", NirNode.output(1));
    List<String> path = new ArrayList<>(List.of("in", "w"));
    for (int k = 0; k < currents.length; k++) {
      graph.node("li" + k, currents[k]);
      path.add("li" + k);
    }
    path.addAll(List.of("neurons", "out"));
    return graph.path(path.toArray(String[]::new));
  }

  private static NirNode leaky(double bias) {
    return NirNode.of(NirKind.LIF)
        .numbers("tau", 0.02)
        .numbers("r", 1.5)
        .numbers("v_leak", bias)
        .numbers("v_threshold", 1.0)
        .build();
  }

  private static NirNode leakless() {
    return NirNode.of(NirKind.IF).numbers("r", 40.0).numbers("v_threshold", 1.0).build();
  }

  private static NirNode cuba(double tau) {
    return NirNode.of(NirKind.CUBA_LIF)
        .numbers("tau_mem", 0.02)
        .numbers("tau_syn", tau)
        .numbers("r", 1.5)
        .numbers("w_in", 0.8)
        .numbers("v_leak", 0.1)
        .numbers("v_threshold", 1.0)
        .build();
  }

  /** A graph, time constants and gains of its equations, whether the last leaks, and its bias. */
  static Stream<Arguments> graphs() {
    NirNode li = li(0.004, 250);
    return Stream.of(
        Arguments.of(
            chain(leaky(0.1), li), new double[] {0.004, 0.02}, new double[] {250, 1.5}, 1, 0.1),
        Arguments.of(
            chain(leaky(0.1), li, li(0.004, 0.8)),
            new double[] {0.004, 0.004, 0.02},
            new double[] {250, 0.8, 1.5},
            1,
            0.1),
        Arguments.of(
            chain(cuba(0.004), li),
            new double[] {0.004, 0.004, 0.02},
            new double[] {250, 0.8, 1.5},
            1,
            0.1),
        Arguments.of(chain(leakless(), li), new double[] {0.004, 1}, new double[] {250, 40}, 0, 0),
        Arguments.of(
            chain(leakless(), li, li(0.004, 0.8)),
            new double[] {0.004, 0.004, 1},
            new double[] {250, 0.8, 40},
            0,
            0));
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void currentsInNodesOfTheirOwnAreWhatTheirEquationsSay(
      NirGraph.Builder graph, double[] tau, double[] gain, int leak, double bias) {
    List<Spike> input = new ArrayList<>();
    for (int k = 0; k < 12; k++) {
      input.add(new Spike(0.001 + 0.004 * k, 0));
    }
    List<Spike> expected = solved(tau, gain, leak, bias, input, 0.1);
    assertThat(expected).hasSizeGreaterThan(2);
    NirSettings settings = NirSettings.defaults().precision(DType.FLOAT64);
    try (Backend java = Backends.open("java");
        Network network = NirNetworks.network(java, graph.build(), settings);
        Pass pass = NirRuns.run(network, input)) {
      NirRuns.assertSame(NirRuns.spikes(pass.spikes(0)), expected, 1e-9);
    }
  }

  @Test
  void neuronsWithoutLeakAreExactWithASynapseOfTheSettings() {
    NirSettings settings = NirSettings.defaults().synapse(5);
    try (Backend java = Backends.open("java");
        Network network = NirNetworks.network(java, chain(leakless()).build(), settings)) {
      assertThat(network.spec().layers().get(0).toMap().get("dynamics"))
          .isEqualTo("integrate-and-fire non-leaky");
      assertThat(network.spec().precision()).isEqualTo(DType.FLOAT32);
      // A spike brings V r = 40, over 5 ms.
      assertThat(network.arrays().get("layer0.weights").toDoubles()).containsExactly(40);
      assertThat(network.arrays().get("layer0.tauMem").toDoubles()).containsExactly(5);
      assertThat(network.arrays().get("layer0.tauSyn").toDoubles()).containsExactly(5);
    }
  }

  @Test
  void neuronsWithoutLeakBehindACurrentRunOnAGridToo() throws Exception {
    try (Backend java = Backends.open("java");
        Network network =
            NirNetworks.network(
                java, chain(leakless(), li(0.004, 250)).build(), NirSettings.defaults().dt(0.5))) {
      Path file = folder.resolve("grid.nir");
      NirNetworks.graph(network).write(file);
      List<Spike> input = NirRuns.input(new SplittableRandom(2), 1, 20, 0.06);
      try (Network back = NirNetworks.network(java, NirGraph.read(file));
          Pass before = NirRuns.run(network, input);
          Pass after = NirRuns.run(back, input)) {
        assertThat(back.spec()).isEqualTo(network.spec());
        assertThat(NirRuns.spikes(before.spikes(0))).isNotEmpty();
        assertThat(NirRuns.spikes(after.spikes(0))).isEqualTo(NirRuns.spikes(before.spikes(0)));
      }
    }
  }

  @Test
  void currentsThatNoNeuronOfTacetHasAreRefused() {
    refused(chain(leaky(0), li(0.004, 1), li(0.005, 1)), 0, "same time constant", "0.004", "0.005");
    refused(chain(cuba(0.005), li(0.004, 1)), 0, "same time constant");
    refused(chain(cuba(0.004), li(0.004, 1), li(0.004, 1)), 0, "one or two currents", "found 3");
    refused(chain(cuba(0.004), li(0.004, 1)), 1, "exact simulation", "ALPHA_SYNAPSE", "dt");
    NirNode shifted =
        NirNode.of(NirKind.LI)
            .numbers("tau", 0.004)
            .numbers("r", 1.0)
            .numbers("v_leak", 0.5)
            .build();
    refused(chain(leaky(0), shifted), 0, "v_leak", "synaptic current");
    NirNode negative =
        NirNode.of(NirKind.IF).numbers("r", -40.0).numbers("v_threshold", 1.0).build();
    refused(chain(negative, li(0.004, 1)), 0, "positive r", "-40.0");
  }

  private static void refused(NirGraph.Builder graph, double dt, String... parts) {
    try (Backend java = Backends.open("java")) {
      NirSettings settings = NirSettings.defaults().dt(dt);
      assertThatThrownBy(() -> NirNetworks.network(java, graph.build(), settings))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(Arrays.copyOf(parts, parts.length))
          .hasMessageContaining("node 'neurons'");
    }
  }
}
