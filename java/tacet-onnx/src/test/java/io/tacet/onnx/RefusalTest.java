package io.tacet.onnx;

import static io.tacet.onnx.GraphWriter.attribute;
import static io.tacet.onnx.GraphWriter.texts;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.files.FileFormatException;
import io.tacet.memory.Leaks;
import io.tacet.network.Egru;
import io.tacet.network.Lif;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Weights;
import io.tacet.onnx.internal.Onnx.AttributeProto;
import io.tacet.onnx.internal.Onnx.GraphProto;
import io.tacet.onnx.internal.Onnx.ModelProto;
import io.tacet.onnx.internal.Onnx.NodeProto;
import io.tacet.onnx.internal.Onnx.OperatorSetIdProto;
import io.tacet.onnx.internal.Onnx.SparseTensorProto;
import io.tacet.onnx.internal.Onnx.TensorProto;
import io.tacet.onnx.internal.Onnx.TensorProto.DataLocation;
import io.tacet.onnx.internal.Onnx.TensorProto.DataType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is wrong with a model, or beyond a network, gives one sentence that says where. */
class RefusalTest {
  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static ModelProto gru(AttributeProto... more) {
    return gru(graph -> graph, List.of("x", "W", "R", "B"), more);
  }

  private static ModelProto gru(
      UnaryOperator<GraphProto> change, List<String> inputs, AttributeProto... more) {
    GraphWriter graph = new GraphWriter("gru");
    graph.input("x", DataType.FLOAT, "steps", "batch", 2);
    graph.floats("W", new double[18], 1, 9, 2);
    graph.floats("R", new double[27], 1, 9, 3);
    graph.floats("B", new double[18], 1, 18);
    graph.floats("ones", new double[] {1, 1, 1}, 1, 1, 3);
    List<AttributeProto> attributes = new ArrayList<>(List.of(more));
    if (Stream.of(more).noneMatch(one -> one.getName().equals("hidden_size"))) {
      attributes.add(attribute("hidden_size", 3));
    }
    graph.node("GRU", "cell", inputs, List.of("Y"), attributes.toArray(AttributeProto[]::new));
    graph.output("Y", DataType.FLOAT, "steps", 1, "batch", 3);
    return OnnxRuntime.model(change.apply(graph.build()), 14);
  }

  private static ModelProto changed(UnaryOperator<GraphProto> change) {
    return gru(change, List.of("x", "W", "R", "B"));
  }

  private static UnaryOperator<GraphProto> constant(
      String name, Consumer<TensorProto.Builder> change) {
    return graph -> {
      GraphProto.Builder builder = graph.toBuilder();
      for (TensorProto.Builder tensor : builder.getInitializerBuilderList()) {
        if (tensor.getName().equals(name)) {
          change.accept(tensor);
        }
      }
      return builder.build();
    };
  }

  private static UnaryOperator<GraphProto> node(Consumer<NodeProto.Builder> change) {
    return graph -> {
      GraphProto.Builder builder = graph.toBuilder();
      change.accept(builder.getNodeBuilder(0));
      return builder.build();
    };
  }

  /** After the cell, one more node with one input and the output {@code z}. */
  private static ModelProto followed(String operator, AttributeProto... attributes) {
    return changed(
        graph ->
            graph.toBuilder()
                .addNode(
                    NodeProto.newBuilder()
                        .setOpType(operator)
                        .setName("next")
                        .addInput("Y")
                        .addOutput("z")
                        .addAllAttribute(List.of(attributes)))
                .setOutput(0, graph.getOutput(0).toBuilder().setName("z"))
                .build());
  }

