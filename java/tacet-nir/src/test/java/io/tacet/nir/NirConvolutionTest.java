package io.tacet.nir;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.TypedArray;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.nir.NirEquations.Spike;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Convolutions and pools of graphs are the synapses that their equations say. */
class NirConvolutionTest {
  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
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
                convolution(NirKind.CONV2D, NirRuns.random(random, -0.3, 0.5, 4, 1, 3, 2), 2)
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
                convolution(NirKind.CONV2D, NirRuns.random(random, -0.3, 0.8, 3, 4, 2, 3), 1)
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
            .node("w", NirRuns.linear(NirRuns.random(random, -0.3, 0.5, 5, 3 * 2 * 3)))
            .node("scale", NirNode.of(NirKind.SCALE).numbers("scale", 0.7).build())
            .node("if3", integrateAndFire(0.9))
            .node("out", NirNode.output(5))
            .path("in", "conv", "if1", "pool", "same", "if2", "sum", "flat", "w", "scale", "if3")
            .path("if3", "out")
            .build();
    double[][] frames = NirRuns.frames(random, 60, 2 * 9 * 7, 0.1);
    List<String> chain =
        List.of("conv", "if1", "pool", "same", "if2", "sum", "flat", "w", "scale", "if3");
    Map<String, List<Spike>> expected =
        new NirEquations(graph, NirRuns.PULSE).simulate(chain, new int[] {2, 9, 7}, frames, 1e-3);
    try (Backend java = Backends.open("java");
        Network network =
            NirNetworks.network(java, graph, NirSettings.defaults().dt(1).duration(60));
        Pass pass = NirRuns.run(network, NirRuns.ofFrames(frames, 1e-3))) {
      assertThat(network.spec().precision()).isEqualTo(DType.FLOAT64);
      for (int k = 0; k < 3; k++) {
        List<Spike> of = expected.get("if" + (k + 1));
        assertThat(of).hasSizeGreaterThan(20);
        NirRuns.assertSameSteps(pass.spikes(k), of, 1e-3, k, 60);
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
                convolution(NirKind.CONV1D, NirRuns.random(random, -0.3, 0.6, 3, 2, 3), 1)
                    .numbers("stride", 2)
                    .numbers("padding", 2)
                    .numbers("dilation", 2)
                    .numbers("input_shape", 11)
                    .build())
            .node("if", integrateAndFire(1))
            .node("out", NirNode.output(3, 6))
            .path("in", "conv", "if", "out")
            .build();
    double[][] frames = NirRuns.frames(random, 50, 22, 0.2);
    Map<String, List<Spike>> expected =
        new NirEquations(graph, NirRuns.PULSE)
            .simulate(List.of("conv", "if"), new int[] {2, 11}, frames, 1e-3);
    try (Backend java = Backends.open("java");
        Network network =
            NirNetworks.network(java, graph, NirSettings.defaults().dt(1).duration(50));
        Pass pass = NirRuns.run(network, NirRuns.ofFrames(frames, 1e-3))) {
      assertThat(expected.get("if")).hasSizeGreaterThan(20);
      NirRuns.assertSameSteps(pass.spikes(0), expected.get("if"), 1e-3, 0, 50);
    }
  }
}
