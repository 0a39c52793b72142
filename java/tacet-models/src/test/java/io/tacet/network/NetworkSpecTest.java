package io.tacet.network;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.ModelFileBuilder;
import io.tacet.dense.Activation;
import io.tacet.egru.EgruEngine;
import io.tacet.egru.EgruOptions;
import io.tacet.egru.EgruVariant;
import io.tacet.eventprop.ReadoutLayer.Reduction;
import io.tacet.eventprop.Simulator;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.memory.DType;
import io.tacet.network.cells.GainControlCell;
import io.tacet.network.cells.LinearReadout;
import io.tacet.network.cells.LinearReadout.Reads;
import io.tacet.neuron.Neurons;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Specifications as JSON. */
class NetworkSpecTest {
  private static NetworkSpec spiking() {
    return NetworkSpec.builder()
        .duration(80)
        .simulator(Simulator.grid(0.25))
        .spikes(5)
        .lif(
            8,
            Lif.tau(20, 5).threshold(1.5).reset(-0.5).bias(0.1).train(Trainable.TAU_SYN),
            Connection.fanOut(3, Weights.uniform(-1, 2)).delays(0, 3),
            Connection.sparse(0.3, Weights.normalByFanIn(1, 2)).delays(1, 5).trainDelays())
        .readout(3, 20, 5, Weights.normal(0, 0.5), Reduction.EXPONENTIAL)
        .spec();
  }

  private static NetworkSpec hybrid() {
    return NetworkSpec.builder()
        .spikes(5)
        .neuron(
            4,
            Neurons.adex().with("jump", 0.1).train("tauMem").tolerance(1e-7),
            Connection.fanOut(3, Weights.uniform(-1, 2)),
            Connection.sparse(0.3, Weights.normal(0, 1)).delays(1, 5))
        .alif(3, Weights.normal(1, 0.5))
        .spec();
  }

  private static NetworkSpec steps() {
    EgruOptions options =
        EgruOptions.defaults()
            .variant(EgruVariant.PAPER)
            .zoneout(0.1)
            .surrogate(0.7, 2)
            .traceDecay(0.5)
            .engine(EgruEngine.DENSE);
    Egru egru = new Egru(options, Direction.BOTH, ThresholdDraw.SIGMOID, -1.5, false);
    return NetworkSpec.builder()
        .precision(DType.FLOAT64)
        .duration(30)
        .spikes(4)
        .bin(6)
        .egru(7, egru, Connection.dense(Weights.uniform(-1, 1)), Connection.dense())
        .gru(6)
        .readout(3)
        .spec();
  }

  private static NetworkSpec tokens() {
    return NetworkSpec.builder().tokens(9).embedding(4).egru(4).nextToken(true).spec();
  }

  private static NetworkSpec plain() {
    return NetworkSpec.builder()
        .sequence(2)
        .egru(4, Egru.defaults(), Connection.sparse(0.5), Connection.dense())
        .rnn(5, Activation.RELU, Connection.dense(Weights.uniform(-1, 1)), Connection.dense())
        .dense(6, Activation.SIGMOID, Connection.sparse(0.25, Weights.normal(0, 1)))
        .layer(new GainControlCell.Spec(0.5, true))
        .winners(2)
        .readout(3)
        .spec();
  }

  private static NetworkSpec sparse() {
    Connection given = Connection.pattern(new int[] {0, 1, 3}, new int[] {1, 0, 3});
    return NetworkSpec.builder()
        .sequence(2)
        .egru(4, Egru.defaults(), given, Connection.sparse(0.5).separateGates())
        .gru(4, Connection.fanIn(2, Weights.uniform(-1, 1)), Connection.blocks(0.5, 2))
        .rnn(4, Activation.RELU, Connection.fanOut(3), Connection.fanIn(1))
        .readout(3)
        .spec();
  }

  @Test
  void aPatternOfOnesOwnHasNoPlaceInAConfiguration() {
    assertThatThrownBy(
            () ->
                read(
                    """
                    {"input": {"kind": "sequence", "channels": 3},
                     "layers": [{"cell": "gru", "units": 8, "recurrent": {"synapses": "pattern"}},
                                {"cell": "linear", "outputs": 2}]}
                    """))
        .isInstanceOf(JsonException.class)
        .hasMessageContainingAll("synapses", "Connection.pattern(rowOffsets, indices)", "csr");
  }

  private static NetworkSpec read(String json) throws JsonException {
    return NetworkSpec.of(JsonObject.of(json, "config.json"));
  }

