package io.tacet.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Direction;
import io.tacet.network.Egru;
import io.tacet.network.InputSpec;
import io.tacet.network.LayerSpec;
import io.tacet.network.Network;
import io.tacet.network.NetworkBuilder;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Pass;
import io.tacet.network.PassShape;
import io.tacet.network.Signal;
import io.tacet.network.cells.EgruCell;
import io.tacet.onnx.OnnxRuntime.Numbers;
import io.tacet.onnx.internal.Onnx.AttributeProto;
import io.tacet.onnx.internal.Onnx.GraphProto;
import io.tacet.onnx.internal.Onnx.ModelProto;
import io.tacet.onnx.internal.Onnx.NodeProto;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Networks of every kind on steps and tokens: ONNX Runtime and import agree with them. */
class ExportTest {
  private static final int[][] EXTENTS = {{1, 1}, {6, 3}, {25, 2}};

  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static NetworkBuilder on() {
    return NetworkSpec.builder().sequence(3);
  }

  static Stream<Named<NetworkSpec>> networks() {
    List<Named<NetworkSpec>> all = new ArrayList<>();
    for (EgruVariant variant : EgruVariant.values()) {
      for (Direction direction : Direction.values()) {
        for (int k = 0; k < 8; k++) {
          EgruOptions options = EgruOptions.defaults().variant(variant).traceDecay(0.8);
          options = (k & 1) != 0 ? options : options.withoutEvents();
          options = (k & 2) != 0 ? options.zoneout(0.2) : options;
          Egru egru = Egru.defaults().with(options).direction(direction);
          NetworkBuilder builder = on().egru(5, egru);
          builder = (k & 4) != 0 ? builder.readout(2) : builder.readoutOfEveryStep(2);
          add(all, variant + " " + direction + " " + k, builder);
        }
      }
      EgruOptions options = EgruOptions.defaults().variant(variant);
      Egru egru = Egru.defaults().with(options);
      Egru plain = Egru.defaults().with(options.withoutEvents());
      Connection some = Connection.sparse(0.5);
      add(all, variant + ", gates share a pattern", on().egru(7, egru, some, some).readout(2));
      Connection own = some.separateGates();
      add(all, variant + ", a pattern each", on().egru(7, egru, own, own).readout(2));
      add(all, variant + ", GRU on a pattern", on().egru(7, plain, some, own).readout(2));
      add(
          all,
          variant + ", stacked",
          on().egru(4, egru.bothDirections()).dense(6, Activation.RELU).egru(5, egru).readout(2));
      NetworkBuilder tokens = NetworkSpec.builder().tokens(9);
      add(all, variant + ", tokens", tokens.egru(4, egru).nextToken(false));
      add(
          all,
          variant + ", GRU of tokens",
          NetworkSpec.builder().tokens(9).egru(4, plain).nextToken(false));
      add(
          all,
          variant + ", tied table",
          NetworkSpec.builder().tokens(9).embedding(5).egru(5, egru).nextToken(true));
    }
    for (Activation activation : Activation.values()) {
      Connection some = Connection.sparse(0.6);
      add(
          all,
          "rnn " + activation,
          on().rnn(4, activation, Connection.dense(), Connection.dense()).readout(3));
      add(all, "sparse rnn " + activation, on().rnn(6, activation, some, some).readout(3));
      add(all, "dense " + activation, on().dense(4, activation, some).readoutOfEveryStep(2));
    }
    add(all, "winners", on().dense(8, Activation.TANH).winners(3).readoutOfEveryStep(2));
    add(all, "gain", on().dense(8, Activation.TANH).gainControl(0.7).readoutOfEveryStep(2));
    add(all, "gain of sums", on().dense(8, Activation.IDENTITY).gainControl(1.5).readout(2));
    add(all, "winners of units", on().gru(6).winners(2).gainControl(0.5).readout(2));
    add(all, "a read-out alone", on().readoutOfLastStep(2));
    add(
        all,
        "bins",
        NetworkSpec.builder().duration(10).spikes(4).bin(5).egru(4).readoutOfLastStep(2));
    add(all, "double precision", on().precision(DType.FLOAT64).egru(4).readoutOfEveryStep(3));
    return all.stream();
  }

