package io.tacet.onnx;

import static io.tacet.onnx.GraphWriter.attribute;
import static io.tacet.onnx.GraphWriter.integers;
import static io.tacet.onnx.GraphWriter.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.memory.Leaks;
import io.tacet.network.Network;
import io.tacet.onnx.OnnxRuntime.Numbers;
import io.tacet.onnx.internal.Onnx.ModelProto;
import io.tacet.onnx.internal.Onnx.TensorProto.DataType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Graphs as exporters of other frameworks write them, against ONNX Runtime. */
class GraphImportTest {
  private static final int CHANNELS = 3;
  private static final int UNITS = 4;
  private static final int OUTPUTS = 2;

  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** Whether x is [batch][steps][channels], and a graph whose output is y. */
  private record Model(boolean samplesFirst, ModelProto proto) {}

  private static String floats(GraphWriter graph, String name, long... dims) {
    int length = 1;
    for (long dim : dims) {
      length *= (int) dim;
    }
    return graph.floats(name, Networks.wide(Networks.random(name.hashCode(), length, 0.9)), dims);
  }

  private static List<String> gruInputs(
      GraphWriter graph, String name, String x, int directions, int from) {
    return List.of(
        x,
        floats(graph, name + ".W", directions, 3L * UNITS, from),
        floats(graph, name + ".R", directions, 3L * UNITS, UNITS),
        floats(graph, name + ".B", directions, 6L * UNITS));
  }

  /** As torch.onnx writes nn.GRU(batch_first, bidirectional, num_layers=2) and nn.Linear. */
  private static Model torch(boolean lastStep) {
    GraphWriter g = new GraphWriter("main_graph");
    g.input("x", DataType.FLOAT, "batch", "steps", CHANNELS);
    g.node("Transpose", "/t", List.of("x"), integers("perm", 1, 0, 2));
    g.node("Shape", "/shape", List.of("/t"));
    g.node("Gather", "/n", List.of("/shape", g.whole("/one", 1)), attribute("axis", 0));
    g.node("Unsqueeze", "/n1", List.of("/n", g.longs("/axes0", 0)));
    g.node(
        "Concat",
        "/extents",
        List.of(g.longs("/two", 2), "/n1", g.longs("/units", UNITS)),
        attribute("axis", 0));
    g.node("Expand", "/h0", List.of(g.floats("/zero", new double[1], 1, 1, 1), "/extents"));
    String below = "/t";
    int from = CHANNELS;
    for (int k = 0; k < 2; k++) {
      String name = "/gru" + k;
      List<String> inputs = new ArrayList<>(gruInputs(g, name, below, 2, from));
      inputs.addAll(List.of("", "/h0"));
      g.node(
          "GRU",
          name,
          inputs,
          List.of(name + "/Y", name + "/Yh"),
          attribute("direction", "bidirectional"),
          attribute("hidden_size", UNITS),
          attribute("linear_before_reset", 1));
      g.node("Transpose", name + "/p", List.of(name + "/Y"), integers("perm", 0, 2, 1, 3));
      below = g.node("Reshape", name + "/m", List.of(name + "/p", g.longs("/keep", 0, 0, -1)));
      from = 2 * UNITS;
    }
    g.node("Transpose", "/back", List.of(below), integers("perm", 1, 0, 2));
    if (lastStep) {
      g.node("Gather", "/last", List.of("/back", g.whole("/minus", -1)), attribute("axis", 1));
      g.node(
          "Gemm",
          "y",
          List.of("/last", floats(g, "fc.weight", OUTPUTS, from), floats(g, "fc.bias", OUTPUTS)),
          attribute("transB", 1),
          attribute("alpha", 1f),
          attribute("beta", 1f));
      g.output("y", DataType.FLOAT, "batch", OUTPUTS);
    } else {
      g.node("MatMul", "/fc", List.of("/back", floats(g, "fc.weight", from, OUTPUTS)));
      g.node("Add", "y", List.of(floats(g, "fc.bias", OUTPUTS), "/fc"));
      g.output("y", DataType.FLOAT, "batch", "steps", OUTPUTS);
    }
    return new Model(true, OnnxRuntime.model(g.build(), 17));
  }

  /** As tf2onnx writes keras.layers.GRU(return_sequences=False) and dense layers, of opset 11. */
  private static Model keras() {
    GraphWriter g = new GraphWriter("keras");
    g.input("x", DataType.FLOAT, "batch", "steps", CHANNELS);
    g.node("Transpose", "t", List.of("x"), integers("perm", 1, 0, 2));
    g.node(
        "GRU",
        "gru",
        gruInputs(g, "gru", "t", 1, CHANNELS),
        List.of("gru_y", "gru_h"),
        attribute("hidden_size", UNITS),
        attribute("linear_before_reset", 1),
        attribute("direction", "forward"));
    g.node("Squeeze", "all", List.of("gru_y"), integers("axes", 1));
    g.node(
        "Slice",
        "one",
        List.of(
            "all", g.longs("start", -1), g.longs("end", Integer.MAX_VALUE), g.longs("axis", 0)));
    g.node("Squeeze", "last", List.of("one"), integers("axes", 0));
    g.node("MatMul", "d1", List.of("last", floats(g, "k1", UNITS, 5)));
    g.node("Add", "d2", List.of("d1", floats(g, "b1", 5)));
    g.node("Relu", "d3", List.of("d2"));
    g.node("MatMul", "d4", List.of("d3", floats(g, "k2", 5, OUTPUTS)));
    g.node("Add", "d5", List.of("d4", floats(g, "b2", 1, OUTPUTS)));
    g.node("Tanh", "y", List.of("d5"));
    g.output("y", DataType.FLOAT, "batch", OUTPUTS);
    return new Model(true, OnnxRuntime.model(g.build(), 11));
  }

