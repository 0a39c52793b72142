package io.tacet.cli;

import static io.tacet.cli.Shell.tacet;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.checkpoint.ModelFile;
import io.tacet.checkpoint.NamedArrays;
import io.tacet.checkpoint.Npz;
import io.tacet.checkpoint.Safetensors;
import io.tacet.checkpoint.TypedArray;
import io.tacet.files.Json;
import io.tacet.files.JsonObject;
import io.tacet.memory.Leaks;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Follows docs/own-data.md as a user without Java would: its examples, on data written here. */
class OwnDataTest {
  private static final Path PAGE = Path.of("..", "..", "docs", "own-data.md");
  private static final int CLASSES = 3;

  @TempDir private Path folder;

  @BeforeEach
  void writeData() throws IOException {
    Map<String, TypedArray> all = new LinkedHashMap<>();
    sequences(all, "", 96, 1);
    sequences(all, "_test", 48, 2);
    Npz.write(folder.resolve("gestures.npz"), NamedArrays.of(all));
    force();
    recordings();
    spikes("train", 90, 3);
    spikes("test", 30, 4);
    SplittableRandom random = new SplittableRandom(5);
    StringBuilder text = new StringBuilder("abcdefghijklmnopqrstuvwxyz \n");
    for (int i = 0; i < 3000; i++) {
      text.append(text.charAt(random.nextInt(5)));
    }
    Files.writeString(folder.resolve("notes.txt"), text);
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** The channel of the class is larger than the others. */
  private static void sequences(Map<String, TypedArray> into, String suffix, int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int steps = 6;
    int channels = 4;
    float[] x = new float[size * steps * channels];
    long[] y = new long[size];
    for (int i = 0; i < size; i++) {
      y[i] = random.nextInt(CLASSES);
      for (int t = 0; t < steps; t++) {
        for (int c = 0; c < channels; c++) {
          x[(i * steps + t) * channels + c] = random.nextInt(100) / 100f + (c == y[i] ? 1 : 0);
        }
      }
    }
    into.put("x" + suffix, TypedArray.of(x, size, steps, channels));
    into.put("y" + suffix, TypedArray.of(y));
  }

  /** The target of a step is the sum of the channels of this step and the one before. */
  private void force() throws IOException {
    Map<String, TypedArray> all = new LinkedHashMap<>();
    SplittableRandom random = new SplittableRandom(9);
    for (String suffix : List.of("", "_test")) {
      int size = suffix.isEmpty() ? 96 : 32;
      int steps = 7;
      float[] x = new float[size * steps * 2];
      float[] targets = new float[size * steps];
      for (int i = 0; i < targets.length; i++) {
        x[2 * i] = (float) random.nextDouble(-0.5, 0.5);
        x[2 * i + 1] = (float) random.nextDouble(-0.5, 0.5);
        targets[i] = x[2 * i] + x[2 * i + 1] + (i % steps == 0 ? 0 : x[2 * i - 2] + x[2 * i - 1]);
      }
      all.put("x" + suffix, TypedArray.of(x, size, steps, 2));
      all.put("targets" + suffix, TypedArray.of(targets, size, steps, 1));
    }
    Npz.write(folder.resolve("force.npz"), NamedArrays.of(all));
  }

  /** A spot that moves down or to the right. */
  private void recordings() throws IOException {
    SplittableRandom random = new SplittableRandom(6);
    for (String name : List.of("down", "right")) {
      Path to = Files.createDirectories(folder.resolve("camera").resolve(name));
      for (int i = 0; i < 30; i++) {
        ByteBuffer events = ByteBuffer.allocate(5 * 40);
        for (int e = 0; e < 40; e++) {
          int along = 15 * e / 39;
          int across = random.nextInt(16);
          int micros = 1000 + 450 * e;
          events.put((byte) (name.equals("right") ? along : across));
          events.put((byte) (name.equals("right") ? across : along));
          events.put((byte) (micros >> 16 | (e % 2) << 7)).putShort((short) micros);
        }
        Files.write(to.resolve(i + ".bin"), events.array());
      }
    }
  }

  /** The channel of the class spikes first. */
  private void spikes(String set, int size, long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    StringBuilder spikes = new StringBuilder("sample,time_ms,unit\n");
    StringBuilder labels = new StringBuilder("sample,label\n");
    for (int i = 0; i < size; i++) {
      int label = i % CLASSES;
      labels.append(i).append(',').append(label).append('\n');
      for (int unit = 0; unit < 5; unit++) {
        int ms = (unit == label ? 1 : 15) + random.nextInt(5);
        spikes.append(i).append(',').append(ms).append(',').append(unit).append('\n');
      }
    }
    Files.writeString(folder.resolve(set + "-spikes.csv"), spikes);
    Files.writeString(folder.resolve(set + "-labels.csv"), labels);
  }

  /**
   * The configurations of the page, in their order: sequences, spikes, bins, text, targets,
   * recordings.
   */
  private static List<String> examples() throws IOException {
    Matcher matcher =
        Pattern.compile("```json\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(PAGE));
    List<String> all = new ArrayList<>();
    while (matcher.find()) {
      all.add(matcher.group(1));
    }
    assertThat(all).hasSize(6);
    return all;
  }

  private String write(String config) throws IOException {
    Path file = folder.resolve("my.json");
    Files.writeString(file, config);
    return file.toString();
  }

  private Path train(String config, String... more) throws IOException {
    Path out = folder.resolve("out");
    List<String> line =
        new ArrayList<>(List.of("train", write(config), "--backend", "java", "--json"));
    line.addAll(List.of("--out", out.toString()));
    line.addAll(List.of(more));
    Shell.Result result = tacet(line.toArray(String[]::new));
    assertThat(result.status()).as(result.err()).isZero();
    return out;
  }

  private void refused(String config, String... parts) throws IOException {
    Shell.Result result =
        tacet("train", write(config), "--backend", "java", "--out", folder + "/refused");
    failed(result, parts);
    assertThat(folder.resolve("refused").resolve("model.tacet")).doesNotExist();
  }

  private static void failed(Shell.Result result, String... parts) {
    assertThat(result.status()).as(result.out() + result.err()).isEqualTo(1);
    assertThat(result.err()).startsWith("tacet: ").contains(parts).doesNotContain("\tat ");
  }

  private static Map<String, Object> last(Shell.Result result) throws IOException {
    assertThat(result.status()).as(result.err()).isZero();
    return Json.parseObject(result.lastLine());
  }

  @Test
  void everyExampleOfThePageTrainsAndItsConfigurationRepeatsIt() throws IOException {
    for (String example : examples()) {
      Path out = train(example);
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
    String config = examples().get(5);
    Path out = train(config);
    String model = out.resolve("model.tacet").toString();
    Shell.Result shown = tacet("eval", model);
    assertThat(shown.out()).contains("down", "right");
    double accuracy = (double) last(tacet("eval", model, "--json")).get("testAccuracy");
    assertThat(accuracy).isGreaterThan(0.7);
    Map<String, Object> all =
        last(tacet("eval", model, "--json", "--test", folder.resolve("camera").toString()));
    assertThat((double) all.get("testAccuracy")).isGreaterThan(0.7);
    String metrics = Files.readString(out.resolve("metrics.csv"));
    assertThat(metrics).contains("validationLoss").doesNotContain("testLoss");
    JsonObject written = JsonObject.read(out.resolve("config.json")).object("data");
    assertThat(written.texts("classes")).containsExactly("down", "right");
    refused(config.replace("[0.2, 0.2]", "0.2"), "patience", "validation");
    refused(config.replace("[0.2, 0.2]", "1.5"), "holdOut", "between 0 and 1", "1.5");
    refused(config.replace("[0.2, 0.2]", "0.001"), "holdOut", "at least one sample");
    refused(config.replace("\"width\": 16", "\"width\": 12"), "32", "24", "network.input.channels");
    refused(config.replace("\"outputs\": 2", "\"outputs\": 3"), "train", "3 outputs, found 2");
    refused(
        config.replace("bins", "sequence").replace(", \"duration\": 20, \"steps\": 10", ""),
        "camera",
        "spikes or bins");
    Files.writeString(folder.resolve("camera").resolve("down").resolve("notes.txt"), "none");
    refused(config, "notes.txt", "expected a recording");
  }

  @Test
  void partsOfTheTrainingSetAreHeldOutForTheSetsThatAreMissing() throws IOException {
    String config = examples().get(0).replace("\"classes\"", "\"holdOut\": 0.25, \"classes\"");
    Path out = train(config);
    assertThat(Files.readString(out.resolve("metrics.csv"))).contains("validationLoss");
    String one = examples().get(2).replaceFirst("\"test\": \\{[^}]*}", "\"holdOut\": 0.3");
    Path again = train(one);
    assertThat(Files.readString(again.resolve("metrics.csv"))).contains("testLoss");
    refused(config.replace("\"holdOut\": 0.25", "\"holdOut\": [0.1, 0.1]"), "holdOut", "missing");
    refused(
        examples().get(3).replace("\"notes.txt\"", "\"notes.txt\", \"holdOut\": 0.1"), "holdOut");
  }

  @Test
  void aConfigurationTrainsSeveralSeeds() throws IOException {
    Path out = folder.resolve("seeds");
    for (int example : new int[] {0, 4}) {
      String config = write(examples().get(example));
      Shell.Result result =
          tacet(
              "train", config, "--backend", "java", "--seeds", "0-1", "--json", "--out", out + "");
      Map<String, Object> line = last(result);
      List<?> values = (List<?>) line.get(example == 0 ? "testAccuracy" : "testLoss");
      assertThat(values).hasSize(2);
      if (example != 0) {
        assertThat(values.get(0)).isNotEqualTo(values.get(1));
      }
      assertThat(line).containsKeys("mean", "deviation");
      assertThat(JsonObject.read(out.resolve("seed-1").resolve("config.json")).integer("seed"))
          .isEqualTo(1);
    }
    String config = write(examples().get(0));
    Shell.Result told =
        tacet("train", config, "--backend", "java", "--seeds", "4", "--out", out + "");
    assertThat(told.lastLine()).startsWith("Seed 4: test accuracy ").endsWith(" %.");
  }

  @Test
  void aNetworkOnTargetsReportsItsErrorAndPredictsValues() throws IOException {
    String config = examples().get(4).replace("\"epochs\": 6", "\"epochs\": 40");
    Path out = train(config);
    String model = out.resolve("model.tacet").toString();
    Map<String, Object> measured = last(tacet("eval", model, "--json"));
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
    refused(config.replace("mean-squared-error", "cross-entropy"), "loss", "mean-squared-error");
    refused(
        config.replace("force", "gestures").replace("\"channels\": 2", "\"channels\": 4"),
        "gestures.npz",
        "labels from 0 to 0");
    refused(config.replace(", \"reads\": \"every-step\"", ""), "force.npz", "every step");
    refused(
        examples().get(0).replace("0.005", "0.005, \"loss\": \"mean-squared-error\""),
        "loss",
        "targets");
  }

  private static String weights(ModelFile file) {
    return file.names().contains("layer0.weights") ? "weights" : "inputWeights";
  }

  @Test
  void aTrainedNetworkIsMeasuredAndPredictsAndIsExported() throws IOException {
    Path out = train(examples().get(0).replace("\"epochs\": 5", "\"epochs\": 12"));
    String model = out.resolve("model.tacet").toString();
    String data = folder.resolve("gestures.npz").toString();
    double own = (double) last(tacet("eval", model, "--json")).get("testAccuracy");
    double other =
        (double) last(tacet("eval", model, "--test", data, "--json")).get("testAccuracy");
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
    Path out = train(examples().get(1));
    String model = out.resolve("model.tacet").toString();
    String spikes = folder.resolve("test-spikes.csv").toString();
    String labels = folder.resolve("test-labels.csv").toString();
    Map<String, Object> result =
        last(tacet("eval", model, "--test", spikes, "--labels", labels, "--json"));
    assertThat(result)
        .containsEntry("testAccuracy", last(tacet("eval", model, "--json")).get("testAccuracy"));
    String table = folder.resolve("p.csv").toString();
    assertThat(tacet("predict", model, spikes, "--out", table).status()).isZero();
    assertThat(Files.readAllLines(Path.of(table))).hasSize(31);
    failed(tacet("eval", model, "--test", spikes), "test-spikes.csv", "sample,label");
    failed(tacet("eval", model, "--labels", labels), "--labels", "--test");
  }

  @Test
  void aTrainingThatEndedIsContinuedFromItsConfiguration() throws IOException {
    String example = examples().get(0);
    Path out = train(example.replace("\"epochs\": 5", "\"epochs\": 2"));
    train(example.replace("\"epochs\": 5", "\"epochs\": 4"), "--resume");
    assertThat(Files.readAllLines(out.resolve("metrics.csv"))).hasSize(5);
    float[] resumed = ModelFile.read(out.resolve("model.tacet")).floats("readout.weights");
    Path whole = train(example.replace("\"epochs\": 5", "\"epochs\": 4"));
    assertThat(ModelFile.read(whole.resolve("model.tacet")).floats("readout.weights"))
        .isEqualTo(resumed);
    Shell.Result other =
        tacet("train", write(example.replace("0.005", "0.5")), "--resume", "--out", out.toString());
    failed(other, "--rate", "0.005", "0.5");
  }

  @Test
  void theConfigurationOfARunIsComplete() throws IOException {
    Path out = train(examples().get(1));
    JsonObject config = JsonObject.read(out.resolve("config.json"));
    assertThat(config.text("loss")).isEqualTo("ttfs-skip-silent");
    assertThat(config.object("data").object("train").path("spikes"))
        .isEqualTo(folder.resolve("train-spikes.csv"));
    assertThat(config.object("network").objects("layers").get(0).real("threshold")).isEqualTo(1);
    assertThat(config.integer("batch")).isEqualTo(32);
  }

  @Test
  void whatDoesNotFitTheNetworkIsNamedWithFileAndKey() throws IOException {
    String example = examples().get(0);
    refused(
        example.replace("\"channels\": 4", "\"channels\": 5"),
        "gestures.npz",
        "expected 5 channels",
        "network.input.channels",
        "found 4");
    refused(
        example.replace("\"outputs\": 3", "\"outputs\": 2").replace(", \"up\"", ""),
        "gestures.npz",
        "labels from 0 to 1",
        "network.layers",
        "found 2");
    refused(
        example.replace("\"outputs\": 3", "\"outputs\": 4"),
        "my.json: data.classes",
        "4 outputs",
        "found 3");
    refused(
        example.replace("\"units\": 16", "\"units\": \"many\""),
        "my.json: network.layers[1].units",
        "an integer",
        "\"many\"");
    refused(example.replace("\"gru\"", "\"gruu\""), "my.json", "cell", "Did you mean \"gru\"?");
    refused(example.replace("\"train\"", "\"trian\""), "data.trian", "Did you mean \"train\"?");
    refused(example.replace("gestures.npz", "none.npz"), "no file", "none.npz");
    refused(example.replace("gestures.npz", "gestures.dat"), "gestures.dat", ".npz or .csv");
    refused(
        example.replace("\"clip\": 1.0", "\"loss\": \"ttfs\""),
        "my.json: loss",
        "cross-entropy",
        "found ttfs");
    refused(example.replace("\"network\"", "\"net\""), "my.json", "net", "\"network\"?");
    refused("{\"task\": \"own\"}", "my.json: data: expected an object", "docs/own-data.md");
    refused(
        "{\"task\": \"own\", \"data\": {\"train\": \"a.npz\"}}",
        "my.json: network: expected an object");
    refused("{\"task\": \"own\", \"data\": 3}", "my.json", "data", "an object", "'3'");
  }

  @Test
  void spikesThatDoNotFitAreNamedWithFileAndLine() throws IOException {
    String example = examples().get(1);
    refused(
        example.replace("\"channels\": 5", "\"channels\": 4"), "train-spikes.csv", "unit", "line");
    refused(
        example.replace("\"labels\": \"train-labels.csv\"", "\"label\": \"x\""),
        "data.train.label",
        "Did you mean \"labels\"?");
    refused(
        example.replace(
            "{\"spikes\": \"train-spikes.csv\", \"labels\": \"train-labels.csv\"}",
            "\"train-spikes.csv\""),
        "train-spikes.csv",
        "sample,label");
    Files.writeString(folder.resolve("train-spikes.csv"), "sample,time_ms,unit\n0,NaN,1\n");
    refused(example, "train-spikes.csv", "line 2", "NaN");
  }

  @Test
  void dataThatAreNotNumbersOrHaveNoTestSetAreRefused() throws IOException {
    Map<String, TypedArray> all = new LinkedHashMap<>();
    sequences(all, "", 20, 1);
    Npz.write(folder.resolve("gestures.npz"), NamedArrays.of(all));
    refused(examples().get(0), "data.test", "gestures.npz", "x_test");
    ((float[]) all.get("x").array())[30] = Float.NaN;
    Npz.write(folder.resolve("gestures.npz"), NamedArrays.of(all));
    refused(examples().get(0), "gestures.npz", "NaN", "sample 1, step 1, channel 2");
  }

  @Test
  void aTextWithOtherCharactersIsAnsweredWithTheirNumber() throws IOException {
    String example = examples().get(3);
    refused(
        example.replace("\"vocabulary\": 28", "\"vocabulary\": 30"),
        "notes.txt",
        "30",
        "network.input.vocabulary",
        "found 28",
        "Set both to 28");
    Path out = train(example);
    String model = out.resolve("model.tacet").toString();
    Path other = folder.resolve("other.txt");
    Files.writeString(other, "abc".repeat(200));
    assertThat(last(tacet("eval", model, "--test", other.toString(), "--json")))
        .containsKey("bitsPerCharacter");
    Files.writeString(other, "abc\u00e9");
    failed(tacet("eval", model, "--test", other.toString()), "other.txt", "U+00E9", "character 4");
    failed(tacet("predict", model, other.toString()), "tacet generate");
  }

  @Test
  void predictionsAreRefusedForOtherData() throws IOException {
    Path out = train(examples().get(0).replace("\"epochs\": 5", "\"epochs\": 1"));
    String model = out.resolve("model.tacet").toString();
    String to = folder.resolve("p.csv").toString();
    failed(tacet("predict", model, folder + "/none.npz", "--out", to), "no file", "none.npz");
    Npz.write(
        folder.resolve("new.npz"),
        NamedArrays.of(Map.of("x", TypedArray.of(new float[12], 2, 2, 3))));
    failed(tacet("predict", model, folder + "/new.npz", "--out", to), "4 channels", "found 3");
    float[] bad = new float[8];
    bad[5] = Float.POSITIVE_INFINITY;
    Npz.write(folder.resolve("new.npz"), NamedArrays.of(Map.of("x", TypedArray.of(bad, 1, 2, 4))));
    failed(tacet("predict", model, folder + "/new.npz", "--out", to), "Infinity", "channel 1");
    assertThat(Path.of(to)).doesNotExist();
    failed(tacet("export", model, "--to", folder + "/weights.pt"), "--out", ".safetensors");
    failed(tacet("export", folder + "/none.tacet", "--to", to + ".npz"), "no file", "none.tacet");
  }

  @Test
  void theNameAloneAsksForAConfiguration() {
    failed(tacet("train", "own"), "configuration", "docs/own-data.md");
    assertThat(tacet("train", "--help").out()).contains("docs/own-data.md");
    Shell.Result test = tacet("eval", "--help");
    assertThat(test.out()).contains("--test", "--labels");
  }
}
