package io.tacet.tasks;

import io.tacet.files.Suggestion;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The list of all tasks, and the one of a user's own, which only a configuration describes. */
public final class Tasks {
  private static final List<Task> ALL =
      List.of(
          new YinYangTask(),
          new MnistTask(),
          new SequenceTask(),
          new StoreRecallTask(),
          new SequentialMnistTask(),
          new NMnistTask(),
          new DvsGestureTask(),
          new CharacterTask(),
          new WordTask());

  private static final Task OWN = new OwnTask();

  private Tasks() {}

  /** All tasks that a name alone describes. */
  public static List<Task> all() {
    return ALL;
  }

  /**
   * The task of that name, which may be {@code own}.
   *
   * @throws IllegalArgumentException if there is none; names all, and the nearest
   */
  public static Task of(String name) {
    List<Task> known = Stream.concat(ALL.stream(), Stream.of(OWN)).toList();
    List<String> names = known.stream().map(Task::name).toList();
    return known.stream()
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
