package io.tacet.nir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import io.tacet.checkpoint.TypedArray;
import io.tacet.files.FileFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Graphs in files, and what is wrong with others. */
class NirGraphTest {
  @TempDir private Path folder;

  private static NirNode linear(int to, int from) {
    return NirNode.of(NirKind.LINEAR)
        .numbers("weight", TypedArray.of(new float[to * from], to, from))
        .build();
  }

  private static NirNode lif(double... tau) {
    return NirNode.of(NirKind.LIF)
        .numbers("tau", tau)
        .numbers("r", 1.0)
        .numbers("v_leak", 0.0)
        .numbers("v_threshold", 1.0)
        .build();
  }

  private static NirGraph.Builder small() {
    return NirGraph.builder()
        .node("in", NirNode.input(2))
        .node("w", linear(3, 2))
        .node("lif", lif(0.01, 0.02, 0.03))
        .node("out", NirNode.output(3))
        .path("in", "w", "lif", "out");
  }

  @Test
  void everyValueComesBackFromAFile() throws IOException {
    NirGraph graph =
        small()
            .node(
                "conv",
                NirNode.of(NirKind.CONV2D)
                    .numbers(
                        "weight", TypedArray.of(new double[] {1, 2, 3, 4, 5, 6, 7, 8}, 2, 1, 2, 2))
                    .numbers("bias", TypedArray.of(new float[] {1, 2}))
                    .numbers("stride", TypedArray.of(new int[] {1, 1}))
                    .numbers("dilation", 1, 1)
                    .numbers(
                        "groups",
                        new TypedArray(
                            io.tacet.checkpoint.EntryType.INT64, List.of(), new long[] {1}))
                    .text("padding", "same")
                    .metadata("layer", new NirValue.Text("first"))
                    .metadata("seen", new NirValue.Numbers(TypedArray.of(new int[] {1, 2, 3})))
                    .build())
            .node("image", NirNode.input(1, 4, 4))
            .path("image", "conv")
            .metadata("name", new NirValue.Text("a graph, \u00e4\u00f6\u00fc"))
            .build();
    Path file = folder.resolve("graph.nir");
    graph.write(file);
    assertThat(NirGraph.read(file)).isEqualTo(graph);
    byte[] first = Files.readAllBytes(file);
    NirGraph.read(file).write(file);
    assertThat(NirGraph.read(file)).isEqualTo(graph);
    assertThat(Files.readAllBytes(file)).hasSameSizeAs(first);
  }

