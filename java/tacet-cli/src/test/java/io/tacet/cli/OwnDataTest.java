package io.tacet.cli;

import static io.tacet.cli.Shell.tacet;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.Npz;
import io.tacet.checkpoint.Safetensors;
import io.tacet.checkpoint.TypedArray;
import io.tacet.files.JsonObject;
import io.tacet.memory.Leaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Follows docs/own-data.md as a user without Java would: its examples, on data written here. */
class OwnDataTest {
  @TempDir private Path folder;
  private OwnData own;

  @BeforeEach
  void writeData() throws IOException {
    own = new OwnData(folder);
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @Test
  void everyExampleOfThePageTrainsAndItsConfigurationRepeatsIt() throws IOException {
    for (String example : OwnData.examples()) {
      Path out = own.train(example);
      assertThat(out.resolve("learning-curve.png")).exists();
      ModelFile first = ModelFile.read(out.resolve("model.tacet"));
      Path again = folder.resolve("elsewhere").resolve("again");
      String config = out.resolve("config.json").toString();
      Shell.Result repeated =
          tacet("train", config, "--backend", "java", "--json", "--out", again.toString());
      assertThat(repeated.status()).as(repeated.err()).isZero();
      assertThat(again.resolve("config.json")).hasSameTextualContentAs(Path.of(config));
      ModelFile second = ModelFile.read(again.resolve("model.tacet"));
      assertThat(second.names()).isEqualTo(first.names());
      assertThat(second.floats("layer0." + weights(first)))
          .isEqualTo(first.floats("layer0." + weights(first)));
    }
  }

  @Test
  void foldersOfRecordingsAreClassifiedAndSamplesAreHeldOut() throws IOException {
    String config = OwnData.examples().get(5);
    Path out = own.train(config);
    String model = out.resolve("model.tacet").toString();
    Shell.Result shown = tacet("eval", model);
    assertThat(shown.out()).contains("down", "right");
    double accuracy = (double) OwnData.last(tacet("eval", model, "--json")).get("testAccuracy");
    assertThat(accuracy).isGreaterThan(0.7);
    Map<String, Object> all =
        OwnData.last(tacet("eval", model, "--json", "--test", folder.resolve("camera").toString()));
    assertThat((double) all.get("testAccuracy")).isGreaterThan(0.7);
    String metrics = Files.readString(out.resolve("metrics.csv"));
    assertThat(metrics).contains("validationLoss").doesNotContain("testLoss");
    JsonObject written = JsonObject.read(out.resolve("config.json")).object("data");
    assertThat(written.texts("classes")).containsExactly("down", "right");
    own.refused(config.replace("[0.2, 0.2]", "0.2"), "patience", "validation");
    own.refused(config.replace("[0.2, 0.2]", "1.5"), "holdOut", "between 0 and 1", "1.5");
    own.refused(config.replace("[0.2, 0.2]", "0.001"), "holdOut", "at least one sample");
    own.refused(
        config.replace("\"width\": 16", "\"width\": 12"), "32", "24", "network.input.channels");
    own.refused(config.replace("\"outputs\": 2", "\"outputs\": 3"), "train", "3 outputs, found 2");
    own.refused(
        config.replace("bins", "sequence").replace(", \"duration\": 20, \"steps\": 10", ""),
        "camera",
        "spikes or bins");
    Files.writeString(folder.resolve("camera").resolve("down").resolve("notes.txt"), "none");
    own.refused(config, "notes.txt", "expected a recording");
  }

  @Test
  void partsOfTheTrainingSetAreHeldOutForTheSetsThatAreMissing() throws IOException {
    String config =
        OwnData.examples().get(0).replace("\"classes\"", "\"holdOut\": 0.25, \"classes\"");
    Path out = own.train(config);
    assertThat(Files.readString(out.resolve("metrics.csv"))).contains("validationLoss");
    String one = OwnData.examples().get(2).replaceFirst("\"test\": \\{[^}]*}", "\"holdOut\": 0.3");
    Path again = own.train(one);
    assertThat(Files.readString(again.resolve("metrics.csv"))).contains("testLoss");
    own.refused(
        config.replace("\"holdOut\": 0.25", "\"holdOut\": [0.1, 0.1]"), "holdOut", "missing");
    own.refused(
        OwnData.examples().get(3).replace("\"notes.txt\"", "\"notes.txt\", \"holdOut\": 0.1"),
        "holdOut");
  }

  @Test
  void aConfigurationTrainsSeveralSeeds() throws IOException {
    Path out = folder.resolve("seeds");
    for (int example : new int[] {0, 4}) {
      String config = own.write(OwnData.examples().get(example));
      Shell.Result result =
          tacet(
              "train", config, "--backend", "java", "--seeds", "0-1", "--json", "--out", out + "");
      Map<String, Object> line = OwnData.last(result);
      List<?> values = (List<?>) line.get(example == 0 ? "testAccuracy" : "testLoss");
      assertThat(values).hasSize(2);
      if (example != 0) {
        assertThat(values.get(0)).isNotEqualTo(values.get(1));
      }
      assertThat(line).containsKeys("mean", "deviation");
      assertThat(JsonObject.read(out.resolve("seed-1").resolve("config.json")).integer("seed"))
          .isEqualTo(1);
    }
    String config = own.write(OwnData.examples().get(0));
    Shell.Result told =
        tacet("train", config, "--backend", "java", "--seeds", "4", "--out", out + "");
    assertThat(told.lastLine()).startsWith("Seed 4: test accuracy ").endsWith(" %.");
  }

  @Test
  void aNetworkOnTargetsReportsItsErrorAndPredictsValues() throws IOException {
    String config = OwnData.examples().get(4).replace("\"epochs\": 6", "\"epochs\": 40");
    Path out = own.train(config);
    String model = out.resolve("model.tacet").toString();
    Map<String, Object> measured = OwnData.last(tacet("eval", model, "--json"));
    assertThat((double) measured.get("meanSquaredError")).isLessThan(0.05);
    assertThat(measured).doesNotContainKey("testAccuracy");
    assertThat(tacet("eval", model).out()).contains("mean squared error").doesNotContain("NaN");
    assertThat(Files.readAllLines(out.resolve("metrics.csv")).get(0))
        .contains("trainLoss", "testLoss", "meanSquaredError")
        .doesNotContain("Accuracy");
    Path table = folder.resolve("values.csv");
    Shell.Result predicted =
        tacet("predict", model, folder + "/force.npz", "--out", table.toString());
    assertThat(predicted.status()).as(predicted.err()).isZero();
    List<String> lines = Files.readAllLines(table);
    assertThat(lines).hasSize(1 + 96 * 7).startsWith("sample,step,value0");
    float[] targets = Npz.read(folder.resolve("force.npz")).get("targets").floats();
    double squares = 0;
    for (int i = 0; i < targets.length; i++) {
      String[] fields = lines.get(i + 1).split(",", -1);
      assertThat(fields).startsWith("" + i / 7, "" + i % 7);
      squares += Math.pow(Double.parseDouble(fields[2]) - targets[i], 2) / targets.length;
    }
    assertThat(squares).isLessThan(0.05);
    assertThat(tacet("compare", out.toString(), "--out", folder + "/c.png").status()).isZero();
    own.refused(
        config.replace("mean-squared-error", "cross-entropy"), "loss", "mean-squared-error");
    own.refused(
        config.replace("force", "gestures").replace("\"channels\": 2", "\"channels\": 4"),
        "gestures.npz",
        "labels from 0 to 0");
    own.refused(config.replace(", \"reads\": \"every-step\"", ""), "force.npz", "every step");
    own.refused(
        OwnData.examples().get(0).replace("0.005", "0.005, \"loss\": \"mean-squared-error\""),
        "loss",
        "targets");
  }

  private static String weights(ModelFile file) {
    return file.names().contains("layer0.weights") ? "weights" : "inputWeights";
  }

  @Test
  void aTrainedNetworkIsMeasuredAndPredictsAndIsExported() throws IOException {
    Path out = own.train(OwnData.examples().get(0).replace("\"epochs\": 5", "\"epochs\": 12"));
    String model = out.resolve("model.tacet").toString();
    String data = folder.resolve("gestures.npz").toString();
    double own = (double) OwnData.last(tacet("eval", model, "--json")).get("testAccuracy");
    double other =
        (double) OwnData.last(tacet("eval", model, "--test", data, "--json")).get("testAccuracy");
    assertThat(other).isEqualTo(own).isGreaterThan(0.6);
    assertThat(tacet("eval", model, "--test", data).out()).contains("left", "right", "up");

    Map<String, TypedArray> unlabelled =
        Map.of("x", Npz.read(folder.resolve("gestures.npz")).get("x_test"));
    Npz.write(folder.resolve("new.npz"), NamedArrays.of(unlabelled));
    Path table = folder.resolve("predictions.csv");
    Shell.Result predicted =
        tacet("predict", model, folder + "/new.npz", "--out", table.toString());
    assertThat(predicted.status()).as(predicted.err()).isZero();
    List<String> lines = Files.readAllLines(table);
    assertThat(lines).hasSize(49).startsWith("sample,class,score0,score1,score2");
    int[] labels = Npz.read(folder.resolve("gestures.npz")).integers("y_test", 0, 2);
    int right = 0;
    for (int i = 0; i < labels.length; i++) {
      String[] fields = lines.get(i + 1).split(",", -1);
      assertThat(fields[0]).isEqualTo(Integer.toString(i));
      right += Integer.parseInt(fields[1]) == labels[i] ? 1 : 0;
    }
    assertThat((double) right / labels.length).isEqualTo(own);

    ModelFile file = ModelFile.read(out.resolve("model.tacet"));
    for (String name : List.of("weights.npz", "weights.safetensors")) {
      Path to = folder.resolve(name);
      assertThat(tacet("export", model, "--to", to.toString()).status()).isZero();
      NamedArrays arrays = NamedArrays.read(to);
      assertThat(arrays.names()).containsAll(file.names());
      assertThat(arrays.floats("readout.weights", 3, 16)).isEqualTo(file.floats("readout.weights"));
    }
    assertThat(Safetensors.read(folder.resolve("weights.safetensors")).metadata())
        .containsEntry("network", file.metadata("network"));
  }

  @Test
  void spikesArePredictedWithoutLabelsAndMeasuredWithThem() throws IOException {
    Path out = own.train(OwnData.examples().get(1));
    String model = out.resolve("model.tacet").toString();
    String spikes = folder.resolve("test-spikes.csv").toString();
    String labels = folder.resolve("test-labels.csv").toString();
    Map<String, Object> result =
        OwnData.last(tacet("eval", model, "--test", spikes, "--labels", labels, "--json"));
    assertThat(result)
        .containsEntry(
            "testAccuracy", OwnData.last(tacet("eval", model, "--json")).get("testAccuracy"));
    String table = folder.resolve("p.csv").toString();
    assertThat(tacet("predict", model, spikes, "--out", table).status()).isZero();
    assertThat(Files.readAllLines(Path.of(table))).hasSize(31);
    OwnData.failed(tacet("eval", model, "--test", spikes), "test-spikes.csv", "sample,label");
    OwnData.failed(tacet("eval", model, "--labels", labels), "--labels", "--test");
  }

  @Test
  void aTrainingThatEndedIsContinuedFromItsConfiguration() throws IOException {
    String example = OwnData.examples().get(0);
    Path out = own.train(example.replace("\"epochs\": 5", "\"epochs\": 2"));
    own.train(example.replace("\"epochs\": 5", "\"epochs\": 4"), "--resume");
    assertThat(Files.readAllLines(out.resolve("metrics.csv"))).hasSize(5);
    float[] resumed = ModelFile.read(out.resolve("model.tacet")).floats("readout.weights");
    Path whole = own.train(example.replace("\"epochs\": 5", "\"epochs\": 4"));
    assertThat(ModelFile.read(whole.resolve("model.tacet")).floats("readout.weights"))
        .isEqualTo(resumed);
    Shell.Result other =
        tacet(
            "train",
            own.write(example.replace("0.005", "0.5")),
            "--resume",
            "--out",
            out.toString());
    OwnData.failed(other, "--rate", "0.005", "0.5");
  }

  @Test
  void theConfigurationOfARunIsComplete() throws IOException {
    Path out = own.train(OwnData.examples().get(1));
    JsonObject config = JsonObject.read(out.resolve("config.json"));
    assertThat(config.text("loss")).isEqualTo("ttfs-skip-silent");
    assertThat(config.object("data").object("train").path("spikes"))
        .isEqualTo(folder.resolve("train-spikes.csv"));
    assertThat(config.object("network").objects("layers").get(0).real("threshold")).isEqualTo(1);
    assertThat(config.integer("batch")).isEqualTo(32);
  }
}
