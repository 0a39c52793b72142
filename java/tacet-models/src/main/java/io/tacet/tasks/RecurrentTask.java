package io.tacet.tasks;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A training of a network of event-gated recurrent units, with its settings as defaults. */
public interface RecurrentTask {
  /** All of them. */
  static List<RecurrentTask> all() {
    return List.of(
        new SequentialMnistTask(), new CharacterTask(), new WordTask(), new NMnistTask());
  }

  /** The task of that name, or null. */
  static RecurrentTask of(String name) {
    return all().stream().filter(task -> task.name().equals(name)).findFirst().orElse(null);
  }

  /** Name on the command line. */
  String name();

  /** What was published for it, in one sentence. */
  String published();

  /** Names of the recipes; the first is the default. */
  List<String> recipes();

  /**
   * Settings of a recipe.
   *
   * @throws IllegalArgumentException if there is no such recipe
   */
  RecurrentSettings settings(String recipe);

  /**
   * Loads the data.
   *
   * @param directory where data sets lie; null for the folder that the environment variable
   *     TACET_DATA names, else {@code data}
   * @throws IOException if they are missing or damaged
   */
  RecurrentData load(Path directory, RecurrentSettings settings) throws IOException;

  /** The usual place of data sets where none is given. */
  static Path orUsual(Path directory) {
    return directory == null
        ? Path.of(System.getenv().getOrDefault("TACET_DATA", "data"))
        : directory;
  }
}
