package io.tacet.tasks;

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

/**
 * A user's own network on their own data: a configuration names the files and describes the network
 * as {@link NetworkSpec} does.
 */
final class OwnTask implements Task {
  private static final String CROSS_ENTROPY = "cross-entropy";
  private static final String OVER_TIME = "over-time";
  private static final String SQUARED = "mean-squared-error";
  private static final String FIRST_SPIKE = "ttfs";
  private static final String SKIP_SILENT = "ttfs-skip-silent";

  /** Decided by what the network gives. */
  private static final String AUTO = "auto";

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
        Options.onEvents(),
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
    changes.put(
        "data", OwnSets.placed(json.object("data"), config.toAbsolutePath().getParent(), spec));
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

  @Override
  public TaskData load(Path directory, Settings s) throws IOException {
    return answering(sets(s).load(), s).first(s.integer("samples"));
  }

  private OwnSets sets(Settings s) throws JsonException {
    JsonObject data = JsonObject.of(s.toMap(), "settings").object("data");
    return new OwnSets(data, new OwnData(network(s, null)));
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

  @Override
  public TaskData measuring(Settings s, Path file, Path labels, List<String> vocabulary)
      throws IOException {
    return answering(sets(s).measuring(file, labels, vocabulary), s);
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
