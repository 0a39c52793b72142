package io.tacet.nir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.TypedArray;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.Network;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Graphs that no network computes are refused in a sentence that names the node. */
class NirRefusalTest {
  private static final NirSettings SETTINGS = NirSettings.defaults();

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static void refused(NirGraph.Builder graph, NirSettings settings, String... parts) {
    try (Backend java = Backends.open("java")) {
      NirGraph built = graph.build();
      assertThatThrownBy(
              () -> {
                try (Network network = NirNetworks.network(java, built, settings)) {
                  assertThat(network).isNull();
                }
              })
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll(parts);
    }
  }

  private static NirNode matrix(double... weights) {
    int side = (int) Math.sqrt(weights.length);
    return NirNode.of(NirKind.LINEAR).numbers("weight", TypedArray.of(weights, side, side)).build();
  }

  private static NirNode.Builder current(NirKind kind) {
    return NirNode.of(kind)
        .numbers("tau_mem", 0.02)
        .numbers("tau_syn", 0.005)
        .numbers("r", 1, 1.0)
        .numbers("v_leak", 0.0);
  }

  private static NirNode spiking() {
    return current(NirKind.CUBA_LIF).numbers("v_threshold", 1.0).build();
  }

  private static NirGraph.Builder ends() {
    return NirGraph.builder().node("in", NirNode.input(2)).node("out", NirNode.output(2));
  }

  private static NirGraph.Builder with(NirNode neurons) {
    return ends().node("w", matrix(1, 2, 3, 4)).node("lif", neurons).path("in", "w", "lif", "out");
  }

  @Test
  void neuronsWithoutSynapticCurrentNeedASettingThatTheMessageNames() {
    NirNode lif =
        NirNode.of(NirKind.LIF)
            .numbers("tau", 0.02)
            .numbers("r", 1, 1.0)
            .numbers("v_leak", 0.0)
            .numbers("v_threshold", 1.0)
            .build();
    NirNode integrator =
        NirNode.of(NirKind.IF).numbers("r", 1, 1.0).numbers("v_threshold", 1.0).build();
    refused(with(lif), SETTINGS, "node 'lif' (LIF)", "dt=MS", "synapse=MS");
    refused(with(integrator), SETTINGS, "node 'lif' (IF)", "dt=MS");
    refused(
        with(integrator),
        SETTINGS.dt(1).precision(DType.FLOAT32),
        "node 'lif' (IF)",
        "double precision",
        "precision=FLOAT64");
  }

  @Test
  void aBiasInFrontOfASynapticCurrentNeedsLeave() {
    NirGraph.Builder graph =
        ends()
            .node(
                "w",
                NirNode.of(NirKind.AFFINE)
                    .numbers("weight", TypedArray.of(new double[] {1, 2, 3, 4}, 2, 2))
                    .numbers("bias", 0, 0.5)
                    .build())
            .node("lif", spiking())
            .path("in", "w", "lif", "out");
    refused(graph, SETTINGS, "node 'lif' (CubaLIF)", "bias", "approximate=true");
    try (Backend java = Backends.open("java");
        Network network = NirNetworks.network(java, graph.build(), SETTINGS.approximate(true))) {
      assertThat(network.arrays().get("layer0.bias").toDoubles()).containsExactly(0, 0.5);
    }
  }

  @Test
  void thresholdsAndResetsAreCheckedPerNeuron() {
    refused(
        with(current(NirKind.CUBA_LIF).numbers("v_threshold", 1, -1.0).build()),
        SETTINGS,
        "node 'lif' (CubaLIF)",
        "-1.0",
        "neuron 1");
    refused(
        with(
            current(NirKind.CUBA_LIF)
                .numbers("v_threshold", 1.0)
                .numbers("v_reset", 0, 2.0)
                .build()),
        SETTINGS,
        "v_reset",
        "2.0",
        "neuron 1");
  }

  @Test
  void readOutsHaveNeitherBiasNorDifferentTimesNorNeuronsBehindThem() {
    refused(
        with(
            NirNode.of(NirKind.CUBA_LI)
                .numbers("tau_mem", 0.02, 0.03)
                .numbers("tau_syn", 0.005)
                .numbers("r", 1.0)
                .numbers("v_leak", 0.0)
                .build()),
        SETTINGS,
        "node 'lif' (CubaLI)",
        "equal membrane time constants",
        "20.0 to 30.0 ms");
    refused(
        with(
            NirNode.of(NirKind.CUBA_LI)
                .numbers("tau_mem", 0.02)
                .numbers("tau_syn", 0.005)
                .numbers("r", 1, 1.0)
                .numbers("v_leak", 0.1)
                .build()),
        SETTINGS,
        "v_leak");
    refused(
        ends()
            .node("li", current(NirKind.CUBA_LI).build())
            .node("lif", spiking())
            .path("in", "li", "lif", "out"),
        SETTINGS,
        "node 'li' (CubaLI)",
        "at the end only");
  }

