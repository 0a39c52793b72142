package io.tacet.tasks;

import io.tacet.data.EventFrames;
import io.tacet.data.NMnist;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** N-MNIST in intervals of 10 ms: the first 1000 training and 100 test samples. */
final class NMnistTask implements RecurrentTask {
  @Override
  public String name() {
    return "nmnist";
  }

  @Override
  public String published() {
    return "none for this part of the data";
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
    return RecurrentSettings.of(name(), recipe, 20, 25, 256)
        .with(Map.of("steps", 31, "rate", 1e-3, "clip", 1.0, "cosine", true, "dropOutput", 0.2));
  }

  @Override
  public RecurrentData load(Path directory, RecurrentSettings settings) throws IOException {
    NMnist data = NMnist.in(RecurrentTask.orUsual(directory));
    return new LabelledSequences(
        new EventFrames(data.train(), settings.steps()),
        new EventFrames(data.test(), settings.steps()));
  }
}
