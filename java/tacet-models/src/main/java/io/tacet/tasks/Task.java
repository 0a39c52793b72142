package io.tacet.tasks;

import io.tacet.Backend;
import io.tacet.data.SpikeDataset;
import io.tacet.network.Network;
import io.tacet.report.OutputFolder;
import io.tacet.training.Loss;
import io.tacet.training.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A training that somebody has published, with its settings as defaults. */
public interface Task {
  /**
   * The sets of a task.
   *
   * @param train trained on
   * @param validation for choosing settings; null where the task has none
   * @param test measured, never chosen by
   */
  record Data(SpikeDataset train, SpikeDataset validation, SpikeDataset test) {}

  /** All tasks. */
  static List<Task> all() {
    return List.of(new YinYangTask(), new MnistTask(), new SequenceTask());
  }

  /**
   * The task of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  static Task of(String name) {
    for (Task task : all()) {
      if (task.name().equals(name)) {
        return task;
      }
    }
    throw new IllegalArgumentException(
        "task: expected one of "
            + all().stream().map(Task::name).toList()
            + ", got '"
            + name
            + "'.");
  }

  /** Name on the command line. */
  String name();

  /** What was published for it, in one sentence. */
  String published();

  /** Names of the classes. */
  List<String> classes();

  /**
   * Settings of a recipe; every task has {@code paper}, as published.
   *
   * @throws IllegalArgumentException if there is no such recipe
   */
  Settings settings(String recipe);

  /**
   * Loads the data.
   *
   * @param directory where data sets lie; null for the folder that the environment variable
   *     TACET_DATA names, else {@code data}
   * @throws IOException if they are missing or damaged
   */
  Data load(Path directory) throws IOException;

  /** A network with weights drawn from the seed. */
  Network build(Backend backend, Settings settings);

  /** The loss of the settings. */
  Loss loss(Settings settings);

  /** Sets up a training; the caller adds listeners and files and runs it. */
  Training training(Network network, Settings settings);

  /** Pictures of this task alone, beyond those that every training gets. */
  default void pictures(Network network, Settings settings, Data data, OutputFolder folder)
      throws IOException {}

  /** Refuses a recipe that a task does not have. */
  static IllegalArgumentException noRecipe(String recipe, String... known) {
    return new IllegalArgumentException(
        "recipe: expected one of " + List.of(known) + ", got '" + recipe + "'.");
  }
}