  @Test
  void aGraphHasOneInputAndOneOutput() {
    refused(
        with(spiking()).node("in2", NirNode.input(2)).path("in2", "w"),
        SETTINGS,
        "one node of type Input",
        "[in, in2]");
    refused(
        NirGraph.builder().node("in", NirNode.input(2)).node("lif", spiking()).path("in", "lif"),
        SETTINGS,
        "one node of type Output",
        "[]");
  }

  @Test
  void aCycleNeedsANeuron() {
    refused(
        ends()
            .node("a", matrix(1, 2, 3, 4))
            .node("b", matrix(1, 2, 3, 4))
            .node("lif", spiking())
            .path("in", "a", "b", "a")
            .path("b", "lif", "out"),
        SETTINGS,
        "(Linear)",
        "a neuron in every cycle");
  }

  @Test
  void networksAreStacks() {
    refused(
        with(spiking()).node("lif2", spiking()).path("lif", "lif2", "lif"),
        SETTINGS,
        "node 'out' (Output)",
        "a cycle of [lif, lif2]");
    refused(
        with(spiking())
            .node("lif2", spiking())
            .node("lif3", spiking())
            .path("lif", "lif2", "lif3")
            .path("lif", "lif3", "out"),
        SETTINGS,
        "node 'lif' (CubaLIF)",
        "one other node",
        "stacks");
    refused(
        ends()
            .node("lif", spiking())
            .node("li", current(NirKind.CUBA_LI).build())
            .node("top", spiking())
            .path("in", "lif", "li", "lif", "top", "out"),
        SETTINGS,
        "node 'li' (CubaLI)",
        "[li, lif]");
    refused(with(spiking()).path("in", "out"), SETTINGS, "node 'in'", "[lif, out]");
    refused(
        with(spiking()).node("lif2", spiking()).path("lif2", "lif"),
        SETTINGS,
        "node 'lif2'",
        "an edge that leads to it");
    refused(
        ends().node("lif", spiking()).node("w", matrix(1, 2, 3, 4)).path("in", "lif", "w", "out"),
        SETTINGS,
        "node 'out' (Output)",
        "'lif'",
        "as they are");
  }

  @Test
  void aThresholdOfItsOwnIsRefused() {
    refused(
        ends()
            .node("t", NirNode.of(NirKind.THRESHOLD).numbers("threshold", 1, 1.0).build())
            .node("lif", spiking())
            .path("in", "t", "lif", "out"),
        SETTINGS,
        "node 't' (Threshold)",
        "CubaLIF");
  }

  @Test
  void twoPathsWithDifferentDelaysAreRefused() {
    refused(
        ends()
            .node("w", matrix(1, 2, 3, 4))
            .node("d", NirNode.of(NirKind.DELAY).numbers("delay", 0.001, 0.002).build())
            .node("lif", spiking())
            .path("in", "w", "lif", "out")
            .path("w", "d", "lif"),
        SETTINGS,
        "one delay",
        "0.001");
  }

  @Test
  void timeConstantsThatSinglePrecisionDoesNotTellApartAreRefused() {
    NirNode slow =
        NirNode.of(NirKind.LIF)
            .numbers("tau", 100.0)
            .numbers("r", 1, 1.0)
            .numbers("v_leak", 0.0)
            .numbers("v_threshold", 1.0)
            .build();
    refused(with(slow), SETTINGS.dt(0.1), "node 'lif' (LIF)", "FLOAT32", "100000.0", "neuron 0");
  }

  @Test
  void numbersThatSinglePrecisionDoesNotHoldAreRefused() {
    refused(
        ends()
            .node("w", matrix(1e32, 2, 3, 4))
            .node(
                "lif",
                current(NirKind.CUBA_LIF).numbers("v_threshold", 1.0).numbers("w_in", 1e10).build())
            .path("in", "w", "lif", "out"),
        SETTINGS,
        "layer0.weights",
        "FLOAT32");
  }
}
