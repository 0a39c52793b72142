package io.tacet.tasks;

import io.tacet.data.SequenceData;
import io.tacet.recurrent.RecurrentNetwork;
import io.tacet.recurrent.RecurrentSpec;
import io.tacet.recurrent.SequenceTrainee;
import io.tacet.training.Evaluation;
import io.tacet.training.Trainee;

/** Sequences to classify. */
record LabelledSequences(SequenceData train, SequenceData test) implements RecurrentData {
  @Override
  public RecurrentSpec spec(RecurrentSettings s) {
    return new RecurrentSpec(
        train.channels(),
        false,
        0,
        s.hidden(),
        train.classes(),
        false,
        false,
        s.trainThresholds(),
        s.thresholdMean(),
        s.precision(),
        s.options(),
        s.bidirectional(),
        s.thresholdDraw());
  }

  @Override
  public Trainee trainee(RecurrentNetwork network, RecurrentSettings s) {
    SequenceData used = s.samples() == 0 ? train : new Head(train, s.samples());
    return new SequenceTrainee(network, used, test, s.training());
  }

  @Override
  public Evaluation test(RecurrentNetwork network) {
    return SequenceTrainee.evaluate(network, test);
  }

  /** The first samples of a set. */
  private record Head(SequenceData all, int most) implements SequenceData {
    @Override
    public String name() {
      return all.name();
    }

    @Override
    public int size() {
      return Math.min(most, all.size());
    }

    @Override
    public int steps() {
      return all.steps();
    }

    @Override
    public int channels() {
      return all.channels();
    }

    @Override
    public int classes() {
      return all.classes();
    }

    @Override
    public int label(int sample) {
      return all.label(sample);
    }

    @Override
    public void fill(int sample, float[] into, int batch, int place) {
      all.fill(sample, into, batch, place);
    }
  }
}