  static Stream<Arguments> models() {
    List<String> first = List.of("x", "W", "R", "B", "", "ones");
    List<String> lengths = List.of("x", "W", "R", "B", "ones");
    byte[] nan = new byte[72];
    Arrays.fill(nan, 40, 44, (byte) -1);
    return Stream.of(
        Arguments.of(gru(attribute("clip", 0f)), "'cell' (GRU)|clip|positive|0.0"),
        Arguments.of(
            gru(texts("activations", List.of("Sigmoid", "Relu"))), "cell|Sigmoid and Tanh|relu"),
        Arguments.of(gru(attribute("direction", "sideways")), "cell|direction|'sideways'"),
        Arguments.of(gru(attribute("layout", 2)), "cell|layout|2"),
        Arguments.of(gru(attribute("linear_before_reset", 3)), "cell|linear_before_reset|3"),
        Arguments.of(gru(attribute("hidden_size", 4)), "cell|hidden_size|4"),
        Arguments.of(gru(attribute("layout", "x")), "cell|'layout'|INT|STRING"),
        Arguments.of(gru(attribute("magic", 1)), "cell|'magic'"),
        Arguments.of(gru(attribute("direction", "bidirectional")), "'R'|[2, any, any]|[1, 9, 3]"),
        Arguments.of(gru(g -> g, first), "initial_h|'ones'"),
        Arguments.of(
            gru(
                g -> {
                  GraphProto.Builder b = g.toBuilder();
                  b.addInput(b.getInput(0).toBuilder().setName("h"));
                  b.getInputBuilder(1)
                      .getTypeBuilder()
                      .getTensorTypeBuilder()
                      .getShapeBuilder()
                      .removeDim(0);
                  return b.build();
                },
                List.of("x", "W", "R", "B", "", "h")),
            "initial_h|'h'|3 dimensions"),
        Arguments.of(gru(g -> g, List.of("x", "W", "R", "B", "", "x")), "initial_h|'x'"),
        Arguments.of(gru(g -> g, lengths), "sequence_lens|'ones'|a whole number for each"),
        Arguments.of(gru(g -> g, List.of("x", "R", "R", "B")), "'R'|[1, 9, 2]|[1, 9, 3]"),
        Arguments.of(gru(g -> g, List.of("x", "W")), "at least 3 inputs|2"),
        Arguments.of(gru(g -> g, List.of("x", "x", "R")), "'x'|a constant"),
        Arguments.of(gru(g -> g, List.of("x", "gone", "R")), "cell|'gone'|not in order"),
        Arguments.of(
            changed(constant("W", t -> t.setDataLocation(DataLocation.EXTERNAL))),
            "'W'|external data|one file"),
        Arguments.of(
            changed(constant("W", t -> t.setRawData(ByteString.copyFrom(nan)))),
            "'W'|finite numbers|NaN at index 10"),
        Arguments.of(
            changed(constant("W", t -> t.setRawData(ByteString.copyFrom(new byte[68])))),
            "'W'|72 bytes|68"),
        Arguments.of(changed(constant("W", t -> t.clearRawData())), "'W'|18 numbers|0"),
        Arguments.of(changed(constant("W", t -> t.setDims(1, -9))), "'W'|dimensions|-9"),
        Arguments.of(
            changed(constant("W", t -> t.setDims(1, 1L << 31))), "'W'|2147483647|2147483648"),
        Arguments.of(
            changed(constant("W", t -> t.setDims(1, 1 << 30).setDims(2, 1 << 30))),
            "'W'|at most 2147483647 numbers"),
        Arguments.of(
            changed(constant("W", t -> t.setDataType(DataType.FLOAT16.getNumber()))),
            "'W'|FLOAT16|float32"),
        Arguments.of(changed(constant("W", t -> t.setDataType(99))), "'W'|type 99"),
        Arguments.of(changed(constant("W", t -> t.setName("R"))), "'R' again"),
        Arguments.of(
            changed(
                g -> g.toBuilder().addSparseInitializer(SparseTensorProto.newBuilder()).build()),
            "sparse"),
        Arguments.of(changed(node(n -> n.setOpType("LSTM"))), "(LSTM)|GRU or RNN"),
        Arguments.of(changed(node(n -> n.setOpType("Conv"))), "(Conv)|one of the operators|GRU"),
        Arguments.of(changed(node(n -> n.setDomain("com.acme"))), "cell|'com.acme'"),
        Arguments.of(changed(node(n -> n.setOutput(0, "x"))), "'x' again"),
        Arguments.of(changed(node(n -> n.setOutput(0, "other"))), "output 'Y'|nothing"),
        Arguments.of(changed(g -> g.toBuilder().clearOutput().build()), "an output|none"),
        Arguments.of(changed(g -> g.toBuilder().clearInput().build()), "'x'"),
        Arguments.of(
            changed(
                g -> {
                  GraphProto.Builder b = g.toBuilder();
                  b.getInputBuilder(0).getTypeBuilder().getTensorTypeBuilder().setElemType(8);
                  return b.build();
                }),
            "'x'|STRING"),
        Arguments.of(
            changed(
                g -> {
                  GraphProto.Builder b = g.toBuilder();
                  b.getInputBuilder(0)
                      .getTypeBuilder()
                      .getTensorTypeBuilder()
                      .getShapeBuilder()
                      .getDimBuilder(2)
                      .setDimParam("free");
                  return b.build();
                }),
            "'x'|known number of channels"),
        Arguments.of(followed("Softmax"), "'next' (Softmax)|one of the operators"),
        Arguments.of(followed("Relu", attribute("alpha", 1f)), "next|'alpha'"),
        Arguments.of(followed("Transpose", GraphWriter.integers("perm", 0, 0, 1, 2)), "next|order"),
        Arguments.of(followed("Scan"), "'next' (Scan)|'body'|none"),
        Arguments.of(
            gru().toBuilder()
                .setOpsetImport(0, OperatorSetIdProto.newBuilder().setVersion(99))
                .build(),
            "version|99"));
  }

