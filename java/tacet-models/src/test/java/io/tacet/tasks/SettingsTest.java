package io.tacet.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.data.BinnedSpikes;
import io.tacet.data.Dataset;
import io.tacet.data.Sequences;
import io.tacet.data.Text;
import io.tacet.files.Json;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.network.Rewiring;
import io.tacet.network.Weights;
import io.tacet.network.cells.LifCell;
import io.tacet.optim.Schedule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SettingsTest {
  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  /** The settings of each recipe of each task. */
  private static List<Settings> everyRecipe() {
    return Tasks.all().stream()
        .flatMap(task -> task.recipes().keySet().stream().map(name -> Settings.of(task, name)))
        .toList();
  }

  private static Settings parse(Map<String, ?> settings) throws JsonException {
    return Settings.of(JsonObject.of(Json.line(settings), "config.json"));
  }

  @Test
  void settingsOfEveryTaskAndRecipeReturnFromTheirText() throws JsonException {
    for (Settings settings : everyRecipe()) {
      assertThat(parse(settings.toMap()).toMap()).isEqualTo(settings.toMap());
      assertThat(settings.toMap())
          .containsEntry("task", settings.task().name())
          .containsEntry("recipe", settings.recipe());
    }
  }

  @Test
  void theNetworkOfEveryTaskAndRecipeIsBuiltFromData() throws JsonException {
    Dataset sequences = new BinnedSpikes(Sequences.generate("some", 4, 1), 40, 5);
    Dataset text = new Text("letters", List.of("a", "b", "c"), new int[50]);
    try (Backend java = Backends.open("java")) {
      for (Settings settings : everyRecipe()) {
        Map<String, Object> small = new HashMap<>(Map.of("precision", "single"));
        small.put("hidden", settings.has("cell") ? "6,8" : "7");
        if (settings.flag("tied")) {
          small.put("embedding", 8);
        }
        Settings s = settings.with(small);
        Dataset data = s.has("bptt") ? text : sequences;
        NetworkSpec spec =
            s.task().network(s, TaskData.labelled(data, data, data, List.of("a", "b", "c")));
        assertThat(NetworkSpec.of(JsonObject.of(spec.toJson(), s.task().name()))).isEqualTo(spec);
        try (Network network = Network.build(java, spec, 1)) {
          assertThat(network.size()).as(s.task().name()).isBetween(30L, 10_000L);
          assertThat(s.task().training(network, s)).isNotNull();
        }
      }
    }
  }

  /** A recipe may name no setting that its task lacks, and no value out of its range. */
  @Test
  void optionsHaveDistinctNamesAndDefaultsWithinTheirRange() {
    for (Task task : Tasks.all()) {
      List<Option> options = task.options();
      assertThat(options.stream().map(Option::name)).as(task.name()).doesNotHaveDuplicates();
      for (Option option : options) {
        assertThat(option.value(option.usual())).as(option.name()).isEqualTo(option.usual());
        assertThat(option.help()).as(option.name()).isNotBlank().doesNotEndWith(".");
      }
      assertThat(task.recipes()).as(task.name()).isNotEmpty();
    }
  }

  @Test
  void whatAFileDoesNotSayIsAsInTheRecipe() throws JsonException {
    Settings settings = Settings.of(Tasks.of("smnist"), "rows");
    Map<String, Object> some = new HashMap<>(settings.toMap());
    some.keySet().removeAll(List.of("bidirectional", "variant", "rate", "tape", "hidden"));
    assertThat(parse(some).toMap()).isEqualTo(settings.toMap());
    assertThat(parse(Map.of("task", "yin-yang", "epochs", 3)).toMap())
        .isEqualTo(Settings.of(Tasks.of("yin-yang"), "paper").with(Map.of("epochs", 3)).toMap());
  }

  @Test
  void whatIsUnknownIsAnsweredWithTheNearest() {
    assertThatThrownBy(() -> parse(Map.of("epochs", 3)))
        .isInstanceOf(JsonException.class)
        .hasMessageContainingAll("config.json", "task");
    assertThatThrownBy(() -> parse(Map.of("task", "yinyang")))
        .isInstanceOf(JsonException.class)
        .hasMessageContainingAll("config.json", "'yinyang'", "Did you mean \"yin-yang\"?");
    assertThatThrownBy(() -> parse(Map.of("task", "yin-yang", "recipe", "papre")))
        .isInstanceOf(JsonException.class)
        .hasMessageContainingAll("recipe", "'papre'", "Did you mean \"paper\"?");
    assertThatThrownBy(() -> parse(Map.of("task", "yin-yang", "epoch", 3)))
        .isInstanceOf(JsonException.class)
        .hasMessageContainingAll("yin-yang", "epoch", "Did you mean \"epochs\"?");
    Settings settings = Settings.of(Tasks.of("smnist"), null);
    assertThatThrownBy(() -> settings.with(Map.of("variant", "papier")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("--variant", "cell", "'papier'", "Did you mean \"paper\"?");
  }

  @Test
  void valuesOutOfTheirRangeAreNamedWithIt() {
    Settings settings = Settings.of(Tasks.of("smnist"), null);
    Map<String, List<Object>> wrong =
        Map.of(
            "epochs", List.of(0, "many", 1.5, 3_000_000_000L, "99999999999999999999"),
            "rate", List.of(0, -1, "fast", "NaN", "Infinity"),
            "dropInput", List.of(-0.1, 1, 1.5),
            "hidden", List.of("", "12,", "12,0", "a", 4_000_000_000L),
            "cosine", List.of("yes", 1),
            "seed", List.of("1.5", "x"));
    wrong.forEach(
        (name, values) ->
            values.forEach(
                value ->
                    assertThatThrownBy(() -> settings.with(Map.of(name, value)))
                        .as(name + " " + value)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContainingAll("--", "expected ", "got '" + value)));
    assertThat(settings.with(Map.of("seed", Long.MAX_VALUE)).seed()).isEqualTo(Long.MAX_VALUE);
    assertThat(settings.with(Map.of("hidden", "32, 16")).integers("hidden"))
        .containsExactly(32, 16);
  }

  @Test
  void theNetworksOfTasksWhoseDataAreGeneratedAreBuilt() throws IOException {
    for (String name : new String[] {"yin-yang", "sequence"}) {
      Task task = Tasks.of(name);
      for (String recipe : task.recipes().keySet()) {
        Settings settings =
            Settings.of(task, recipe)
                .with(Map.of("hidden", 7, "samples", 10, "precision", "single"));
        TaskData data = task.load(Path.of("nowhere"), settings);
        NetworkSpec spec = task.network(settings, data);
        assertThat(NetworkSpec.of(JsonObject.of(spec.toJson(), name))).isEqualTo(spec);
        try (Backend java = Backends.open("java");
            Network network = Network.build(java, spec, 1)) {
          assertThat(network.arrays().get("layer0.weights").length())
              .isEqualTo(7L * spec.below(0).columns());
          var history =
              task.training(network, settings.with(Map.of("epochs", 1)))
                  .run(data.train(), data.measuredSet());
          assertThat(history.last().trainLoss()).isFinite();
        }
      }
    }
  }

  @Test
  void ownNetworksHaveObjectsAndTheirPrecisionInTheNetwork() throws JsonException {
    Map<String, Object> own =
        Map.of("task", "own", "data", Map.of(), "network", Map.of("precision", "FLOAT64"));
    Settings settings = parse(own);
    assertThat(settings.precision()).isEqualTo(DType.FLOAT64);
    assertThat(settings.with(DType.FLOAT32).precision()).isEqualTo(DType.FLOAT32);
    assertThat(parse(settings.toMap()).toMap()).isEqualTo(settings.toMap());
    assertThatThrownBy(() -> settings.with(Map.of("network", "egru")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("network: expected an object", "'egru'");
    assertThat(Tasks.all()).extracting(Task::name).doesNotContain("own");
  }

  @Test
  void theRecipeOfWikiText2IsThePublishedOne() {
    Settings paper = Settings.of(Tasks.of("word-lm"), "paper");
    assertThat(paper.toMap())
        .containsEntry("epochs", 800L)
        .containsEntry("batch", 128L)
        .containsEntry("bptt", 70L)
        .containsEntry("hidden", List.of(1350L, 1350L, 750L))
        .containsEntry("embedding", 750L)
        .containsEntry("tied", true)
        .containsEntry("rate", 1e-3)
        .containsEntry("beta1", 0.0)
        .containsEntry("weightDecay", 0.12)
        .containsEntry("cosine", true)
        .containsEntry("cosineStart", 0.5)
        .containsEntry("clip", 0.1)
        .containsEntry("dropInput", 0.7)
        .containsEntry("dropWord", 0.1)
        .containsEntry("dropForward", 0.25)
        .containsEntry("dropOutput", 0.0)
        .containsEntry("dropConnect", 0.7)
        .containsEntry("gamma", 3.6)
        .containsEntry("sharpness", 3.6)
        .containsEntry("thresholdMean", 0.01)
        .containsEntry("trainThresholds", false);
  }

  @Test
  void theCosineBeginsWhereItIsAskedTo() {
    Schedule schedule = Schedule.constantThenCosine(0.5, 0.02);
    assertThat(schedule.factor(0, 800)).isEqualTo(1);
    assertThat(schedule.factor(400, 800)).isEqualTo(1);
    assertThat(schedule.factor(600, 800)).isBetween(0.50, 0.52);
    assertThat(schedule.factor(800, 800)).isBetween(0.02, 0.0200001);
    for (double epoch = 0; epoch <= 20; epoch += 0.7) {
      assertThat(Schedule.constantThenCosine(0, 0.1).factor(epoch, 20))
          .isEqualTo(Schedule.cosine(0.1).factor(epoch, 20));
    }
    assertThatThrownBy(() -> Schedule.constantThenCosine(1, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("start", "[0, 1)", "1.0");
  }

  @Test
  void sparseConnectionsAreRewiredAsTheOptionsSay() throws IOException {
    Task task = Tasks.of("yin-yang");
    Settings usual = Settings.of(task, null);
    TaskData data = task.load(Path.of("."), usual);
    Map<String, ?> rigl =
        Map.of("density", 0.4, "rewiring", "rigl", "rewiringInterval", 7, "rewiringCandidates", 2);
    LifCell.Spec hidden = (LifCell.Spec) task.network(usual.with(rigl), data).layers().get(0);
    assertThat(hidden.input().rewiring()).isEqualTo(Rewiring.rigl(0.3).every(7).candidates(2));
    assertThat(hidden.input().weights())
        .isEqualTo(Weights.normal(1.5 / 0.4, 0.78 / Math.sqrt(0.4)));
    LifCell.Spec plain = (LifCell.Spec) task.network(usual, data).layers().get(0);
    assertThat(plain.input()).isEqualTo(Connection.dense(Weights.normal(1.5, 0.78)));
    Settings alone = usual.with(Map.of("rewiring", "set"));
    assertThatThrownBy(() -> task.network(alone, data))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--rewiring: expected a density below 1 besides")
        .hasMessageContaining("got set alone");
  }
}
