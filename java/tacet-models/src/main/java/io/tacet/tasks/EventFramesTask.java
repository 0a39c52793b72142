package io.tacet.tasks;

import io.tacet.data.EventFrames;
import io.tacet.data.SequenceData;
import io.tacet.data.SpikeDataset;
import io.tacet.network.NetworkSpec;
import io.tacet.training.CrossEntropy;
import io.tacet.training.Loss;
import java.util.List;
import java.util.stream.IntStream;

/** What tasks of event-camera recordings share: recordings cut into intervals, recurrent layers. */
abstract class EventFramesTask implements Task {
  static TaskData frames(SpikeDataset train, SpikeDataset test, Settings s) {
    List<String> classes = IntStream.range(0, train.classes()).mapToObj(Integer::toString).toList();
    int steps = s.integer("steps");
    return TaskData.labelled(
            new EventFrames(train, steps), null, new EventFrames(test, steps), classes)
        .first(s.integer("samples"));
  }

  @Override
  public final NetworkSpec network(Settings s, TaskData data) {
    return SequenceNetworks.classifier(s, (SequenceData) data.train());
  }

  @Override
  public final Loss loss(Settings s) {
    return new CrossEntropy();
  }
}
