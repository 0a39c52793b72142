package io.tacet.tasks;

import io.tacet.data.Dataset;
import io.tacet.data.Text;
import io.tacet.files.Json;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.network.Flow;
import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.training.CrossEntropy;
import io.tacet.training.CrossEntropyOverTime;
import io.tacet.training.Loss;
import io.tacet.training.MeanSquaredError;
import io.tacet.training.TimeToFirstSpike;
import io.tacet.training.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A network of a user's own on data of their own: a configuration names the files and describes the
 * network as {@link NetworkSpec} does.
 */
final class OwnTask implements Task {
  private static final String CROSS_ENTROPY = "cross-entropy";
  private static final String OVER_TIME = "over-time";
  private static final String SQUARED = "mean-squared-error";
  private static final String FIRST_SPIKE = "ttfs";
  private static final String SKIP_SILENT = "ttfs-skip-silent";

  /** Decided by what the network gives. */
  private static final String AUTO = "auto";

  private static final List<String> SETS = List.of("train", "validation", "test");

  @Override
  public String name() {
    return "own";
  }

  @Override
  public String summary() {
    return "a network of your own on your own data";
  }

  @Override
  public String published() {
    return "";
  }

  @Override
  public List<Option> options() {
    double most = Double.POSITIVE_INFINITY;
    return Options.join(
        List.of(
            Option.object("data", "files: train, validation, test"),
            Option.object("network", "input and layers"),
            Option.choice(
                "loss",
                AUTO,
                "auto: cross-entropy of a read-out, ttfs-skip-silent of spiking outputs",
                AUTO,
                CROSS_ENTROPY,
                SQUARED,
                OVER_TIME,
                FIRST_SPIKE,
                SKIP_SILENT),
            Option.real("tau0", 0.5, Double.MIN_VALUE, most, "of ttfs, in ms"),
            Option.real("tau1", 6.4, Double.MIN_VALUE, most, "of ttfs, in ms"),
            Option.real("alpha", 3e-3, 0, most, "weight of the term for early spikes of ttfs"),
            Option.real("inputDropout", 0, 0, 0.99, "probability that an input event is left out")),
        Options.onText(64),
        Options.onSteps(),
        Options.common(20, 32, 1e-3));
  }

  @Override
  public Map<String, Map<String, Object>> recipes() {
    return Map.of("default", Map.of());
  }

  @Override
  public Settings placed(Settings settings, Path config) throws IOException {
    JsonObject json = JsonObject.of(settings.toMap(), config.toString());
    for (String key : List.of("data", "network")) {
      if (settings.object(key).isEmpty()) {
        throw json.problem(key, "expected an object, found none; docs/own-data.md has its keys");
      }
    }
    NetworkSpec spec = NetworkSpec.of(json.object("network"));
    Map<String, Object> changes = new LinkedHashMap<>();
    changes.put("network", Json.parse(spec.toJson()));
    changes.put("data", absolute(json.object("data"), config.toAbsolutePath().getParent(), spec));
    changes.put("loss", loss(json, spec));
    return settings.with(changes);
  }

  private static String loss(JsonObject json, NetworkSpec spec) throws JsonException {
    boolean spiking = spec.below(spec.layers().size()).kind() == Flow.Kind.SPIKES;
    String loss = json.text("loss");
    if (loss.equals(AUTO)) {
      return spiking ? SKIP_SILENT : CROSS_ENTROPY;
    }
    if (spiking != loss.startsWith(FIRST_SPIKE)) {
      throw json.problem(
          "loss",
          spiking
              ? "expected ttfs or ttfs-skip-silent for spiking outputs, found " + loss
              : "expected cross-entropy, mean-squared-error or over-time for a read-out, found "
                  + loss);
    }
    return loss;
  }

  /** The names of files made absolute; checks all keys. */
  private static Map<String, Object> absolute(JsonObject data, Path folder, NetworkSpec spec)
      throws JsonException {
    data.only("train", "validation", "test", "tokens", "classes");
    boolean text = new OwnData(spec).readsText();
    Map<String, Object> all = new LinkedHashMap<>();
    for (String set : SETS) {
      if (data.has(set) || set.equals("train")) {
        Source source = Source.of(data, set).in(folder);
        all.put(set, source.toJson());
      }
    }
    if (text) {
      all.put("tokens", data.has("tokens") ? tokens(data) : "characters");
    } else if (data.has("tokens")) {
      throw data.problem("tokens", "expected with an input of the kind tokens only");
    }
    if (data.has("classes")) {
      List<String> names = data.texts("classes");
      if (names.size() != spec.outputs() || text) {
        throw data.problem(
            "classes",
            text
                ? "expected with labelled data only"
                : "expected the names of " + spec.outputs() + " outputs, found " + names.size());
      }
      all.put("classes", names);
    }
    return all;
  }

  private static String tokens(JsonObject data) throws JsonException {
    return data.choice("tokens", List.of("characters", "words"));
  }

