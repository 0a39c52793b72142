package io.tacet.onnx;

import static io.tacet.onnx.GraphWriter.attribute;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.Leaks;
import io.tacet.network.Direction;
import io.tacet.network.Egru;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.NetworkSpec;
import io.tacet.network.NetworkState;
import io.tacet.onnx.OnnxRuntime.Numbers;
import io.tacet.onnx.internal.Onnx.AttributeProto;
import io.tacet.onnx.internal.Onnx.ModelProto;
import io.tacet.onnx.internal.Onnx.TensorProto;
import io.tacet.onnx.internal.Onnx.TensorProto.DataType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Samples of different lengths in imported and exported models, against ONNX Runtime. */
class SequenceLengthsTest {
  private static final int CHANNELS = 3;
  private static final int UNITS = 4;
  private static final int STEPS = 7;
  private static final int[] LENGTHS = {4, 7, 1, 5};
  private static final int BATCH = LENGTHS.length;

  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /**
   * A model of one recurrent node.
   *
   * @param given input, cast or constant
   */
  record Case(
      String operator,
      String direction,
      int layout,
      int linearBeforeReset,
      String given,
      boolean initial,
      String output) {
    int directions() {
      return direction.equals("bidirectional") ? 2 : 1;
    }

    int gates() {
      return operator.equals("GRU") ? 3 : 1;
    }

    ModelProto model(int chosenLayout) {
      boolean first = chosenLayout == 0;
      GraphWriter graph = new GraphWriter("lengths");
      graph.input(
          "x", DataType.FLOAT, first ? "steps" : "batch", first ? "batch" : "steps", CHANNELS);
      int dirs = directions();
      List<String> inputs = new ArrayList<>();
      inputs.add("x");
      inputs.addAll(weights(graph, "", dirs, gates(), CHANNELS));
      inputs.add(lengths(graph));
      if (initial) {
        inputs.add(
            first
                ? graph.input("h0", DataType.FLOAT, dirs, "batch", UNITS)
                : graph.input("h0", DataType.FLOAT, "batch", dirs, UNITS));
      }
      List<AttributeProto> attributes = new ArrayList<>();
      attributes.add(attribute("hidden_size", UNITS));
      attributes.add(attribute("direction", direction));
      if (operator.equals("GRU")) {
        attributes.add(attribute("linear_before_reset", linearBeforeReset));
      }
      if (chosenLayout != 0) {
        attributes.add(attribute("layout", chosenLayout));
      }
      graph.node(
          operator,
          "cell",
          inputs,
          output.equals("Y") ? List.of("Y") : List.of("", "Y_h"),
          attributes.toArray(AttributeProto[]::new));
      if (output.equals("Y")) {
        graph.output("Y", DataType.FLOAT, "a", "b", "c", UNITS);
      } else {
        graph.output("Y_h", DataType.FLOAT, "a", "b", UNITS);
      }
      return withConstant(OnnxRuntime.model(graph.build(), 14), given);
    }

    private String lengths(GraphWriter graph) {
      if (given.equals("cast")) {
        graph.input("long", DataType.INT64, "batch");
        return graph.node("Cast", "lengths", List.of("long"), attribute("to", 6));
      }
      return given.equals("constant") ? "lengths" : graph.input("lengths", DataType.INT32, "batch");
    }
  }

  private static List<String> weights(
      GraphWriter graph, String name, int directions, int gates, int from) {
    return List.of(
        floats(graph, name + "W", directions, gates * UNITS, from),
        floats(graph, name + "R", directions, gates * UNITS, UNITS),
        floats(graph, name + "B", directions, 2 * gates * UNITS));
  }

  private static String floats(GraphWriter graph, String name, int... dims) {
    long[] extents = Arrays.stream(dims).asLongStream().toArray();
    int length = Arrays.stream(dims).reduce(1, Math::multiplyExact);
    float[] values = Networks.random(name.hashCode(), length, 0.6);
    return graph.floats(name, Networks.wide(values), extents);
  }

  private static ModelProto withConstant(ModelProto model, String given) {
    return given.equals("constant") ? with(model, LENGTHS) : model;
  }

