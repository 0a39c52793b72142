package io.tacet.tasks;

import io.tacet.data.DvsGesture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** DVS128 Gesture in intervals of 25 ms at a quarter of the resolution. */
final class DvsGestureTask extends EventFramesTask {
  @Override
  public String name() {
    return "dvs-gesture";
  }

  @Override
  public String summary() {
    return "event-camera recordings of gestures, EGRU";
  }

  @Override
  public String published() {
    return "97.13 % at 78.8 % activity sparsity, EGRU(1024) with data augmentation (Subramoney et"
        + " al. 2023)";
  }

  @Override
  public List<Option> options() {
    return Options.join(
        List.of(Options.steps(60), Options.bidirectional()),
        Options.recurrent(512L),
        Options.common(100, 32, 1e-3));
  }

  @Override
  public Map<String, Map<String, Object>> recipes() {
    return Map.of("default", Map.of("clip", 1.0, "cosine", true, "dropOutput", 0.3));
  }

  @Override
  public TaskData load(Path directory, Settings s) throws IOException {
    DvsGesture data = DvsGesture.in(directory);
    return frames(data.train(), data.test(), s);
  }
}
