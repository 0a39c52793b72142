package io.tacet.tasks;

import io.tacet.data.NMnist;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** N-MNIST in intervals of 10 ms: the first 1000 training and 100 test samples. */
final class NMnistTask extends EventFramesTask {
  @Override
  public String name() {
    return "nmnist";
  }

  @Override
  public String summary() {
    return "event-camera recordings of digits, EGRU";
  }

  @Override
  public String published() {
    return "none for this part of the data";
  }

  @Override
  public List<Option> options() {
    return Options.join(
        List.of(Options.steps(31), Options.bidirectional()),
        Options.recurrent(256L),
        Options.common(20, 25, 1e-3));
  }

  @Override
  public Map<String, Map<String, Object>> recipes() {
    return Map.of("default", Map.of("clip", 1.0, "cosine", true, "dropOutput", 0.2));
  }

  @Override
  public TaskData load(Path directory, Settings s) throws IOException {
    NMnist data = NMnist.in(directory);
    return frames(data.train(), data.test(), s);
  }
}
