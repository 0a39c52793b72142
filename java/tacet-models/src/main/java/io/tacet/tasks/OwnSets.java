package io.tacet.tasks;

import io.tacet.data.Dataset;
import io.tacet.data.Recordings;
import io.tacet.data.SequenceData;
import io.tacet.data.SpikeDataset;
import io.tacet.data.Text;
import io.tacet.files.JsonException;
import io.tacet.files.JsonObject;
import io.tacet.network.NetworkSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * The data of a user's own configuration: which files are the sets, and what is held out of them.
 *
 * @param data of the configuration, with absolute names of files
 * @param reader for the network
 */
record OwnSets(JsonObject data, OwnData reader) {
  private static final List<String> SETS = List.of("train", "validation", "test");

  /** Checks all keys and makes the names of files absolute. */
  static Map<String, Object> placed(JsonObject data, Path folder, NetworkSpec spec)
      throws IOException {
    data.only("train", "validation", "test", "holdOut", "holdOutSeed", "tokens", "classes");
    boolean text = new OwnData(spec).readsText();
    Map<String, Object> all = new LinkedHashMap<>();
    for (String set : SETS) {
      if (data.has(set) || set.equals("train")) {
        all.put(set, Source.of(data, set).in(folder).toJson());
      }
    }
    if (text) {
      all.put("tokens", data.has("tokens") ? tokens(data) : "characters");
    } else if (data.has("tokens")) {
      throw data.problem("tokens", "expected with an input of the kind tokens only");
    }
    if (data.has("holdOut")) {
      if (text) {
        throw data.problem(
            "holdOut", "expected with labelled data or targets only; a text is cut at 90 and 95 %");
      }
      fractions(data);
      all.put("holdOut", data.value("holdOut"));
      all.put("holdOutSeed", data.longInteger("holdOutSeed", 0));
    } else if (data.has("holdOutSeed")) {
      throw data.problem("holdOutSeed", "expected with holdOut only");
    }
    List<String> names = names(data, folder, spec, text);
    if (names != null) {
      all.put("classes", names);
    }
    return all;
  }

  /** Names of the classes that the configuration or the subfolders of recordings say, or null. */
  private static List<String> names(JsonObject data, Path folder, NetworkSpec spec, boolean text)
      throws IOException {
    Source train = Source.of(data, "train").in(folder);
    boolean subfolders = train.camera() != null && train.labels() == null;
    if (!data.has("classes") && !subfolders) {
      return null;
    }
    List<String> names =
        data.has("classes") ? data.texts("classes") : Recordings.classes(train.file());
    if (names.size() != spec.outputs() || text) {
      throw data.problem(
          data.has("classes") ? "classes" : "train",
          text
              ? "expected with labelled data only"
              : "expected the names of " + spec.outputs() + " outputs, found " + names.size());
    }
    return names;
  }

  private static String tokens(JsonObject data) throws JsonException {
    return data.choice("tokens", List.of("characters", "words"));
  }

  /** Parts of the samples that are held out: one, or those for validation and test. */
  private static double[] fractions(JsonObject data) throws JsonException {
    double[] parts =
        data.value("holdOut") instanceof List
            ? data.reals("holdOut")
            : new double[] {data.real("holdOut")};
    boolean right = parts.length <= 2 && Arrays.stream(parts).allMatch(p -> p > 0 && p < 1);
    if (!right || Arrays.stream(parts).sum() >= 1) {
      throw data.problem(
          "holdOut",
          "expected a number between 0 and 1, or two for validation and test of a sum below 1,"
              + " found "
              + data.value("holdOut"));
    }
    return parts;
  }

  /**
   * The files of a set.
   *
   * @param file a file, or a folder of recordings
   * @param labels null where they are in the same file, or subfolders are the classes
   * @param camera of a folder of recordings; else null
   */
  private record Source(Path file, Path labels, Recordings camera) {
    static Source of(JsonObject data, String set) throws JsonException {
      if (!(data.value(set) instanceof Map)) {
        return new Source(data.path(set), null, null);
      }
      JsonObject parts = data.object(set);
      if (!parts.has("recordings")) {
        parts.only("spikes", "labels");
        return new Source(parts.path("spikes"), parts.path("labels"), null);
      }
      parts.only("recordings", "labels", "width", "height", "pool");
      try {
        return new Source(
            parts.path("recordings"),
            parts.has("labels") ? parts.path("labels") : null,
            new Recordings(
                parts.integer("width"), parts.integer("height"), parts.integer("pool", 1)));
      } catch (IllegalArgumentException e) {
        throw data.problem(set, e.getMessage());
      }
    }