  private static ModelProto with(ModelProto model, int... lengths) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName("lengths")
            .setDataType(DataType.INT32.getNumber())
            .addDims(lengths.length);
    Arrays.stream(lengths).forEach(tensor::addInt32Data);
    ModelProto.Builder changed = model.toBuilder();
    changed.getGraphBuilder().addInitializer(tensor);
    return changed.build();
  }

  static Stream<Case> cases() {
    List<Case> cases = new ArrayList<>();
    for (String output : List.of("Y", "Y_h")) {
      for (String given : List.of("input", "cast", "constant")) {
        for (int bits = 0; bits < 8; bits++) {
          for (String direction : List.of("forward", "reverse", "bidirectional")) {
            boolean initial = (bits & 4) != 0;
            cases.add(new Case("GRU", direction, bits & 1, bits >> 1 & 1, given, initial, output));
          }
          if ((bits & 2) == 0) {
            boolean initial = (bits & 4) != 0;
            cases.add(new Case("RNN", "forward", bits & 1, 0, given, initial, output));
          }
        }
      }
    }
    return cases.stream();
  }

  private Path file(ModelProto model) throws IOException {
    return Files.write(folder.resolve("model.onnx"), model.toByteArray());
  }

  /** Padding that would be seen if it were read. */
  private static float[] inputs() {
    float[] x = Networks.random(5, STEPS * BATCH * CHANNELS, 1.5);
    for (int k = 0; k < x.length; k++) {
      int row = k / CHANNELS;
      x[k] = row / BATCH < LENGTHS[row % BATCH] ? x[k] : 1e6f;
    }
    return x;
  }

  private static Map<String, Numbers> run(ModelProto model, Case c, float[] x, float[] h0) {
    Map<String, Numbers> inputs = new LinkedHashMap<>();
    inputs.put("x", new Numbers(x, STEPS, BATCH, CHANNELS));
    if (c.initial) {
      inputs.put("h0", new Numbers(h0, c.directions(), BATCH, UNITS));
    }
    return c.given.equals("constant")
        ? OnnxRuntime.run(model, inputs)
        : OnnxRuntime.run(model, inputs, "lengths", LENGTHS);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void itComputesWhatOnnxRuntimeDoes(Case c) throws IOException {
    float[] x = inputs();
    float[] h0 = Networks.random(6, c.directions() * BATCH * UNITS, 0.8);
    // ONNX Runtime has layout 0 only, and is given INT32.
    Case plain =
        new Case(
            c.operator,
            c.direction,
            0,
            c.linearBeforeReset,
            c.given.equals("cast") ? "input" : c.given,
            c.initial,
            c.output);
    Numbers expected = run(plain.model(0), c, x, h0).get(c.output);
    Path file = file(c.model(c.layout));
    assertThat(OnnxImport.lengths(file)).isEqualTo(c.given.equals("constant") ? LENGTHS : null);
    float[] found;
    try (Backend java = Backends.open("java");
        Network network = OnnxImport.read(java, file);
        NetworkState state = network.state(BATCH)) {
      if (c.initial) {
        start(state, h0);
      }
      found = Networks.values(network, x, STEPS, BATCH, state, LENGTHS);
    }
    int rows = c.output.equals("Y") ? STEPS : 1;
    int part = c.directions() * BATCH * UNITS;
    float[] ordered = new float[expected.values().length];
    for (int t = 0; t < rows; t++) {
      float[] row = Arrays.copyOfRange(expected.values(), t * part, (t + 1) * part);
      System.arraycopy(Networks.swapped(row, c.directions(), BATCH), 0, ordered, t * part, part);
    }
    // Both give zeros for padding.
    Networks.assertClose(found, ordered);
  }

  private static void start(NetworkState state, float[] h0) {
    for (String name : state.carried().keySet()) {
      int part = BATCH * UNITS;
      int from = name.contains("reverse") ? part : 0;
      state.carried().get(name).copyFrom(Arrays.copyOfRange(h0, from, from + part));
    }
  }

  private static Named<NetworkSpec> named(String name, NetworkBuilder builder) {
    return Named.of(name, builder.spec());
  }

  static Stream<Named<NetworkSpec>> exported() {
    List<Named<NetworkSpec>> all = new ArrayList<>();
    for (EgruVariant variant : EgruVariant.values()) {
      Egru gru =
          Egru.defaults()
              .with(EgruOptions.defaults().withoutEvents().variant(variant).traceDecay(0));
      Egru both = gru.bothDirections();
      Egru back = gru.direction(Direction.BACKWARD);
      all.add(named(variant + ", last step", on().egru(4, gru).egru(3, gru).readoutOfLastStep(2)));
      all.add(named(variant + ", end", on().egru(4, both).egru(3, gru).readout(2)));
      all.add(named(variant + ", ends of both", on().egru(4, both).egru(3, both).readout(2)));
      all.add(named(variant + ", backward", on().egru(4, back).readout(2)));
      all.add(named(variant + ", every step", on().egru(4, both).readoutOfEveryStep(2)));
      all.add(
          named(
              variant + ", layers above",
              on().dense(4, Activation.SIGMOID)
                  .egru(5, gru)
                  .dense(6, Activation.SIGMOID)
                  .readoutOfLastStep(2)));
    }
    all.add(
        named(
            "plain units",
            on().rnn(4, Activation.TANH)
                .rnn(5, Activation.SIGMOID)
                .dense(3, Activation.TANH)
                .readoutOfLastStep(2)));
    return all.stream();
  }

  private static NetworkBuilder on() {
    return NetworkSpec.builder().sequence(CHANNELS);
  }

  @ParameterizedTest
  @MethodSource("exported")
  void exportTakesThemAsAnInput(NetworkSpec spec) throws IOException {
    float[] x = inputs();
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, spec, 3)) {
      Networks.scramble(network, 11);
      float[] expected = Networks.values(network, x, STEPS, BATCH, null, LENGTHS);
      Path file = folder.resolve("model.onnx");
      OnnxExport.writeWithLengths(network, file);
      Map<String, Numbers> inputs = Map.of("x", new Numbers(x, STEPS, BATCH, CHANNELS));
      ModelProto model = ModelProto.parseFrom(Files.readAllBytes(file));
      same(spec, OnnxRuntime.run(model, inputs, "lengths", LENGTHS).get("y").values(), expected);
      assertThat(OnnxImport.lengths(file)).isNull();
      try (Network back = OnnxImport.read(java, file)) {
        same(spec, Networks.values(back, x, STEPS, BATCH, null, LENGTHS), expected);
      }
    }
  }

  /** But for padding. */
  private static void same(NetworkSpec spec, float[] found, float[] expected) {
    int outputs = spec.outputs();
    for (int k = 0; k < found.length && spec.readsEveryStep(); k++) {
      int row = k / outputs;
      found[k] = row / BATCH < LENGTHS[row % BATCH] ? found[k] : expected[k];
    }
    Networks.assertClose(found, expected);
  }

  @Test
  void whatCannotTakeLengthsIsNotExportedWithThem() {
    Egru plain = Egru.defaults().with(EgruOptions.defaults().withoutEvents());
    notExported(on().egru(4).readoutOfLastStep(2), ".gru(...) without zoneout", "got .egru");
    notExported(on().egru(4, plain.zoneout(0.1)).readoutOfLastStep(2), "without zoneout");
    notExported(on().dense(4, Activation.TANH).readoutOfLastStep(2), "a recurrent layer", "none");
    notExported(on().egru(4, plain).readout(2), "a decay of 0", "0.9");
    notExported(
        on().egru(4, plain.bothDirections()).readoutOfLastStep(2), "forward in time", "backward");
  }

  private static void notExported(NetworkBuilder builder, String... words) {
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, builder.spec(), 3)) {
      assertThatThrownBy(() -> OnnxExport.modelWithLengths(network))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("lengths: expected ")
          .hasMessageContainingAll(words);
    }
  }

  @Test
  void lengthsThatDoNotFitAreRefused() {
    Case constant = new Case("GRU", "forward", 0, 1, "constant", false, "Y");
    ModelProto none = constant.model(0);
    ModelProto.Builder without = none.toBuilder();
    without.getGraphBuilder().removeInitializer(none.getGraph().getInitializerCount() - 1);
    ModelProto model = without.build();
    refused(with(model, 3, 0), "sequence_lens 'lengths' to be from 1", "found 0");
    refused(model, "'lengths'");
    ModelProto.Builder sized = model.toBuilder();
    sized
        .getGraphBuilder()
        .getInputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .getDimBuilder(0)
        .setDimValue(STEPS);
    refused(with(sized.build(), 3, 8), "to be from 1 to 7", "found 8");
    sized
        .getGraphBuilder()
        .getInputBuilder(0)
        .getTypeBuilder()
        .getTensorTypeBuilder()
        .getShapeBuilder()
        .getDimBuilder(1)
        .setDimValue(BATCH);
    refused(with(sized.build(), 3, 7), "for each of 4 samples");
    refused(stacked(true, false), "the same sequence_lens", "'lengths'", "found none");
    refused(stacked(false, true), "the same sequence_lens", "none", "found 'lengths'");
    refused(stacked(true, true), "Y_h for the last step of each sample", "Read Y_h");
  }

  /** Two GRUs, of which the last step of all is read. */
  private static ModelProto stacked(boolean below, boolean above) {
    GraphWriter graph = new GraphWriter("two");
    String x = graph.input("x", DataType.FLOAT, "steps", "batch", CHANNELS);
    graph.input("lengths", DataType.INT32, "batch");
    for (int k = 0; k < 2; k++) {
      List<String> inputs = new ArrayList<>(List.of(x));
      inputs.addAll(weights(graph, "w" + k, 1, 3, k == 0 ? CHANNELS : UNITS));
      inputs.add((k == 0 ? below : above) ? "lengths" : "");
      graph.node("GRU", "cell" + k, inputs, List.of("Y" + k), attribute("hidden_size", UNITS));
      x = graph.node("Squeeze", "steps" + k, List.of("Y" + k, graph.longs("one", 1)));
    }
    graph.node("Gather", "y", List.of(x, graph.whole("last", -1)), attribute("axis", 0));
    graph.output("y", DataType.FLOAT, "batch", UNITS);
    return OnnxRuntime.model(graph.build(), 14);
  }

  private void refused(ModelProto model, String... words) {
    try (Backend java = Backends.open("java")) {
      assertThatThrownBy(() -> OnnxImport.read(java, file(model)))
          .isInstanceOf(io.tacet.files.FileFormatException.class)
          .hasMessageContainingAll(words);
    }
  }
}