  @ParameterizedTest
  @MethodSource("models")
  void aModelThatNoNetworkComputesIsRefused(ModelProto model, String parts) throws IOException {
    Path file = Files.write(folder.resolve("bad.onnx"), model.toByteArray());
    try (Backend java = Backends.open("java")) {
      assertThatThrownBy(() -> OnnxImport.read(java, file))
          .isInstanceOf(FileFormatException.class)
          .hasMessageStartingWith(file.toString())
          .satisfies(e -> assertThat(e.getMessage()).contains(parts.split("\\|")))
          .hasMessageEndingWith(".");
    }
  }

  @Test
  void fractionsOfAScanAreBelowOne() throws IOException {
    for (String name : List.of(Scans.ZONEOUT, Scans.DECAY)) {
      EgruOptions options = EgruOptions.defaults().zoneout(0.25).traceDecay(0.75);
      NetworkSpec spec =
          NetworkSpec.builder()
              .sequence(3)
              .egru(2, Egru.defaults().with(options))
              .readout(2)
              .spec();
      Path file = folder.resolve(name + ".onnx");
      try (Backend java = Backends.open("java")) {
        try (Network network = Network.build(java, spec, 3)) {
          ModelProto.Builder model = OnnxExport.model(network).toBuilder();
          OnnxImport.read(java, Files.write(file, model.build().toByteArray())).close();
          int changed = 0;
          for (TensorProto.Builder constant : model.getGraphBuilder().getInitializerBuilderList()) {
            if (constant.getName().endsWith(name)) {
              constant.setRawData(ByteString.copyFrom(new byte[] {0, 0, (byte) 0x80, 0x3f})); // 1
              changed++;
            }
          }
          assertThat(changed).isOne();
          Files.write(file, model.build().toByteArray());
        }
        assertThatThrownBy(() -> OnnxImport.read(java, file))
            .isInstanceOf(FileFormatException.class)
            .hasMessageStartingWith(file.toString())
            .hasMessageContainingAll(name, "[0, 1)", "1.0");
      }
    }
  }

  @Test
  void damagedFilesAreRefusedAndNothingElseHappens() throws IOException {
    byte[] whole = gru().toByteArray();
    try (Backend java = Backends.open("java")) {
      Path file = folder.resolve("damaged.onnx");
      for (int length = 0; length < whole.length; length++) {
        Files.write(file, Arrays.copyOf(whole, length));
        assertThatThrownBy(() -> OnnxImport.read(java, file))
            .as("%d bytes", length)
            .isInstanceOf(FileFormatException.class);
      }
      SplittableRandom random = new SplittableRandom(3);
      for (int k = 0; k < 2000; k++) {
        byte[] damaged = whole.clone();
        for (int bit = random.nextInt(1, 4); bit > 0; bit--) {
          damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
        }
        Files.write(file, damaged);
        try {
          OnnxImport.read(java, file).close();
        } catch (FileFormatException e) {
          assertThat(e.getMessage()).startsWith(file.toString());
        }
      }
      assertThatThrownBy(() -> OnnxImport.read(java, folder.resolve("none.onnx")))
          .isInstanceOf(NoSuchFileException.class);
    }
  }

  @Test
  void aFileThatIsTooLongIsRefusedUnread() throws IOException {
    Path file = folder.resolve("long.onnx");
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(3L << 30);
    }
    try (Backend java = Backends.open("java")) {
      assertThatThrownBy(() -> OnnxImport.read(java, file))
          .isInstanceOf(FileFormatException.class)
          .hasMessageContainingAll("2 GiB", "3221225472");
    }
  }

  @Test
  void spikingNetworksAreNotExported() {
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java).spikes(3).lif(4, Lif.tau(20, 5), Weights.normal(1, 0.1)).build(1)) {
      Path file = folder.resolve("lif.onnx");
      assertThatThrownBy(() -> OnnxExport.write(network, file))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContainingAll("event times", ".lif", ".nir");
      assertThat(file).doesNotExist();
    }
  }

  @Test
  void exportReplacesAFileOrLeavesIt() throws IOException {
    try (Backend java = Backends.open("java");
        Network network =
            Network.on(java).sequence(2).dense(3, Activation.TANH).readout(1).build(1)) {
      Path file = folder.resolve("net.onnx");
      Files.writeString(file, "old");
      OnnxExport.write(network, file);
      OnnxImport.read(java, file).close();
      assertThatThrownBy(() -> OnnxExport.write(network, folder.resolve("no/net.onnx")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("no directory");
    }
  }
}