    Source in(Path folder) {
      return new Source(
          folder.resolve(file).normalize(),
          labels == null ? null : folder.resolve(labels).normalize(),
          camera);
    }

    Object toJson() {
      if (labels == null && camera == null) {
        return file.toString();
      }
      Map<String, Object> parts = new LinkedHashMap<>();
      parts.put(camera == null ? "spikes" : "recordings", file.toString());
      if (labels != null) {
        parts.put("labels", labels.toString());
      }
      if (camera != null) {
        parts.put("width", (long) camera.width());
        parts.put("height", (long) camera.height());
        parts.put("pool", (long) camera.pool());
      }
      return parts;
    }
  }

  /** Reads all sets. */
  TaskData load() throws IOException {
    return reader.readsText() ? texts() : answered();
  }

  /** What a file of the user's own holds, in the place of the test set. */
  TaskData measuring(Path file, Path labels, List<String> vocabulary) throws IOException {
    if (reader.readsText()) {
      Text text = reader.text(file, tokens(data).equals("words"), vocabulary);
      return new TaskData(text, null, text, false, List.of(), score());
    }
    boolean recordings = Files.isDirectory(file);
    Recordings camera = recordings ? Source.of(data, "train").camera() : null;
    Dataset test = read(new Source(file, labels, camera), true);
    return TaskData.own(test, null, test, classes());
  }

  private Dataset read(Source from, boolean test) throws IOException {
    return from.camera() == null
        ? reader.labelled(from.file(), from.labels(), test)
        : reader.recordings(from.file(), from.labels(), from.camera(), classes());
  }

  private TaskData answered() throws IOException {
    Source from = Source.of(data, "train");
    Dataset train = read(from, false);
    Dataset test = train;
    if (data.has("test") || from.camera() == null) {
      test = read(data.has("test") ? Source.of(data, "test") : from, true);
    }
    boolean tested = data.has("test") || !test.name().equals(train.name());
    Dataset validation = data.has("validation") ? read(Source.of(data, "validation"), false) : null;
    if (data.has("holdOut")) {
      return heldOut(train, validation, tested ? test : null);
    }
    if (!tested) {
      throw data.problem(
          "test",
          "expected a file, or holdOut, since "
              + from.file()
              + " has no x_test and y_test of its own");
    }
    return TaskData.own(train, validation, test, classes());
  }

  /** Takes samples of the training set for the sets that there are not. */
  private TaskData heldOut(Dataset train, Dataset validation, Dataset test) throws JsonException {
    double[] parts = fractions(data);
    boolean both = parts.length == 2;
    int missing = (test == null ? 1 : 0) + (validation == null ? 1 : 0);
    if (missing < parts.length) {
      throw data.problem(
          "holdOut",
          "expected a part for each set that is missing of validation and test, found "
              + data.value("holdOut"));
    }
    int size = size(train);
    int[] order = SpikeDataset.permutation(size, data.longInteger("holdOutSeed", 0));
    int first = (int) Math.round(parts[0] * size);
    int second = both ? (int) Math.round(parts[1] * size) : 0;
    if (first == 0 || (both && second == 0) || first + second >= size) {
      throw data.problem(
          "holdOut", "expected at least one sample in each part, found " + size + " in all");
    }
    Dataset part = select(train, "held out", order, 0, first);
    Dataset other =
        both ? select(train, "held out for the test", order, first, first + second) : test;
    Dataset rest = select(train, "without those held out", order, first + second, size);
    boolean validates = both || test != null;
    return TaskData.own(rest, validates ? part : validation, validates ? other : part, classes());
  }

  private static int size(Dataset data) {
    return data instanceof SpikeDataset spikes ? spikes.size() : ((SequenceData) data).size();
  }

  private static Dataset select(Dataset all, String what, int[] order, int from, int to) {
    int[] samples = Arrays.copyOfRange(order, from, to);
    Arrays.sort(samples);
    String name = all.name() + ", " + what;
    return all instanceof SpikeDataset spikes
        ? spikes.subset(samples).named(name)
        : ((SequenceData) all).select(name, samples);
  }

  /** Names of the outputs. */
  private List<String> classes() throws JsonException {
    return data.has("classes")
        ? data.texts("classes")
        : IntStream.range(0, reader.spec().outputs()).mapToObj(Integer::toString).toList();
  }

  private TaskData.Score score() throws JsonException {
    return tokens(data).equals("words")
        ? TaskData.Score.PERPLEXITY
        : TaskData.Score.BITS_PER_CHARACTER;
  }

  private TaskData texts() throws IOException {
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
    return new TaskData(train, validation, test, validation != null, List.of(), score());
  }
}