  /** Both directions' last states from Y_h, and a linear read-out. */
  private static Model lastStates() {
    GraphWriter g = new GraphWriter("states");
    g.input("x", DataType.FLOAT, "steps", "batch", CHANNELS);
    g.node(
        "GRU",
        "gru",
        gruInputs(g, "gru", "x", 2, CHANNELS),
        List.of("", "h"),
        attribute("hidden_size", UNITS),
        attribute("direction", "bidirectional"));
    g.node("Gather", "ahead", List.of("h", g.whole("minus2", -2)), attribute("axis", 0));
    g.node("Gather", "back", List.of("h", g.whole("minus1", -1)), attribute("axis", 0));
    g.node("Concat", "both", List.of("ahead", "back"), attribute("axis", 1));
    g.node(
        "Gemm",
        "y",
        List.of("both", floats(g, "w", 2L * UNITS, OUTPUTS), floats(g, "c", OUTPUTS)),
        attribute("alpha", 0.5f),
        attribute("beta", 2f));
    g.output("y", DataType.FLOAT, "batch", OUTPUTS);
    return new Model(false, OnnxRuntime.model(g.build(), 13));
  }

  /** A plain recurrent layer with an activation, and sums and activations without weights. */
  private static Model plain(String activation) {
    GraphWriter g = new GraphWriter("rnn");
    g.input("x", DataType.FLOAT, "steps", "batch", CHANNELS);
    g.node("Sigmoid", "s", List.of("x"));
    g.node("Add", "shifted", List.of("s", g.number("shift", -0.25)));
    g.node(
        "RNN",
        "rnn",
        List.of(
            "shifted",
            floats(g, "W", 1, UNITS, CHANNELS),
            floats(g, "R", 1, UNITS, UNITS),
            floats(g, "B", 1, 2L * UNITS)),
        List.of("Y", "h"),
        attribute("hidden_size", UNITS),
        texts("activations", List.of(activation)));
    g.node("Squeeze", "flat", List.of("Y", g.longs("axes", 1)));
    g.node("Relu", "y", List.of("flat"));
    g.output("y", DataType.FLOAT, "steps", "batch", UNITS);
    g.output("h", DataType.FLOAT, 1, "batch", UNITS);
    return new Model(false, OnnxRuntime.model(g.build(), 14));
  }

  static Stream<Named<Model>> models() {
    return Stream.of(
        Named.of("PyTorch, last step", torch(true)),
        Named.of("PyTorch, every step", torch(false)),
        Named.of("Keras", keras()),
        Named.of("last states", lastStates()),
        Named.of("RNN Tanh", plain("Tanh")),
        Named.of("RNN Relu", plain("Relu")),
        Named.of("RNN Sigmoid", plain("Sigmoid")));
  }

  @ParameterizedTest
  @MethodSource("models")
  void theNetworkComputesWhatOnnxRuntimeDoes(Model model) {
    try (Backend java = Backends.open("java");
        Network network = Networks.read(java, model.proto, folder)) {
      for (int[] extents : new int[][] {{1, 1}, {8, 3}, {20, 2}}) {
        int steps = extents[0];
        int batch = extents[1];
        float[] x = Networks.random(steps, steps * batch * CHANNELS, 1.5);
        Numbers given =
            model.samplesFirst
                ? new Numbers(Networks.swapped(x, steps, batch), batch, steps, CHANNELS)
                : new Numbers(x, steps, batch, CHANNELS);
        Numbers y = OnnxRuntime.run(model.proto, Map.of("x", given)).get("y");
        boolean every = y.dims().length == 3;
        float[] expected =
            every && model.samplesFirst ? Networks.swapped(y.values(), batch, steps) : y.values();
        Networks.assertClose(Networks.values(network, x, steps, batch), expected);
      }
    }
  }

  @Test
  void aGraphWithoutStepsBecomesANetworkOfSequencesOfOne() {
    GraphWriter g = new GraphWriter("mlp");
    g.input("x", DataType.FLOAT, "batch", CHANNELS);
    g.node("Flatten", "flat", List.of("x"));
    g.node(
        "Gemm",
        "hidden",
        List.of("flat", floats(g, "w1", 6, CHANNELS), floats(g, "b1", 6)),
        attribute("transB", 1));
    g.node("Relu", "active", List.of("hidden"));
    g.node("Dropout", "same", List.of("active"));
    g.node("Gemm", "y", List.of("same", floats(g, "w2", 6, OUTPUTS)));
    g.output("y", DataType.FLOAT, "batch", OUTPUTS);
    ModelProto model = OnnxRuntime.model(g.build(), 17);
    float[] x = Networks.random(1, 5 * CHANNELS, 1.5);
    try (Backend java = Backends.open("java");
        Network network = Networks.read(java, model, folder)) {
      assertThat(network.layers()).hasSize(2);
      Networks.assertClose(
          Networks.values(network, x, 1, 5),
          OnnxRuntime.run(model, Map.of("x", new Numbers(x, 5, CHANNELS))).get("y").values());
    }
  }
}
