package io.tacet.tasks;

import io.tacet.data.Text;
import io.tacet.network.NetworkSpec;
import io.tacet.training.CrossEntropy;
import io.tacet.training.Loss;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Language model of the words of WikiText-2 with the settings of Subramoney et al. (2023). The
 * recipe {@code small} is for where the training text is missing: it trains on the first 90 % of
 * the validation text and keeps the rest for validation.
 */
final class WordTask implements Task {
  private static final String REMEDY =
      "Get WikiText-2 (Merity et al. 2016) and put wiki.train.tokens, wiki.valid.tokens and"
          + " wiki.test.tokens as train.txt, valid.txt and test.txt into the folder wikitext2 of"
          + " the folder that TACET_DATA names; --recipe small needs valid.txt and test.txt only.";

  @Override
  public String name() {
    return "word-lm";
  }

  @Override
  public String summary() {
    return "language model of words, EGRU";
  }

  @Override
  public String published() {
    return "test perplexity 68.9, EGRU on WikiText-2 (Subramoney et al. 2023)";
  }

  @Override
  public List<Option> options() {
    return Options.join(
        Options.language(70, 750),
        Options.recurrent(1350L, 1350L, 750L),
        Options.common(800, 128, 1e-3));
  }

  @Override
  public Map<String, Map<String, Object>> recipes() {
    Map<String, Map<String, Object>> all = new LinkedHashMap<>();
    Map<String, Object> paper = new LinkedHashMap<>();
    paper.put("variableBptt", true);
    paper.put("beta1", 0);
    paper.put("weightDecay", 0.12);
    paper.put("cosine", true);
    paper.put("cosineStart", 0.5);
    paper.put("clip", 0.1);
    paper.put("dropInput", 0.7);
    paper.put("dropWord", 0.1);
    paper.put("dropForward", 0.25);
    paper.put("dropConnect", 0.7);
    paper.put("gamma", 3.6);
    paper.put("sharpness", 3.6);
    paper.put("thresholdMean", 0.01);
    paper.put("trainThresholds", false);
    all.put("paper", paper);
    Map<String, Object> small = new LinkedHashMap<>();
    small.put("epochs", 10);
    small.put("batch", 32);
    small.put("hidden", 256);
    small.put("embedding", 256);
    small.put("bptt", 32);
    small.put("variableBptt", true);
    small.put("rate", 2e-3);
    small.put("cosine", true);
    small.put("clip", 1.0);
    small.put("dropInput", 0.2);
    small.put("dropOutput", 0.2);
    all.put("small", small);
    return all;
  }

  @Override
  public TaskData load(Path directory, Settings s) throws IOException {
    Path folder = directory.resolve("wikitext2");
    boolean small = s.recipe().equals("small");
    Text known = Text.words(folder.resolve(small ? "valid.txt" : "train.txt"), null, REMEDY);
    Text test = Text.words(folder.resolve("test.txt"), known.vocabulary(), REMEDY);
    Text train = known;
    Text validation;
    if (small) {
      int kept = (int) (0.9 * known.length());
      train = known.part("text", 0, kept);
      validation = known.part("validation", kept, known.length());
    } else {
      validation = Text.words(folder.resolve("valid.txt"), known.vocabulary(), REMEDY);
    }
    return new TaskData(train, validation, test, true, List.of(), TaskData.Score.PERPLEXITY)
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
