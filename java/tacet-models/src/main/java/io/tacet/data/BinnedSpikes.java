package io.tacet.data;

/**
 * Event times as numbers at every step: the events of each channel, counted in intervals of equal
 * length. Events at or after the end are left out.
 *
 * @param spikes the events
 * @param duration end of the last interval in ms
 * @param steps number of intervals
 */
public record BinnedSpikes(SpikeDataset spikes, double duration, int steps)
    implements SequenceData {
  @Override
  public String name() {
    return spikes.name();
  }

  @Override
  public int size() {
    return spikes.size();
  }

  @Override
  public int channels() {
    return spikes.sources();
  }

  @Override
  public int classes() {
    return spikes.classes();
  }

  @Override
  public int label(int sample) {
    return spikes.label(sample);
  }

  @Override
  public void fill(int sample, float[] into, int batch, int place) {
    int channels = channels();
    for (int t = 0; t < steps; t++) {
      int row = (t * batch + place) * channels;
      java.util.Arrays.fill(into, row, row + channels, 0);
    }
    for (int e = spikes.begin(sample); e < spikes.end(sample); e++) {
      int step = (int) Math.floor(spikes.time(e) * steps / duration);
      if (step < steps) {
        into[(step * batch + place) * channels + spikes.source(e)]++;
      }
    }
  }
}
