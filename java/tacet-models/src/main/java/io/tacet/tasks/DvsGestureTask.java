package io.tacet.tasks;

import io.tacet.data.DvsGesture;
import io.tacet.data.EventFrames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** DVS128 Gesture in intervals of 25 ms at a quarter of the resolution. */
final class DvsGestureTask implements RecurrentTask {
  @Override
  public String name() {
    return "dvs-gesture";
  }

  @Override
  public String published() {
    return "97.13 % at 78.8 % activity sparsity, EGRU(1024) with data augmentation (Subramoney et"
        + " al. 2023)";
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
    return RecurrentSettings.of(name(), recipe, 100, 32, 512)
        .with(Map.of("steps", 60, "clip", 1.0, "cosine", true, "dropOutput", 0.3));
  }

  @Override
  public RecurrentData load(Path directory, RecurrentSettings settings) throws IOException {
    DvsGesture data = DvsGesture.in(RecurrentTask.orUsual(directory));
    return new LabelledSequences(
        new EventFrames(data.train(), settings.steps()),
        new EventFrames(data.test(), settings.steps()));
  }
}
