package io.tacet.tasks;

import io.tacet.data.Text;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Language model of the words of WikiText-2 with the settings of Subramoney et al. (2023). The
 * recipe {@code small} is for where the training text is missing: it trains on the first 90 % of
 * the validation text and keeps the rest for validation.
 */
final class WordTask implements RecurrentTask {
  private static final String REMEDY =
      "Get WikiText-2 (Merity et al. 2016) and put wiki.train.tokens, wiki.valid.tokens and"
          + " wiki.test.tokens as train.txt, valid.txt and test.txt into the folder wikitext2 of"
          + " the folder that TACET_DATA names; --recipe small needs valid.txt and test.txt only.";

  @Override
  public String name() {
    return "word-lm";
  }

  @Override
  public String published() {
    return "test perplexity 68.9, EGRU on WikiText-2 (Subramoney et al. 2023)";
  }

  @Override
  public List<String> recipes() {
    return List.of("paper", "small");
  }

  @Override
  public RecurrentSettings settings(String recipe) {
    return switch (recipe) {
      case "paper" ->
          RecurrentSettings.of(name(), recipe, 800, 128, 1350, 1350, 750)
              .with(
                  Map.of(
                      "embedding",
                      750,
                      "tied",
                      true,
                      "bptt",
                      70,
                      "variableBptt",
                      true,
                      "beta1",
                      0,
                      "weightDecay",
                      0.12,
                      "cosine",
                      true,
                      "cosineStart",
                      0.5,
                      "clip",
                      0.1))
              .with(
                  Map.of(
                      "dropInput",
                      0.7,
                      "dropWord",
                      0.1,
                      "dropForward",
                      0.25,
                      "dropConnect",
                      0.7,
                      "gamma",
                      3.6,
                      "sharpness",
                      3.6,
                      "thresholdMean",
                      0.01,
                      "trainThresholds",
                      false));
      case "small" ->
          RecurrentSettings.of(name(), recipe, 10, 32, 256)
              .with(
                  Map.of(
                      "embedding",
                      256,
                      "tied",
                      true,
                      "bptt",
                      32,
                      "variableBptt",
                      true,
                      "rate",
                      2e-3,
                      "cosine",
                      true,
                      "clip",
                      1.0,
                      "dropInput",
                      0.2,
                      "dropOutput",
                      0.2));
      default -> throw Task.noRecipe(recipe, "paper", "small");
    };
  }

  @Override
  public RecurrentData load(Path directory, RecurrentSettings settings) throws IOException {
    Language.check(settings);
    Path folder = RecurrentTask.orUsual(directory).resolve("wikitext2");
    boolean small = settings.recipe().equals("small");
    Text known = Text.words(folder.resolve(small ? "valid.txt" : "train.txt"), null, REMEDY);
    Text test = Text.words(folder.resolve("test.txt"), known.vocabulary(), REMEDY);
    if (!small) {
      Text validation = Text.words(folder.resolve("valid.txt"), known.vocabulary(), REMEDY);
      return new Language(known, validation, test, false);
    }
    int kept = (int) (0.9 * known.length());
    return new Language(
        known.part("text", 0, kept), known.part("validation", kept, known.length()), test, false);
  }
}
