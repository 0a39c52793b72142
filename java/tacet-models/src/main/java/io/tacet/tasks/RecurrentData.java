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

  /** Training of a network on the training set, measured on the test set; the caller closes it. */
  Trainee trainee(RecurrentNetwork network, RecurrentSettings settings);

  /** Measures a network on the test set. */
  Evaluation test(RecurrentNetwork network);

  /** What a model file keeps of the data, such as a vocabulary. */
  default Map<String, String> metadata() {
    return Map.of();
  }

  /** Name of what {@link #score} gives, such as perplexity; null where accuracy says it all. */
  default String scoreName() {
    return null;
  }

  /** A mean loss as people in the field state it. */
  default double score(double loss) {
    return loss;
  }
}
