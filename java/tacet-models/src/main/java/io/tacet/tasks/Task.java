package io.tacet.tasks;

import io.tacet.network.Network;
import io.tacet.network.NetworkSpec;
import io.tacet.report.OutputFolder;
import io.tacet.training.Loss;
import io.tacet.training.Training;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A training with data, network, loss and settings; where results are published, its first recipe
 * has the published settings. {@link Tasks} lists all.
 */
public interface Task {
  /** Name on the command line. */
  String name();

  /** What it is, in a few words. */
  String summary();

  /** The published result, in one sentence; empty for tasks that cannot have one. */
  String published();

  /**
   * Check sum of the test set that {@link #published} is about, see {@link
   * io.tacet.data.Fingerprint}; null where the test set is fixed or no result is published.
   */
  default String standardTest() {
    return null;
  }

  /**
   * The settings of a configuration file without what they leave to its place: relative names of
   * files become absolute, and what the file leaves to defaults is spelled out.
   *
   * @throws IOException if they contradict each other; names file and key
   */
  default Settings placed(Settings settings, Path config) throws IOException {
    return settings;
  }

  /** What can be set, with the values of the first recipe. */
  List<Option> options();

  /**
   * Recipes by name, each as the settings it changes; the first is the default and changes none.
   */
  Map<String, Map<String, Object>> recipes();

  /**
   * Loads the data.
   *
   * @param directory where data sets lie
   * @throws IOException if they are missing or damaged
   */
  TaskData load(Path directory, Settings settings) throws IOException;

  /**
   * Data to measure a network of this task with, from a file of a user's own.
   *
   * @param labels file of the labels of a table of spikes; null for other formats
   * @param vocabulary of the model's training text; null where there is none
   * @throws IOException if it cannot be read or does not fit the network
   */
  default TaskData measuring(Settings settings, Path file, Path labels, List<String> vocabulary)
      throws IOException {
    throw new IllegalArgumentException(
        "--test: expected with a model that tacet train CONFIG made from your own data, got one of "
            + name()
            + ".");
  }

  /** The network for the data. */
  NetworkSpec network(Settings settings, TaskData data);

  /** The loss. */
  Loss loss(Settings settings);

  /** Sets up a training; the caller adds listeners and files and runs it. */
  default Training training(Network network, Settings settings) {
    return Options.apply(Training.of(network), settings).loss(loss(settings));
  }

  /** Pictures of this task alone, beyond those that every training gets. */
  default void pictures(Network network, Settings settings, TaskData data, OutputFolder folder)
      throws IOException {}
}
