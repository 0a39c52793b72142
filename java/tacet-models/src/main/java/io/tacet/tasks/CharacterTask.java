package io.tacet.tasks;

import io.tacet.data.Text;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Language model of the characters of a text, such as tinyshakespeare: 90 % train, the next 5 % are
 * for validation after each epoch and the last 5 % for the test at the end.
 */
final class CharacterTask implements RecurrentTask {
  private static final String REMEDY =
      "Get data/tinyshakespeare/input.txt of https://github.com/karpathy/char-rnn, or any text in"
          + " UTF-8, and put it into the folder tinyshakespeare of the folder that TACET_DATA names"
          + " under the name input.txt.";

  @Override
  public String name() {
    return "char-lm";
  }

  @Override
  public String published() {
    return "none for this network";
  }

  @Override
  public List<String> recipes() {
    return List.of("default");
  }

  @Override
  public RecurrentSettings settings(String recipe) {
    if (!recipe.equals("default")) {
      throw Task.noRecipe(recipe, "default");
    }
    return RecurrentSettings.of(name(), recipe, 20, 16, 512)
        .with(
            Map.of(
                "bptt",
                64,
                "rate",
                1e-2,
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
  public RecurrentData load(Path directory, RecurrentSettings settings) throws IOException {
    Language.check(settings);
    Path root = RecurrentTask.orUsual(directory);
    Path file = root.resolve("tinyshakespeare").resolve("input.txt");
    Text text = Text.characters(file, REMEDY);
    int train = (int) (0.9 * text.length());
    int validation = (int) (0.95 * text.length());
    return new Language(
        text.part("text", 0, train),
        text.part("validation", train, validation),
        text.part("test", validation, text.length()),
        true);
  }
}
