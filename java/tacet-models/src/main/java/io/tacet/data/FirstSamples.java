package io.tacet.data;

/**
 * The first samples of a set of sequences.
 *
 * @param all the whole set
 * @param most how many at most
 */
public record FirstSamples(SequenceData all, int most) implements SequenceData {
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
