package io.tacet.nir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.NMnist;
import io.tacet.data.SpikeDataset;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.Network;
import io.tacet.network.Pass;
import io.tacet.nir.NirEquations.Spike;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that other programs wrote. */
class NirDataTest {
  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Path data(String name) {
    String root = System.getProperty("TACET_DATA", System.getenv("TACET_DATA"));
    assumeTrue(
        root != null && Files.exists(Path.of(root).resolve(name)),
        "TACET_DATA has no " + name + ": set it to the folder that has it");
    return Path.of(root).resolve(name);
  }

  private void comesBack(NirGraph graph) throws IOException {
    Path file = folder.resolve("again.nir");
    graph.write(file);
    assertThat(NirGraph.read(file)).isEqualTo(graph);
  }

  @Test
  void aNeuronOfSnnTorchSpikesInTheStepsThatItsEquationsSay() throws IOException {
    NirGraph graph = NirGraph.read(data("nir/snntorch/lif.nir"));
    assertThat(graph.nodes().get("1").reals("tau")[0]).isCloseTo(0.0025, within(1e-9));
    comesBack(graph);
    double dt = 1e-4;
    double[][] frames = new double[1000][1];
    for (int step = 0; step < 1000; step += step % 130 < 60 ? 7 : 3) {
      frames[step][0] = 1;
    }
    Map<String, List<Spike>> expected =
        new NirEquations(graph, 1e-4).simulate(List.of("0", "1"), new int[] {1}, frames, dt);
    assertThat(expected.get("1")).hasSizeGreaterThan(10);
    for (DType precision : new DType[] {DType.FLOAT64, DType.FLOAT32}) {
      NirSettings settings = NirSettings.defaults().dt(0.1).precision(precision);
      try (Backend java = Backends.open("java");
          Network network = NirNetworks.network(java, graph, settings);
          Pass pass = NirRuns.run(network, NirRuns.ofFrames(frames, dt))) {
        NirRuns.assertSameSteps(pass.spikes(0), expected.get("1"), dt, 0, 1000);
      }
    }
  }

  /** The first digits of N-MNIST in steps of 1 ms, each layer spike by spike. */
  @Test
  void theConvolutionalNetworkOfNirsPaperSpikesInTheStepsThatItsEquationsSay() throws IOException {
    NirGraph graph = NirGraph.read(data("nir/snntorch/scnn_mnist.nir"));
    comesBack(graph);
    SpikeDataset digits = NMnist.in(data("nmnist_small").getParent()).test();
    List<String> chain = chain(graph);
    List<String> neurons =
        chain.stream().filter(name -> graph.nodes().get(name).kind() == NirKind.IF).toList();
    int steps = 310;
    try (Backend java = Backends.open("java");
        Network network =
            NirNetworks.network(java, graph, NirSettings.defaults().dt(1).duration(steps))) {
      assertThat(network.layers()).hasSize(neurons.size());
      double[][] frames = frames(digits, 0, steps);
      Map<String, List<Spike>> expected =
          new NirEquations(graph, 1e-4).simulate(chain, new int[] {2, 34, 34}, frames, 1e-3);
      try (Pass pass = NirRuns.run(network, NirRuns.ofFrames(frames, 1e-3))) {
        for (int k = 0; k < neurons.size(); k++) {
          List<Spike> of = expected.get(neurons.get(k));
          assertThat(of).as(neurons.get(k)).hasSizeGreaterThan(5);
          NirRuns.assertSameSteps(pass.spikes(k), of, 1e-3, k, steps);
        }
      }
    }
  }

  private static List<String> chain(NirGraph graph) {
    List<String> chain = new ArrayList<>();
    String at = "input";
    while (true) {
      String from = at;
      at =
          graph.edges().stream()
              .filter(e -> e.from().equals(from))
              .map(NirGraph.Edge::to)
              .findFirst()
              .orElseThrow();
      if (graph.nodes().get(at).kind() == NirKind.OUTPUT) {
        return chain;
      }
      chain.add(at);
    }
  }

  private static double[][] frames(SpikeDataset data, int sample, int steps) {
    double[][] frames = new double[steps][data.sources()];
    for (int e = data.begin(sample); e < data.end(sample); e++) {
      frames[Math.min(steps - 1, (int) data.time(e))][data.source(e)] += 1;
    }
    return frames;
  }
}
