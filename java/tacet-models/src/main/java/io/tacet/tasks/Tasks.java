package io.tacet.tasks;

import io.tacet.files.Suggestion;
import java.nio.file.Path;
import java.util.List;

/** The list of all tasks. */
public final class Tasks {
  private static final List<Task> ALL =
      List.of(
          new YinYangTask(),
          new MnistTask(),
          new SequenceTask(),
          new SequentialMnistTask(),
          new NMnistTask(),
          new DvsGestureTask(),
          new CharacterTask(),
          new WordTask());

  private Tasks() {}

  /** All tasks. */
  public static List<Task> all() {
    return ALL;
  }

  /**
   * The task of that name.
   *
   * @throws IllegalArgumentException if there is none; names all, and the nearest
   */
  public static Task of(String name) {
    List<String> names = ALL.stream().map(Task::name).toList();
    return ALL.stream()
        .filter(task -> task.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "task: expected one of "
                        + String.join(", ", names)
                        + ", got '"
                        + name
                        + "'."
                        + Suggestion.sentence(name, names)));
  }

  /** The folder given, else the one that the environment variable TACET_DATA names, else data. */
  public static Path dataFolder(Path given) {
    return given == null ? Path.of(System.getenv().getOrDefault("TACET_DATA", "data")) : given;
  }
}