  @Test
  void specificationsOfEveryCellAndInputReturnFromTheirText() throws JsonException {
    NetworkSpec sequence = NetworkSpec.builder().sequence(2).egru(3).readoutOfEveryStep(2).spec();
    Set<String> cells = new HashSet<>();
    for (NetworkSpec spec :
        new NetworkSpec[] {spiking(), hybrid(), steps(), tokens(), plain(), sparse(), sequence}) {
      assertThat(read(spec.toJson())).isEqualTo(spec);
      assertThat(read(spec.toJson()).toJson()).isEqualTo(spec.toJson());
      spec.layers().forEach(layer -> cells.add(layer.cell()));
    }
    assertThat(cells).containsExactlyInAnyOrderElementsOf(Cells.names());
  }

  @Test
  void whatAPersonLeavesOutIsAsInTheBuilder() throws JsonException {
    assertThat(
            read(
                """
                {"input": {"kind": "sequence", "channels": 3},
                 "layers": [{"cell": "egru", "units": 8}, {"cell": "linear", "outputs": 2}]}
                """))
        .isEqualTo(NetworkSpec.builder().sequence(3).egru(8).readout(2).spec());
  }

  /** Each line replaces a part of a specification, and names what the message has to say. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '\'',
      value = {
        "\"cell\":\"lif\"; \"cell\":\"lfi\"; layers[0].cell; Did you mean \"lif\"?",
        "\"threshold\"; \"treshold\"; layers[0].treshold; Did you mean \"threshold\"?",
        "[\"TAU_SYN\"]; [\"TAU_SIN\"]; layers[0].train; Did you mean \"TAU_SYN\"?",
        "\"FIXED_FAN_OUT\"; \"FIXED_FANOUT\"; input.synapses; Did you mean \"FIXED_FAN_OUT\"?",
        "\"fanOut\"; \"fanout\"; layers[0].input.fanout; Did you mean \"fanOut\"?",
        "\"UNIFORM\"; \"UNIFROM\"; weights.law; Did you mean \"UNIFORM\"?",
        "\"low\"; \"lo\"; weights.lo; Did you mean \"low\"?",
        "\"EXPONENTIAL\"; \"EXPONENTAIL\"; layers[1].reduction; Did you mean \"EXPONENTIAL\"?",
        "\"kind\":\"spikes\"; \"kind\":\"spike\"; input.kind; Did you mean \"spikes\"?",
        "\"channels\"; \"chanels\"; input; Did you mean \"channels\"?",
        "\"layers\"; \"layer\"; layer; Did you mean \"layers\"?",
        "\"FLOAT32\"; \"FLOAT23\"; precision; Did you mean \"FLOAT32\"?",
        "\"channels\":5; \"channels\":0; channels; positive",
        "\"neurons\":8; \"neurons\":\"many\"; layers[0].neurons; an integer",
        "\"density\":0.3; \"density\":3; density; (0, 1]",
        "\"fanOut\":3; \"fanOut\":9; layers[0].cell; fanOut of at most 8",
        "\"tauMem\":20.0; \"tauMem\":-20.0; tauMem; positive",
      })
  void unknownKeysAndValuesAreAnsweredWithTheNearest(
      String part, String other, String where, String suggestion) {
    String json = spiking().toJson();
    assertThat(json).contains(part);
    String wrong = json.replaceFirst(java.util.regex.Pattern.quote(part), other);
    assertThatThrownBy(() -> read(wrong))
        .isInstanceOf(JsonException.class)
        .hasMessageContainingAll("config.json", where, suggestion);
  }

  @Test
  void layersOfAFileThatDoNotFitAreRefused() {
    assertThatThrownBy(
            () ->
                read(
                    """
                    {"input": {"kind": "spikes", "channels": 3, "duration": 60},
                     "layers": [{"cell": "egru", "units": 8}, {"cell": "linear", "outputs": 2}]}
                    """))
        .isInstanceOf(JsonException.class)
        .hasMessageContainingAll("config.json", "layers", ".egru", "event times");
  }

  @Test
  void otherVersionsAreRefusedByTheirNumber() {
    String json = steps().toJson();
    assertThatThrownBy(() -> read(json.replace("\"version\":2", "\"version\":1")))
        .isInstanceOf(JsonException.class)
        .hasMessageContainingAll("version", "expected 2", "found 1", "older", "again");
    assertThatThrownBy(() -> read(json.replace("\"version\":2", "\"version\":7")))
        .isInstanceOf(JsonException.class)
        .hasMessageContainingAll("version", "expected 2", "found 7", "newer");
  }

  @Test
  void filesOfVersion1AreRefusedInASentenceThatNamesIt(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("old.tacet");
    for (List<String> old :
        List.of(
            List.of("network", "{\"sources\":5,\"duration\":60.0,\"layers\":[]}"),
            List.of("recurrent", "{\"inputs\":28,\"units\":[64],\"outputs\":10}"))) {
      ModelFileBuilder builder = ModelFile.builder();
      builder.metadata(old.get(0), old.get(1));
      builder.floats("layer0.weights", new float[5]);
      builder.build().write(file);
      assertThatThrownBy(() -> Network.specOf(ModelFile.read(file), file))
          .isInstanceOf(IOException.class)
          .hasMessageContainingAll("old.tacet", "1", "older Tacet", "Train the network again");
    }
    ModelFileBuilder none = ModelFile.builder();
    none.floats("weights", new float[5]);
    none.build().write(file);
    assertThatThrownBy(() -> Network.specOf(ModelFile.read(file), file))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("old.tacet", "description of a network");
  }

  @Test
  void aReadoutTakesTheTraceWhereThereIsOneAndElseTheLastStep() throws JsonException {
    NetworkBuilder plain = NetworkSpec.builder().sequence(3).egru(8).rnn(4, Activation.TANH);
    assertThat(plain.readout(2).spec().layers().get(2))
        .isEqualTo(new LinearReadout.Spec(2, Reads.LAST_STEP, false));
    assertThat(NetworkSpec.builder().sequence(3).gru(4).readout(2).spec().layers().get(1))
        .isEqualTo(new LinearReadout.Spec(2, Reads.TRACE, false));
    assertThat(
            NetworkSpec.builder().sequence(3).egru(4).readoutOfLastStep(2).spec().layers().get(1))
        .isEqualTo(new LinearReadout.Spec(2, Reads.LAST_STEP, false));
    assertThat(
            read(
                """
                {"input": {"kind": "sequence", "channels": 3},
                 "layers": [{"cell": "egru", "units": 8}, {"cell": "rnn", "units": 4},
                            {"cell": "linear", "outputs": 2}]}
                """))
        .isEqualTo(plain.spec());
  }

  @Test
  void aTraceOfALayerThatGivesNoneIsRefused() {
    NetworkBuilder trace =
        NetworkSpec.builder()
            .sequence(3)
            .dense(4, Activation.RELU)
            .layer(new LinearReadout.Spec(2, Reads.TRACE, false));
    assertThatThrownBy(trace::spec)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("reads", "LAST_STEP", ".dense(...)", "gives no trace");
    assertThatThrownBy(
            () ->
                read(
                    """
                    {"input": {"kind": "sequence", "channels": 3},
                     "layers": [{"cell": "rnn", "units": 4},
                                {"cell": "linear", "outputs": 2, "reads": "TRACE"}]}
                    """))
        .isInstanceOf(JsonException.class)
        .hasMessageContainingAll("reads", "LAST_STEP", ".rnn(...)", "gives no trace");
  }

  @Test
  void plainLayersTakeStepsOnly() {
    assertThatThrownBy(() -> NetworkSpec.builder().tokens(3).rnn(4, Activation.TANH).spec())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(".rnn: expected steps", "got tokens");
    assertThatThrownBy(() -> NetworkSpec.builder().spikes(3).dense(4, Activation.TANH).spec())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(".dense: expected steps", "got event times");
  }

  @Test
  void directionsAreKeptAndNoLayerHasTwoOfThem() throws JsonException {
    for (Direction direction : Direction.values()) {
      Egru egru = Egru.defaults().direction(direction);
      NetworkSpec spec = NetworkSpec.builder().sequence(3).egru(4, egru).readout(2).spec();
      assertThat(NetworkSpec.of(JsonObject.of(spec.toJson(), "json"))).isEqualTo(spec);
    }
    String both =
        """
        {"input": {"kind": "sequence", "channels": 3}, "layers": [
          {"cell": "gru", "units": 2, "bidirectional": true, "reversed": true},
          {"cell": "linear", "outputs": 2}]}""";
    assertThatThrownBy(() -> NetworkSpec.of(JsonObject.of(both, "json")))
        .isInstanceOf(JsonException.class)
        .hasMessageContainingAll("reversed", "bidirectional");
  }

  @Test
  void sparseInputsOfTokensAndOfBothDirectionsAreRefused() {
    Connection sparse = Connection.sparse(0.5);
    Connection dense = Connection.dense();
    NetworkBuilder tokens =
        NetworkSpec.builder().tokens(3).egru(4, Egru.defaults(), sparse, dense).readout(2);
    assertThatThrownBy(tokens::spec)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("input", ".egru", "tokens", ".embedding(columns)");
    Egru both = Egru.defaults().bothDirections();
    assertThatThrownBy(() -> NetworkSpec.builder().sequence(3).egru(4, both, sparse, dense))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("input", "bidirectional", "CSR");
  }
}
