package io.tacet.cli;

import static io.tacet.cli.Shell.tacet;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Thorough;
import io.tacet.checkpoint.ModelFile;
import io.tacet.files.Json;
import io.tacet.memory.Leaks;
import io.tacet.tasks.Option;
import io.tacet.tasks.Settings;
import io.tacet.tasks.Task;
import io.tacet.tasks.Tasks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code tacet train}: its help, what it says of wrong arguments, and trainings from a file. */
class TrainCommandTest {
  private static final String SMALL = " --backend java --hidden 12 --samples 96 --epochs 1 --out ";

  @TempDir private Path folder;
  private Locale before;

  @BeforeEach
  void keepLocale() {
    before = Locale.getDefault();
  }

  @AfterEach
  void nothingLeaks() {
    Locale.setDefault(before);
    assertThat(Leaks.open()).isZero();
  }

  private static Shell.Result run(String line) {
    return tacet(line.split(" ", -1));
  }

  private static void succeeded(Shell.Result result) {
    assertThat(result.status()).as(result.err()).isZero();
  }

  /** A failure that is one sentence for people, without a stack trace. */
  private static void failed(Shell.Result result, String... parts) {
    assertThat(result.status()).as(result.err()).isEqualTo(1);
    assertThat(result.err()).startsWith("tacet: ").contains(parts).doesNotContain("\tat ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"refractory", "nonleaky", "alif", "alpha", "qif"})
  void hiddenNeuronsMayBeOthersThanLif(String neuron) throws IOException {
    String small = " --backend java --hidden 6 --samples 32 --epochs 1 --out ";
    succeeded(run("train yin-yang --neuron " + neuron + small + folder));
    assertThat(Files.readString(folder.resolve("config.json"))).contains("\"" + neuron + "\"");
    assertThat(Files.readString(folder.resolve("metrics.csv"))).contains("smallestSlope,grazes");
    succeeded(run("eval " + folder.resolve("model.tacet") + " --backend java"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"refractory", "nonleaky", "alif", "alpha"})
  void hiddenNeuronsWithAClosedFormMayBeOnAGrid(String neuron) throws IOException {
    String small =
        " --simulator grid --dt 0.2 --backend java --hidden 6 --samples 32 --epochs 1 --out ";
    succeeded(run("train yin-yang --neuron " + neuron + small + folder));
    assertThat(Files.readString(folder.resolve("config.json"))).contains("\"grid\"");
    assertThat(Files.readString(folder.resolve("metrics.csv"))).doesNotContain("smallestSlope");
    succeeded(run("eval " + folder.resolve("model.tacet") + " --backend java"));
  }

  /** Value of a column in the last line of the metrics. */
  private static double last(Path run, String column) throws IOException {
    List<String> lines = Files.readAllLines(run.resolve("metrics.csv"));
    int at = List.of(lines.get(0).split(",", -1)).indexOf(column);
    return Double.parseDouble(lines.get(lines.size() - 1).split(",", -1)[at]);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lif", "alif"})
  @Thorough
  void optionsAgainstTheEdgeAreForAllNeurons(String neuron) throws IOException {
    String small =
        "train yin-yang --backend java --hidden 30 --samples 64 --epochs 2 --rate 0.02 --neuron "
            + neuron
            + " --out "
            + folder;
    succeeded(run(small + "/free"));
    succeeded(run(small + "/quiet --spike-weight 1000"));
    succeeded(run(small + "/bounded --least-slope 1000"));
    succeeded(run(small + "/charged --voltage-weight 1000 --voltage-target 2"));
    Path free = folder.resolve("free");
    assertThat(last(free, "smallestSlope")).isPositive();
    assertThat(last(folder.resolve("quiet"), "activity")).isLessThan(last(free, "activity"));
    assertThat(last(folder.resolve("charged"), "activity")).isGreaterThan(last(free, "activity"));
    assertThat(last(folder.resolve("bounded"), "trainLoss")).isNotEqualTo(last(free, "trainLoss"));
  }

  @Test
  void aLeastSlopeIsNotNegative() {
    failed(run("train yin-yang --least-slope -1" + SMALL + folder), "--least-slope", "-1");
  }

  @Test
  void neuronsWithoutAClosedFormAreNotSimulatedOnAGrid() {
    failed(run("train yin-yang --neuron qif --simulator grid" + SMALL + folder), "exact");
  }

  @Test
  void itsHelpListsAllTasks() {
    Shell.Result result = run("train --help");
    succeeded(result);
    for (Task task : Tasks.all()) {
      assertThat(result.out()).containsPattern("(?m)^ +" + task.name() + " ");
    }
    assertThat(result.out()).contains("CONFIG", "config.json").doesNotContain("--hidden");
  }

  /** Names of long options in a help text. */
  private static Set<String> options(String help) {
    return Arrays.stream(help.split("\\s+", -1))
        .map(word -> word.replaceAll("^\\[|[\\[=\\],].*", ""))
        .filter(word -> word.startsWith("--"))
        .collect(Collectors.toSet());
  }

  @Test
  void theHelpOfATaskShowsItsOptionsOnlyWithTheirDefaults() {
    for (Task task : Tasks.all()) {
      Shell.Result result = run("train " + task.name() + " --help");
      succeeded(result);
      Set<String> shown = options(result.out());
      Set<String> own = task.options().stream().map(Option::flag).collect(Collectors.toSet());
      assertThat(shown).as(task.name()).containsAll(own);
      Set<String> others =
          Tasks.all().stream()
              .flatMap(other -> other.options().stream())
              .map(Option::flag)
              .filter(flag -> !own.contains(flag))
              .collect(Collectors.toSet());
      assertThat(shown).as(task.name()).doesNotContainAnyElementsOf(others);
      String text = dense(result.out());
      assertThat(text).contains(dense("Published: " + task.published() + "."));
      Map<String, Object> usual = Settings.of(task, null).toMap();
      for (Option option : task.options()) {
        String value = usual.get(option.name()).toString().replaceAll("[\\[\\] ]", "");
        assertThat(text).contains(dense(option.help() + " (default " + value));
      }
    }
    assertThat(dense(run("train yin-yang --help").out()))
        .contains("Recipes:paper,best", "(default32,best64)", "(default0.95)", "98.10+-0.18%")
        .contains("--backend", "--seed")
        .doesNotContain("--bptt", "--embedding", "--zoneout");
  }

  /** Help is wrapped at any place; so without any white space. */
  private static String dense(String text) {
    return text.replaceAll("\\s+", "");
  }

  @ParameterizedTest
  @CsvSource({"yinyang,yin-yang", "mnsit,mnist", "charlm,char-lm", "dvs-gestures,dvs-gesture"})
  void aMisspeltTaskIsAnsweredWithTheNearest(String wrong, String right) {
    for (String more : new String[] {"", " --epochs 3", " --epochs 3 --json --hidden 4"}) {
      failed(
          run("train " + wrong + more),
          "'" + wrong + "'",
          "yin-yang",
          "sequence",
          "Did you mean \"" + right + "\"?");
    }
  }

  @Test
  void aMisspeltOptionIsAnsweredWithTheNearest() {
    Shell.Result result = run("train yin-yang --epoch 3");
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).contains("--epoch", "--epochs");
    assertThat(run("train yin-yang --epoch-count 3").err()).contains("--epoch-count");
  }

  @Test
  void aMisspeltValueIsAnsweredWithTheNearest() {
    failed(run("train yin-yang --simulator exakt"), "--simulator", "'exakt'", "\"exact\"?");
    failed(run("train smnist --variant papr"), "--variant", "cell", "'papr'", "\"paper\"?");
    failed(run("train char-lm --cell lstm"), "--cell", "egru", "'lstm'");
    failed(run("train smnist --recipe row"), "--recipe", "paper", "'row'", "\"rows\"?");
    failed(run("train yin-yang --epochs many"), "--epochs", "an integer of at least 1", "'many'");
    failed(run("train yin-yang --epochs 3000000000"), "--epochs", "2147483647", "'3000000000'");
  }

  /** Options that a task does not have are wrong uses of it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "yin-yang --bptt 3",
        "char-lm --bidirectional",
        "word-lm --bidirectional",
        "char-lm --dt 1",
        "smnist --embedding 3",
        "sequence --zoneout 0.1"
      })
  void optionsOfOtherTasksAreWrongUses(String line) {
    Shell.Result result = run("train " + line);
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).contains("Unknown option", line.split(" ", -1)[1]);
  }

  @Test
  void optionsBeforeTheTaskAreNotDropped() {
    Path out = folder.resolve("out");
    Shell.Result result = run("train --out " + out + " --json yin-yang --epochs 0");
    assertThat(result.status()).isNotZero();
    assertThat(result.err()).contains("--out", "after yin-yang");
  }

  @Test
  void withoutATaskItExplainsItself() {
    Shell.Result result = run("train");
    assertThat(result.status()).isEqualTo(2);
    assertThat(result.err()).contains("Usage", "yin-yang", "char-lm");
  }

  @Test
  void missingDataSayWhereToGetThem() {
    String none = folder.resolve("none").toString();
    for (String task : new String[] {"smnist", "char-lm", "word-lm", "nmnist", "dvs-gesture"}) {
      failed(run("train " + task + " --data " + none), "not found", none, "Get ");
    }
  }

  @Test
  void theConfigurationOfATrainingRepeatsItBitForBit() throws IOException {
    Path first = folder.resolve("first");
    Path again = folder.resolve("again");
    succeeded(run("train yin-yang --json --seed 5 --batch 24 --rate 0.01" + SMALL + first));
    Shell.Result result =
        run("train " + first.resolve("config.json") + " --backend java --json --out " + again);
    succeeded(result);
    assertThat(again.resolve("config.json")).hasSameTextualContentAs(first.resolve("config.json"));
    same(first, again);
  }

  @Test
  void aTextModelIsRepeatedFromItsConfigurationToo() throws IOException {
    Files.createDirectories(folder.resolve("tinyshakespeare"));
    Files.writeString(
        folder.resolve("tinyshakespeare").resolve("input.txt"), "so it goes, ".repeat(300));
    Path first = folder.resolve("first");
    Path again = folder.resolve("again");
    String data = " --backend java --json --data " + folder + " --out ";
    succeeded(
        run(
            "train char-lm --hidden 12,8 --batch 4 --bptt 8 --variable-bptt --drop-forward 0.2"
                + " --zoneout 0.1 --tape smallest --epochs 2"
                + data
                + first));
    succeeded(run("train " + first.resolve("config.json") + data + again));
    same(first, again);
  }

  private static void same(Path first, Path again) throws IOException {
    ModelFile ours = ModelFile.read(first.resolve("checkpoint.tacet"));
    ModelFile theirs = ModelFile.read(again.resolve("checkpoint.tacet"));
    assertThat(ours.names()).isEqualTo(theirs.names()).hasSizeGreaterThan(3);
    for (String name : ours.names()) {
      switch (ours.type(name)) {
        case FLOAT32 -> assertThat(ours.floats(name)).as(name).isEqualTo(theirs.floats(name));
        case FLOAT64 -> assertThat(ours.doubles(name)).as(name).isEqualTo(theirs.doubles(name));
        case INT32 -> assertThat(ours.ints(name)).as(name).isEqualTo(theirs.ints(name));
        default -> throw new AssertionError(name + " is of type " + ours.type(name));
      }
    }
  }

  private Path config(String key, Object value) throws IOException {
    Map<String, Object> settings = new HashMap<>(Settings.of(Tasks.of("yin-yang"), null).toMap());
    settings.put(key, value);
    Path file = folder.resolve("config.json");
    Files.writeString(file, Json.line(settings));
    return file;
  }

  @Test
  void wrongConfigurationsAreRefusedWithFileAndKey() throws IOException {
    String file = folder.resolve("config.json").toString();
    failed(run("train " + config("epoch", 3)), file, "epoch", "Did you mean \"epochs\"?");
    failed(run("train " + config("epochs", "many")), file, "--epochs", "an integer", "'many'");
    failed(run("train " + config("task", "yinyang")), file, "Did you mean \"yin-yang\"?");
    Files.writeString(folder.resolve("config.json"), "{\"task\": ");
    failed(run("train " + file), file);
    failed(run("train " + folder.resolve("none.json")), "no file", "none.json");
    Shell.Result more = run("train " + config("epochs", 1) + " --epochs 3");
    assertThat(more.status()).isEqualTo(2);
    assertThat(more.err()).contains("Unknown option", "--epochs");
  }

  @Test
  void aTrainingIsContinuedFromItsConfiguration() throws IOException {
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    String line = "train yin-yang --json --backend java --hidden 12 --samples 96 --epochs ";
    succeeded(run(line + "2 --out " + whole));
    succeeded(run(line + "1 --out " + parts));
    String config = whole.resolve("config.json").toString();
    succeeded(run("train " + config + " --backend java --json --resume --out " + parts));
    same(whole, parts);
    failed(
        run("train " + config + " --resume --out " + folder.resolve("none")),
        "--resume",
        "checkpoint.tacet");
  }

  @Test
  void printedNumbersDoNotFollowTheLocale() {
    Locale.setDefault(Locale.GERMANY);
    Path out = folder.resolve("out");
    Shell.Result result = run("train yin-yang" + SMALL + out);
    succeeded(result);
    assertThat(result.out())
        .containsPattern("Test accuracy \\d+\\.\\d\\d % after 1 epoch in \\d+\\.\\d s")
        .doesNotContainPattern("\\d,\\d");
    String model = out.resolve("model.tacet").toString();
    assertThat(tacet("eval", model, "--backend", "java").out())
        .containsPattern("accuracy \\d+\\.\\d\\d %, loss \\d+\\.\\d{4}")
        .doesNotContainPattern("\\d,\\d");
    String arrays = tacet("inspect", model).out();
    assertThat(arrays.substring(arrays.indexOf("array")))
        .containsPattern("layer0.weights .*\\d\\.\\d")
        .doesNotContainPattern("\\d,\\d");
    assertThat(run("grid-error --help").out()).contains("Usage");
  }

  @Test
  void theCommandThatContinuesNamesPlacesAndNoSettings() {
    RunOptions options = new RunOptions();
    options.backend = "java";
    options.data = folder;
    options.out = folder.resolve("out");
    Settings settings = Settings.of(Tasks.of("nmnist"), null).with(Map.of("steps", 12));
    assertThat(new TrainRun(settings, options, false, null).continuation())
        .isEqualTo(
            "tacet train nmnist --resume --out "
                + options.out
                + " --data "
                + folder
                + " --backend java");
  }
}
