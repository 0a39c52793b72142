package io.tacet.tasks;

import io.tacet.recurrent.RecurrentNetwork;
import io.tacet.recurrent.RecurrentSpec;
import io.tacet.training.Evaluation;
import io.tacet.training.Trainee;
import java.util.Map;

/** The data of a recurrent task, and what network they need. */
public interface RecurrentData {
  /** Structure of the network. */
  RecurrentSpec spec(RecurrentSettings settings);

  /**
   * Training of a network on the training set, measured after each epoch on the {@link #measured}
   * set; the caller closes it.
   */
  Trainee trainee(RecurrentNetwork network, RecurrentSettings settings);

  /**
   * Name of the set that epochs are measured on: test, or validation where the test set is kept for
   * the end.
   */
  default String measured() {
    return "test";
  }

  /** Measures a network on the test set. */
  Evaluation test(RecurrentNetwork network);

  /** What a model file keeps of the data, such as a vocabulary. */
  default Map<String, String> metadata() {
    return Map.of();
  }

  /**
   * A mean loss as people in the field state it, by the name that tables and JSON use; empty where
   * accuracy says it all.
   */
  default Map<String, Double> scores(double loss) {
    return Map.of();
  }

  /** The same in words, beginning with a comma; empty if there is none. */
  default String scoreText(double loss) {
    return "";
  }
}
