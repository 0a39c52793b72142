package io.tacet.data;

import java.util.Arrays;

/**
 * Spike trains cut into equal intervals of time: the input of a step is the number of events of
 * each source in it, at most {@value #MOST}.
 */
public final class EventFrames implements SequenceData {
  private static final int MOST = 4;

  private final SpikeDataset data;
  private final int steps;

  /**
   * @param steps number of intervals of the data's duration
   */
  public EventFrames(SpikeDataset data, int steps) {
    if (steps < 1) {
      throw new IllegalArgumentException("steps: expected at least 1, got " + steps + ".");
    }
    this.data = data;
    this.steps = steps;
  }

  @Override
  public String name() {
    return data.name();
  }

  @Override
  public int size() {
    return data.size();
  }

  @Override
  public int steps() {
    return steps;
  }

  @Override
  public int channels() {
    return data.sources();
  }

  @Override
  public int classes() {
    return data.classes();
  }

  @Override
  public int label(int sample) {
    return data.label(sample);
  }

  @Override
  public void fill(int sample, float[] into, int batch, int place) {
    int channels = channels();
    for (int t = 0; t < steps; t++) {
      int from = (t * batch + place) * channels;
      Arrays.fill(into, from, from + channels, 0);
    }
    double perMs = steps / data.durationMs();
    int end = data.end(sample);
    for (int e = data.begin(sample); e < end; e++) {
      int t = Math.min(steps - 1, (int) (data.time(e) * perMs));
      int at = (t * batch + place) * channels + data.source(e);
      into[at] = Math.min(MOST, into[at] + 1);
    }
  }
}
