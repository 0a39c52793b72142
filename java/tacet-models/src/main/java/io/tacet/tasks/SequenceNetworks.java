package io.tacet.tasks;

import io.tacet.data.SequenceData;
import io.tacet.data.Text;
import io.tacet.network.InputSpec;
import io.tacet.network.LayerSpec;
import io.tacet.network.NetworkSpec;
import io.tacet.network.cells.EmbeddingCell;
import io.tacet.network.cells.LinearReadout;
import io.tacet.network.cells.LinearReadout.Reads;
import java.util.ArrayList;
import java.util.List;

/** Networks of recurrent layers that tasks share. */
final class SequenceNetworks {
  private SequenceNetworks() {}

  /** Recurrent layers whose trace is read out at the end of a sequence. */
  static NetworkSpec classifier(Settings s, SequenceData train) {
    List<LayerSpec> layers = new ArrayList<>(Options.layers(s));
    layers.add(new LinearReadout.Spec(train.classes(), Reads.TRACE, false));
    return new NetworkSpec(new InputSpec.Sequence(train.channels()), s.precision(), layers);
  }

  /** Recurrent layers that predict the next token at every step. */
  static NetworkSpec language(Settings s, Text train) {
    int vocabulary = train.vocabulary().size();
    List<LayerSpec> layers = new ArrayList<>();
    if (s.integer("embedding") > 0) {
      layers.add(new EmbeddingCell.Spec(s.integer("embedding")));
    }
    layers.addAll(Options.layers(s));
    layers.add(new LinearReadout.Spec(vocabulary, Reads.EVERY_STEP, s.flag("tied")));
    return new NetworkSpec(new InputSpec.Tokens(vocabulary), s.precision(), layers);
  }
}
