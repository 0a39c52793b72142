package io.tacet.cli;

import static io.tacet.cli.Shell.tacet;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.Npz;
import io.tacet.checkpoint.TypedArray;
import io.tacet.memory.Leaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of data and configurations that do not fit. */
class OwnDataErrorsTest {
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
  void whatDoesNotFitTheNetworkIsNamedWithFileAndKey() throws IOException {
    String example = OwnData.examples().get(0);
    own.refused(
        example.replace("\"channels\": 4", "\"channels\": 5"),
        "gestures.npz",
        "expected 5 channels",
        "network.input.channels",
        "found 4");
    own.refused(
        example.replace("\"outputs\": 3", "\"outputs\": 2").replace(", \"up\"", ""),
        "gestures.npz",
        "labels from 0 to 1",
        "network.layers",
        "found 2");
    own.refused(
        example.replace("\"outputs\": 3", "\"outputs\": 4"),
        "my.json: data.classes",
        "4 outputs",
        "found 3");
    own.refused(
        example.replace("\"units\": 16", "\"units\": \"many\""),
        "my.json: network.layers[1].units",
        "an integer",
        "\"many\"");
    own.refused(example.replace("\"gru\"", "\"gruu\""), "my.json", "cell", "Did you mean \"gru\"?");
    own.refused(example.replace("\"train\"", "\"trian\""), "data.trian", "Did you mean \"train\"?");
    own.refused(example.replace("gestures.npz", "none.npz"), "no file", "none.npz");
    own.refused(example.replace("gestures.npz", "gestures.dat"), "gestures.dat", ".npz or .csv");
    own.refused(
        example.replace("\"clip\": 1.0", "\"loss\": \"ttfs\""),
        "my.json: loss",
        "cross-entropy",
        "found ttfs");
    own.refused(example.replace("\"network\"", "\"net\""), "my.json", "net", "\"network\"?");
    own.refused("{\"task\": \"own\"}", "my.json: data: expected an object", "docs/own-data.md");
    own.refused(
        "{\"task\": \"own\", \"data\": {\"train\": \"a.npz\"}}",
        "my.json: network: expected an object");
    own.refused("{\"task\": \"own\", \"data\": 3}", "my.json", "data", "an object", "'3'");
  }

  @Test
  void spikesThatDoNotFitAreNamedWithFileAndLine() throws IOException {
    String example = OwnData.examples().get(1);
    own.refused(
        example.replace("\"channels\": 5", "\"channels\": 4"), "train-spikes.csv", "unit", "line");
    own.refused(
        example.replace("\"labels\": \"train-labels.csv\"", "\"label\": \"x\""),
        "data.train.label",
        "Did you mean \"labels\"?");
    own.refused(
        example.replace(
            "{\"spikes\": \"train-spikes.csv\", \"labels\": \"train-labels.csv\"}",
            "\"train-spikes.csv\""),
        "train-spikes.csv",
        "sample,label");
    Files.writeString(folder.resolve("train-spikes.csv"), "sample,time_ms,unit\n0,NaN,1\n");
    own.refused(example, "train-spikes.csv", "line 2", "NaN");
  }

  @Test
  void dataThatAreNotNumbersOrHaveNoTestSetAreRefused() throws IOException {
    Map<String, TypedArray> all = new LinkedHashMap<>();
    OwnData.sequences(all, "", 20, 1);
    Npz.write(folder.resolve("gestures.npz"), NamedArrays.of(all));
    own.refused(OwnData.examples().get(0), "data.test", "gestures.npz", "x_test");
    ((float[]) all.get("x").array())[30] = Float.NaN;
    Npz.write(folder.resolve("gestures.npz"), NamedArrays.of(all));
    own.refused(OwnData.examples().get(0), "gestures.npz", "NaN", "sample 1, step 1, channel 2");
  }

  @Test
  void aTextWithOtherCharactersIsAnsweredWithTheirNumber() throws IOException {
    String example = OwnData.examples().get(3);
    own.refused(
        example.replace("\"vocabulary\": 28", "\"vocabulary\": 30"),
        "notes.txt",
        "30",
        "network.input.vocabulary",
        "found 28",
        "Set both to 28");
    Path out = own.train(example);
    String model = out.resolve("model.tacet").toString();
    Path other = folder.resolve("other.txt");
    Files.writeString(other, "abc".repeat(200));
    assertThat(OwnData.last(tacet("eval", model, "--test", other.toString(), "--json")))
        .containsKey("bitsPerCharacter");
    Files.writeString(other, "abc\u00e9");
    OwnData.failed(
        tacet("eval", model, "--test", other.toString()), "other.txt", "U+00E9", "character 4");
    OwnData.failed(tacet("predict", model, other.toString()), "tacet generate");
  }

  @Test
  void predictionsAreRefusedForOtherData() throws IOException {
    Path out = own.train(OwnData.examples().get(0).replace("\"epochs\": 5", "\"epochs\": 1"));
    String model = out.resolve("model.tacet").toString();
    String to = folder.resolve("p.csv").toString();
    OwnData.failed(
        tacet("predict", model, folder + "/none.npz", "--out", to), "no file", "none.npz");
    Npz.write(
        folder.resolve("new.npz"),
        NamedArrays.of(Map.of("x", TypedArray.of(new float[12], 2, 2, 3))));
    OwnData.failed(
        tacet("predict", model, folder + "/new.npz", "--out", to), "4 channels", "found 3");
    float[] bad = new float[8];
    bad[5] = Float.POSITIVE_INFINITY;
    Npz.write(folder.resolve("new.npz"), NamedArrays.of(Map.of("x", TypedArray.of(bad, 1, 2, 4))));
    OwnData.failed(
        tacet("predict", model, folder + "/new.npz", "--out", to), "Infinity", "channel 1");
    assertThat(Path.of(to)).doesNotExist();
    OwnData.failed(tacet("export", model, "--to", folder + "/weights.pt"), "--out", ".safetensors");
    OwnData.failed(
        tacet("export", folder + "/none.tacet", "--to", to + ".npz"), "no file", "none.tacet");
  }

  @Test
  void theNameAloneAsksForAConfiguration() {
    OwnData.failed(tacet("train", "own"), "configuration", "docs/own-data.md");
    assertThat(tacet("train", "--help").out()).contains("docs/own-data.md");
    Shell.Result test = tacet("eval", "--help");
    assertThat(test.out()).contains("--test", "--labels");
  }
}
