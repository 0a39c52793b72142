package io.tacet.onnx;

import static io.tacet.onnx.GraphWriter.attribute;
import static io.tacet.onnx.GraphWriter.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.memory.Leaks;
import io.tacet.network.Network;
import io.tacet.network.NetworkState;
import io.tacet.onnx.OnnxRuntime.Numbers;
import io.tacet.onnx.internal.Onnx.AttributeProto;
import io.tacet.onnx.internal.Onnx.ModelProto;
import io.tacet.onnx.internal.Onnx.TensorProto.DataType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A single GRU with every combination of its attributes, against ONNX Runtime. */
class GruImportTest {
  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /**
   * A model.
   *
   * @param output Y or Y_h
   * @param initial whether initial_h is an input
   */
  record Case(
      String direction,
      int layout,
      int linearBeforeReset,
      boolean bias,
      boolean initial,
      boolean activations,
      String output,
      int channels,
      int units,
      int batch,
      int steps,
      long seed) {
    int directions() {
      return direction.equals("bidirectional") ? 2 : 1;
    }

    /** The model in another layout of its input. */
    ModelProto model(int chosenLayout) {
      GraphWriter graph = new GraphWriter("gru");
      boolean first = chosenLayout == 0;
      graph.input(
          "x", DataType.FLOAT, first ? "steps" : "batch", first ? "batch" : "steps", channels);
      int dirs = directions();
      List<String> inputs = new ArrayList<>();
      inputs.add("x");
      inputs.add(random(graph, "W", 1, dirs, 3 * units, channels));
      inputs.add(random(graph, "R", 2, dirs, 3 * units, units));
      inputs.add(bias ? random(graph, "B", 3, dirs, 6 * units) : "");
      if (initial) {
        inputs.add("");
        inputs.add(
            first
                ? graph.input("h0", DataType.FLOAT, dirs, "batch", units)
                : graph.input("h0", DataType.FLOAT, "batch", dirs, units));
      }
      List<AttributeProto> attributes = new ArrayList<>();
      attributes.add(attribute("hidden_size", units));
      attributes.add(attribute("direction", direction));
      attributes.add(attribute("linear_before_reset", linearBeforeReset));
      if (chosenLayout != 0) {
        attributes.add(attribute("layout", chosenLayout));
      }
      if (activations) {
        List<String> one = List.of("Sigmoid", "Tanh");
        attributes.add(
            texts("activations", dirs == 1 ? one : List.of("Sigmoid", "Tanh", "Sigmoid", "Tanh")));
      }
      graph.node(
          "GRU",
          "gru",
          inputs,
          output.equals("Y") ? List.of("Y") : List.of("", "Y_h"),
          attributes.toArray(AttributeProto[]::new));
      if (output.equals("Y")) {
        graph.output("Y", DataType.FLOAT, first ? "steps" : "batch", "a", "b", units);
      } else {
        graph.output("Y_h", DataType.FLOAT, "a", "b", units);
      }
      return OnnxRuntime.model(graph.build(), 14);
    }

    private String random(GraphWriter graph, String name, long number, int... dims) {
      long[] extents = new long[dims.length];
      int length = 1;
      for (int d = 0; d < dims.length; d++) {
        extents[d] = dims[d];
        length *= dims[d];
      }
      float[] values = Networks.random(100 * seed + number, length, 0.9);
      return graph.floats(name, Networks.wide(values), extents);
    }
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    int[][] sizes = {{3, 4, 1, 5}, {1, 5, 3, 1}, {5, 1, 2, 7}, {2, 9, 4, 30}};
    for (String direction : List.of("forward", "reverse", "bidirectional")) {
      for (int bits = 0; bits < 64; bits++) {
        int[] size = sizes[cases.size() % sizes.length];
        cases.add(
            new Case(
                direction,
                bits & 1,
                bits >> 1 & 1,
                (bits & 4) != 0,
                (bits & 8) != 0,
                (bits & 16) != 0,
                (bits & 32) != 0 ? "Y" : "Y_h",
                size[0],
                size[1],
                size[2],
                size[3],
                cases.size() + 1));
      }
    }
    return cases.stream();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void itComputesWhatOnnxRuntimeDoes(Case c) {
    float[] x = Networks.random(c.seed, c.steps * c.batch * c.channels, 1.5);
    float[] h0 = Networks.random(c.seed + 7, c.directions() * c.batch * c.units, 0.8);
    Map<String, Numbers> inputs = new LinkedHashMap<>();
    inputs.put("x", new Numbers(x, c.steps, c.batch, c.channels));
    if (c.initial) {
      inputs.put("h0", new Numbers(h0, c.directions(), c.batch, c.units));
    }
    // ONNX Runtime has layout 0 only; a model of layout 1 computes the same, with axes swapped.
    Numbers expected = OnnxRuntime.run(c.model(0), inputs).get(c.output);
    float[] found;
    try (Backend java = Backends.open("java");
        Network network = Networks.read(java, c.model(c.layout), folder);
        NetworkState state = network.state(c.batch)) {
      if (c.initial) {
        start(state, c, h0);
      }
      found = Networks.values(network, x, c.steps, c.batch, state);
    }
    // Ours has the directions beside one another: [steps][batch][directions units].
    int rows = c.output.equals("Y") ? c.steps : 1;
    float[] ordered = new float[expected.values().length];
    int part = c.directions() * c.batch * c.units;
    for (int t = 0; t < rows; t++) {
      float[] row = Arrays.copyOfRange(expected.values(), t * part, (t + 1) * part);
      System.arraycopy(Networks.swapped(row, c.directions(), c.batch), 0, ordered, t * part, part);
    }
    Networks.assertClose(found, ordered);
  }

  private static void start(NetworkState state, Case c, float[] h0) {
    int part = c.batch * c.units;
    for (int d = 0; d < c.directions(); d++) {
      float[] of = Arrays.copyOfRange(h0, d * part, (d + 1) * part);
      String strand = d == 0 ? "layer0" : "layer0.reverse";
      state.carried().get(strand + ".y").copyFrom(of);
      state.carried().get(strand + ".h").copyFrom(of);
    }
  }
}