  /**
   * One or two files of a set.
   *
   * @param labels null where they are in the same file
   */
  private record Source(Path file, Path labels) {
    static Source of(JsonObject data, String set) throws JsonException {
      if (data.value(set) instanceof Map) {
        JsonObject two = data.object(set).only("spikes", "labels");
        return new Source(two.path("spikes"), two.path("labels"));
      }
      return new Source(data.path(set), null);
    }

    Source in(Path folder) {
      return new Source(
          folder.resolve(file).normalize(),
          labels == null ? null : folder.resolve(labels).normalize());
    }

    Object toJson() {
      return labels == null
          ? file.toString()
          : Map.of("spikes", file.toString(), "labels", labels.toString());
    }
  }

  @Override
  public TaskData load(Path directory, Settings s) throws IOException {
    JsonObject data = JsonObject.of(s.toMap(), "settings").object("data");
    OwnData reader = new OwnData(network(s, null));
    TaskData all = reader.readsText() ? texts(data, reader) : labelled(data, reader);
    return answering(all, s).first(s.integer("samples"));
  }

  private static TaskData labelled(JsonObject data, OwnData reader) throws IOException {
    Source from = Source.of(data, "train");
    Dataset train = reader.labelled(from.file(), from.labels(), false);
    Source last = data.has("test") ? Source.of(data, "test") : from;
    Dataset test = reader.labelled(last.file(), last.labels(), true);
    if (!data.has("test") && test.name().equals(train.name())) {
      throw data.problem(
          "test", "expected a file, since " + from.file() + " has no x_test and y_test of its own");
    }
    Dataset validation = null;
    if (data.has("validation")) {
      Source middle = Source.of(data, "validation");
      validation = reader.labelled(middle.file(), middle.labels(), false);
    }
    return TaskData.own(train, validation, test, classes(data, reader));
  }

  /** Refuses a loss that the data have no answers for. */
  private static TaskData answering(TaskData all, Settings s) throws JsonException {
    boolean targets = all.score() == TaskData.Score.MEAN_SQUARED_ERROR;
    if (targets != s.text("loss").equals(SQUARED)) {
      throw JsonObject.of(s.toMap(), "settings")
          .problem(
              "loss",
              (targets
                      ? "expected mean-squared-error for data with targets, found "
                      : "expected data with targets (docs/own-data.md) for ")
                  + s.text("loss"));
    }
    return all;
  }

  /** Names of the outputs. */
  private static List<String> classes(JsonObject data, OwnData reader) throws JsonException {
    return data.has("classes")
        ? data.texts("classes")
        : IntStream.range(0, reader.spec().outputs()).mapToObj(Integer::toString).toList();
  }

  private static TaskData texts(JsonObject data, OwnData reader) throws IOException {
    boolean words = tokens(data).equals("words");
    Text all = reader.text(data.path("train"), words, null);
    Text train = all;
    Text validation = null;
    Text test;
    if (data.has("test")) {
      test = reader.text(data.path("test"), words, all.vocabulary());
      if (data.has("validation")) {
        validation = reader.text(data.path("validation"), words, all.vocabulary());
      }
    } else {
      int kept = (int) (0.9 * all.length());
      int measured = (int) (0.95 * all.length());
      train = all.part(all.name(), 0, kept);
      validation = all.part("validation", kept, measured);
      test = all.part("test", measured, all.length());
    }
    return new TaskData(
        train,
        validation,
        test,
        validation != null,
        List.of(),
        words ? TaskData.Score.PERPLEXITY : TaskData.Score.BITS_PER_CHARACTER);
  }

  @Override
  public TaskData measuring(Settings s, Path file, Path labels, List<String> vocabulary)
      throws IOException {
    JsonObject data = JsonObject.of(s.toMap(), "settings").object("data");
    OwnData reader = new OwnData(network(s, null));
    if (reader.readsText()) {
      boolean words = tokens(data).equals("words");
      Text text = reader.text(file, words, vocabulary);
      return new TaskData(
          text,
          null,
          text,
          false,
          List.of(),
          words ? TaskData.Score.PERPLEXITY : TaskData.Score.BITS_PER_CHARACTER);
    }
    Dataset test = reader.labelled(file, labels, true);
    return answering(TaskData.own(test, null, test, classes(data, reader)), s);
  }

  @Override
  public NetworkSpec network(Settings s, TaskData data) {
    try {
      return NetworkSpec.of(JsonObject.of(s.toMap(), "settings").object("network"));
    } catch (JsonException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  @Override
  public Loss loss(Settings s) {
    TimeToFirstSpike plain = TimeToFirstSpike.of(s.real("tau0"), s.real("tau1"), s.real("alpha"));
    return switch (s.text("loss")) {
      case FIRST_SPIKE -> plain;
      case SKIP_SILENT -> plain.skipSilentLabels();
      case OVER_TIME -> new CrossEntropyOverTime();
      case SQUARED -> new MeanSquaredError();
      default -> new CrossEntropy();
    };
  }

  @Override
  public Training training(Network network, Settings s) {
    return Task.super.training(network, s).inputDropout(s.real("inputDropout"));
  }
}
