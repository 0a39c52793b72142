package io.tacet.nir;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.checkpoint.TypedArray;
import io.tacet.fuzz.FileTarget;
import io.tacet.memory.Leaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.provider.MethodSource;

/** Graphs in HDF5 get any bytes, see {@link FileTarget}. */
class NirFuzzTest {
  private static final Backend JAVA = Backends.open("java");
  private static final FileTarget GRAPH = FileTarget.of(NirGraph::read, NirFuzzTest::graphs);
  private static final FileTarget NETWORK =
      FileTarget.of(file -> new NirFormat().read(JAVA, file, null), NirFuzzTest::graphs);

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static List<byte[]> graphs() throws IOException {
    NirNode neurons =
        NirNode.of(NirKind.CUBA_LIF)
            .numbers("tau_mem", 0.02)
            .numbers("tau_syn", 0.005)
            .numbers("r", 1, 1.0)
            .numbers("v_leak", 0.0)
            .numbers("v_threshold", 1.0)
            .build();
    NirNode weights =
        NirNode.of(NirKind.LINEAR)
            .numbers("weight", TypedArray.of(new double[] {1, 2, 3, 4}, 2, 2))
            .build();
    NirGraph graph =
        NirGraph.builder()
            .node("in", NirNode.input(2))
            .node("w", weights)
            .node("lif", neurons)
            .node("out", NirNode.output(2))
            .path("in", "w", "lif", "out")
            .build();
    Path file = Files.createTempFile("sample", ".nir");
    try {
      graph.write(file);
      return List.of(Files.readAllBytes(file));
    } finally {
      Files.delete(file);
    }
  }

  static Stream<byte[]> graph() {
    return GRAPH.seeds();
  }

  @MethodSource
  @FuzzTest
  void graph(byte[] bytes) {
    GRAPH.check(bytes);
  }

  static Stream<byte[]> network() {
    return NETWORK.seeds();
  }

  @MethodSource
  @FuzzTest
  void network(byte[] bytes) {
    NETWORK.check(bytes);
  }
}