  private static void add(List<Named<NetworkSpec>> all, String name, NetworkBuilder builder) {
    all.add(Named.of(name, builder.spec()));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void onnxRuntimeComputesWhatTheNetworkDoes(NetworkSpec spec) {
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, spec, 3)) {
      Networks.scramble(network, 11);
      ModelProto model = OnnxExport.model(network);
      for (int[] extents : EXTENTS) {
        compare(network, model, extents[0], extents[1]);
      }
    }
  }

  /** As the format demands, also of what runtimes do not check. */
  @ParameterizedTest
  @MethodSource("networks")
  void everyNameIsGivenOnceAndBeforeItIsUsed(NetworkSpec spec) {
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, spec, 3)) {
      check(OnnxExport.model(network).getGraph(), Set.of());
    }
  }

  private static void check(GraphProto graph, Set<String> outer) {
    Set<String> known = new HashSet<>(outer);
    graph.getInputList().forEach(input -> assertThat(known.add(input.getName())).isTrue());
    graph.getInitializerList().forEach(tensor -> assertThat(known.add(tensor.getName())).isTrue());
    Set<String> nodes = new HashSet<>();
    for (NodeProto node : graph.getNodeList()) {
      assertThat(nodes.add(node.getName())).as(node.getName()).isTrue();
      assertThat(known).containsAll(node.getInputList());
      for (AttributeProto attribute : node.getAttributeList()) {
        if (attribute.hasG()) {
          check(attribute.getG(), known);
        }
      }
      node.getOutputList().forEach(output -> assertThat(known.add(output)).as(output).isTrue());
    }
    graph.getOutputList().forEach(output -> assertThat(known).contains(output.getName()));
  }

  /** Else the comparison would say nothing of thresholds. */
  @Test
  void someUnitsAreSilentAndOthersAreNot() {
    try (Backend java = Backends.open("java")) {
      for (EgruVariant variant : EgruVariant.values()) {
        Egru egru = Egru.defaults().variant(variant);
        NetworkSpec spec = on().egru(5, egru).readoutOfEveryStep(2).spec();
        try (Network network = Network.build(java, spec, 3);
            Pass pass = new Pass(network, PassShape.steps(3, 6, null))) {
          Networks.scramble(network, 11);
          pass.inputSteps().copyFrom(Networks.random(6, 6 * 3 * 3, 1.5));
          pass.forward();
          float[] sent = ((Signal.Steps) pass.output(0)).values().toFloats();
          int silent = 0;
          for (float value : sent) {
            silent += value == 0 ? 1 : 0;
          }
          assertThat((double) silent / sent.length).isBetween(0.2, 0.8);
        }
      }
    }
  }

  private static void compare(Network network, ModelProto model, int steps, int batch) {
    InputSpec input = network.spec().input();
    int columns = input.flow().columns();
    if (input instanceof InputSpec.Tokens) {
      long[] tokens = tokens(steps * batch, columns);
      Networks.assertClose(
          OnnxRuntime.ofTokens(model, tokens, steps, batch),
          Networks.values(network, tokens, steps, batch));
      return;
    }
    float[] x = Networks.random(steps, steps * batch * columns, 1.5);
    Numbers y = OnnxRuntime.run(model, Map.of("x", new Numbers(x, steps, batch, columns))).get("y");
    Networks.assertClose(y.values(), Networks.values(network, x, steps, batch));
    boolean every = network.spec().readsEveryStep();
    int outputs = network.spec().outputs();
    assertThat(y.dims())
        .isEqualTo(every ? new long[] {steps, batch, outputs} : new long[] {batch, outputs});
  }

  private static long[] tokens(int count, int vocabulary) {
    SplittableRandom random = new SplittableRandom(count);
    return random.longs(count, 0, vocabulary).toArray();
  }

  /** What of the settings of gated units changes what they compute. */
  private static List<Object> settings(NetworkSpec spec) {
    List<Object> all = new ArrayList<>();
    LayerSpec below = null;
    for (LayerSpec layer : spec.layers()) {
      all.add(layer.cell());
      if (layer instanceof EgruCell.Spec cell) {
        EgruOptions options = cell.egru().options();
        all.addAll(List.of(options.variant(), options.events(), options.zoneout()));
        all.add(cell.egru().direction());
      }
      if (layer.readsTrace() && below != null) {
        all.add(below.traceDecay());
      }
      below = layer;
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void importGivesTheNetworkBack(NetworkSpec spec) {
    try (Backend java = Backends.open("java");
        Network network = Network.build(java, spec, 3)) {
      Networks.scramble(network, 5);
      try (Network back = Networks.read(java, OnnxExport.model(network), folder)) {
        assertThat(settings(back.spec())).isEqualTo(settings(spec));
        int steps = 12;
        int batch = 2;
        int columns = spec.input().flow().columns();
        if (spec.input() instanceof InputSpec.Tokens) {
          long[] tokens = tokens(steps * batch, columns);
          Networks.assertClose(
              Networks.values(back, tokens, steps, batch),
              Networks.values(network, tokens, steps, batch));
        } else {
          float[] x = Networks.random(9, steps * batch * columns, 1.5);
          Networks.assertClose(
              Networks.values(back, x, steps, batch), Networks.values(network, x, steps, batch));
        }
        assertThat(OnnxExport.model(back).getGraph().getNodeCount())
            .isEqualTo(OnnxExport.model(network).getGraph().getNodeCount());
      }
    }
  }
}
