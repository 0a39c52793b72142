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
 * A training with data, network, loss and settings; where somebody has published it, those are the
 * settings of its first recipe. {@link Tasks} lists all.
 */
public interface Task {
  /** Name on the command line. */
  String name();

  /** What it is, in a few words. */
  String summary();

  /** What was published for it, in one sentence. */
  String published();

  /**
   * Check sum of the test set that {@link #published} is about, see {@link
   * io.tacet.data.Fingerprint}; null where it is always the same, or nobody has published anything.
   */
  default String standardTest() {
    return null;
  }

  /** What can be set, with the values of the first recipe. */
  List<Option> options();

  /** Recipes by name, each as what it changes; the first is the default and changes nothing. */
  Map<String, Map<String, Object>> recipes();

  /**
   * Loads the data.
   *
   * @param directory where data sets lie
   * @throws IOException if they are missing or damaged
   */
  TaskData load(Path directory, Settings settings) throws IOException;

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