  @Test
  void aFileThatIsCutShortAnywhereIsRefusedInOneSentence() throws IOException {
    Path file = folder.resolve("graph.nir");
    small().build().write(file);
    byte[] whole = Files.readAllBytes(file);
    for (int length = 0; length < whole.length; length += 97) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> NirGraph.read(file))
          .isInstanceOf(FileFormatException.class)
          .hasMessageStartingWith(file + ": ");
    }
  }

  @Test
  void aDamagedByteIsEitherRefusedOrAnotherGraph() throws IOException {
    Path file = folder.resolve("graph.nir");
    small().build().write(file);
    byte[] whole = Files.readAllBytes(file);
    for (int at = 0; at < whole.length; at += 31) {
      byte[] damaged = whole.clone();
      damaged[at] ^= (byte) 0xff;
      Files.write(file, damaged);
      try {
        assertThat(NirGraph.read(file)).isNotNull();
      } catch (FileFormatException e) {
        assertThat(e).hasMessageStartingWith(file + ": ");
      }
    }
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    Path file = folder.resolve("other.nir");
    assertThatThrownBy(() -> NirGraph.read(file)).isInstanceOf(NoSuchFileException.class);
    Files.writeString(file, "not HDF5");
    assertThatThrownBy(() -> NirGraph.read(file))
        .isInstanceOf(FileFormatException.class)
        .hasMessageContaining("expected an HDF5 file");
    refusedFile(hdf -> hdf.putDataset("x", new int[] {1}), "expected a group 'node'");
    refusedFile(
        hdf -> hdf.putGroup("node").putDataset("type", "LIF"), "type NIRGraph", "found 'LIF'");
    refusedFile(hdf -> hdf.putGroup("node").putDataset("type", "NIRGraph"), "a group 'nodes'");
  }

  private void refusedFile(Consumer<WritableHdfFile> content, String... parts) {
    Path file = folder.resolve("made.nir");
    try (WritableHdfFile hdf = HdfFile.write(file)) {
      content.accept(hdf);
    }
    assertThatThrownBy(() -> NirGraph.read(file))
        .isInstanceOf(FileFormatException.class)
        .hasMessageStartingWith(file + ": ")
        .hasMessageContainingAll(parts);
  }

  private static WritableGroup graph(WritableHdfFile hdf, String[]... edges) {
    WritableGroup node = hdf.putGroup("node");
    node.putDataset("type", "NIRGraph");
    node.putDataset("edges", edges);
    return node.putGroup("nodes");
  }

  @Test
  void nodesOfFilesAreRefusedByName() {
    refusedFile(
        hdf -> graph(hdf, new String[] {"a", "b"}).putGroup("a").putDataset("type", "Lif"),
        "node 'a'",
        "found 'Lif'",
        "Did you mean \"LIF\"?");
    refusedFile(
        hdf -> graph(hdf, new String[] {"a", "b"}).putGroup("a").putDataset("tau", 1.0),
        "node 'a'",
        "expected a field 'type', found none");
    refusedFile(
        hdf -> graph(hdf, new String[] {"a", "b"}).putDataset("a", 1.0),
        "node 'a'",
        "expected a group of fields");
    refusedFile(
        hdf -> {
          WritableGroup nodes = graph(hdf, new String[] {"a", "b"});
          WritableGroup input = nodes.putGroup("a");
          input.putDataset("type", "Input");
          input.putDataset("shape", "wide");
        },
        "node 'a' (Input)",
        "expected numbers in 'shape'");
  }

  @Test
  void anEdgeThatIsThereTwiceIsRefused() {
    refusedFile(
        hdf -> {
          WritableGroup nodes = graph(hdf, new String[] {"a", "b"}, new String[] {"a", "b"});
          put(nodes, "a", "Input", "shape", new int[] {2});
          put(nodes, "b", "Output", "shape", new int[] {2});
        },
        "expected each edge once, found a -> b twice");
  }

  @Test
  void aGraphWithinAGraphIsPartOfIt() throws IOException {
    Path file = folder.resolve("outer.nir");
    try (WritableHdfFile hdf = HdfFile.write(file)) {
      WritableGroup nodes = graph(hdf, new String[] {"in", "inner"}, new String[] {"inner", "out"});
      put(nodes, "in", "Input", "shape", new int[] {2});
      put(nodes, "out", "Output", "shape", new int[] {2});
      WritableGroup inner = nodes.putGroup("inner");
      inner.putDataset("type", "NIRGraph");
      inner.putDataset(
          "edges",
          new String[][] {{"a.input", "lif"}, {"lif", "rec"}, {"rec", "lif"}, {"lif", "output"}});
      WritableGroup within = inner.putGroup("nodes");
      put(within, "a.input", "Input", "shape", new int[] {2});
      put(within, "output", "Output", "shape", new int[] {2});
      put(within, "rec", "Linear", "weight", new float[][] {{1, 2}, {3, 4}});
      put(within, "lif", "IF", "r", new double[] {1, 1}).putDataset("v_threshold", 1.0);
    }
    NirGraph graph = NirGraph.read(file);
    assertThat(graph.nodes().keySet())
        .containsExactlyInAnyOrder("in", "out", "inner.rec", "inner.lif");
    assertThat(graph.edges())
        .extracting(NirGraph.Edge::toString)
        .containsExactlyInAnyOrder(
            "in -> inner.lif",
            "inner.lif -> out",
            "inner.lif -> inner.rec",
            "inner.rec -> inner.lif");
  }

  private static WritableGroup put(
      WritableGroup nodes, String name, String type, String field, Object value) {
    WritableGroup node = nodes.putGroup(name);
    node.putDataset("type", type);
    node.putDataset(field, value);
    return node;
  }

  private static void refused(NirGraph.Builder graph, String... parts) {
    assertThatThrownBy(graph::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(parts);
  }

  @Test
  void nodesAreRefusedByTheirNameAndField() {
    refused(
        small().node("x", NirNode.of(NirKind.LI).numbers("tau", 1.0).build()),
        "node 'x' (LI)",
        "expected a field 'r'");
    refused(
        small()
            .node("x", NirNode.of(NirKind.SCALE).numbers("scale", 1.0).numbers("bais", 1).build()),
        "node 'x' (Scale)",
        "'bais'");
    refused(small().node("x", lif(Double.NaN)), "node 'x' (LIF)", "'tau'", "NaN at index 0");
    refused(small().node("x", lif(0.01, -0.02)), "node 'x'", "positive", "-0.02 at index 1");
    refused(
        small()
            .node(
                "x",
                NirNode.of(NirKind.IF)
                    .numbers("r", 1, 1.0)
                    .numbers("v_threshold", 1, 2, 3.0)
                    .build()),
        "node 'x' (IF)",
        "one shape",
        "[2] of 'r'",
        "[3] of 'v_threshold'");
    refused(
        small()
            .node(
                "x",
                NirNode.of(NirKind.AFFINE)
                    .numbers("weight", TypedArray.of(new float[6], 3, 2))
                    .numbers("bias", 1, 2.0)
                    .build()),
        "node 'x' (Affine)",
        "expected 3 numbers in 'bias'",
        "found 2");
    refused(
        small().node("x", NirNode.of(NirKind.LINEAR).numbers("weight", 1.0).build()),
        "2 dimensions of 'weight'",
        "[1]");
    assertThatThrownBy(() -> small().node("w", linear(1, 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("node 'w'", "once");
  }

  @Test
  void edgesAreRefusedByTheirEnds() {
    refused(small().path("lif", "outt"), "edge lif -> outt", "Did you mean \"out\"?");
    refused(
        small().node("w2", linear(2, 4)).path("lif", "w2"),
        "edge lif -> w2",
        "expected 4 elements",
        "found 3");
    refused(
        small()
            .node(
                "pool",
                NirNode.of(NirKind.SUM_POOL_2D)
                    .numbers("kernel_size", 2)
                    .numbers("stride", 2)
                    .numbers("padding", 0)
                    .build())
            .path("lif", "pool"),
        "node 'pool' (SumPool2d)",
        "2 dimensions",
        "[3]");
  }

  @Test
  void nodesAndGraphsHoldWhatTheyWereGiven() {
    NirGraph graph = small().path("in", "w").build();
    assertThat(graph.edges()).hasSize(3);
    assertThat(graph.nodes().get("lif").reals("tau")).containsExactly(0.01, 0.02, 0.03);
    assertThat(graph.nodes().get("lif").fields())
        .containsOnlyKeys("tau", "r", "v_leak", "v_threshold");
    assertThat(graph.metadata()).isEqualTo(Map.of());
    assertThatThrownBy(() -> graph.nodes().get("lif").array("taus"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("taus", "tau");
  }
}
