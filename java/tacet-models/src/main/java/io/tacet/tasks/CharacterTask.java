package io.tacet.tasks;

import io.tacet.data.Text;
import io.tacet.network.NetworkSpec;
import io.tacet.training.CrossEntropy;
import io.tacet.training.Loss;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Language model of the characters of a text, such as tinyshakespeare: 90 % train, the next 5 % are
 * for validation after each epoch and the last 5 % for the test at the end.
 */
final class CharacterTask implements Task {
  private static final String REMEDY =
      "Get data/tinyshakespeare/input.txt of https://github.com/karpathy/char-rnn, or any text in"
          + " UTF-8, and put it into the folder tinyshakespeare of the folder that TACET_DATA names"
          + " under the name input.txt.";

  @Override
  public String name() {
    return "char-lm";
  }

  @Override
  public String summary() {
    return "language model of characters, EGRU";
  }

  @Override
  public String published() {
    return "none for this network";
  }

  @Override
  public List<Option> options() {
    return Options.join(
        Options.language(64, 0), Options.recurrent(512L), Options.common(20, 16, 1e-2));
  }

  @Override
  public Map<String, Map<String, Object>> recipes() {
    return Map.of(
        "default",
        Map.of(
            "clip",
            1.0,
            "cosine",
            true,
            "thresholdMean",
            0.1,
            "activityWeight",
            1.0,
            "activityTarget",
            0.1));
  }

  @Override
  public TaskData load(Path directory, Settings s) throws IOException {
    Path file = directory.resolve("tinyshakespeare").resolve("input.txt");
    Text text = Text.characters(file, REMEDY);
    int train = (int) (0.9 * text.length());
    int validation = (int) (0.95 * text.length());
    return new TaskData(
            text.part("text", 0, train),
            text.part("validation", train, validation),
            text.part("test", validation, text.length()),
            true,
            List.of(),
            TaskData.Score.BITS_PER_CHARACTER)
        .first(s.integer("samples"));
  }

  @Override
  public NetworkSpec network(Settings s, TaskData data) {
    return SequenceNetworks.language(s, (Text) data.train());
  }

  @Override
  public Loss loss(Settings s) {
    return new CrossEntropy();
  }
}
