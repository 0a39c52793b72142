package io.tacet.data;

import java.util.Arrays;

/**
 * A selection of the samples of a set of sequences, in a given order. A view.
 *
 * @param name what reports call them
 * @param all the whole set
 * @param samples indices into it; not copied
 */
record SelectedSamples(String name, SequenceData all, int[] samples) implements SequenceData {
  /** The first {@code most} samples, or all. */
  static SequenceData first(SequenceData all, int most) {
    int[] samples = new int[Math.min(most, all.size())];
    Arrays.setAll(samples, i -> i);
    return new SelectedSamples(all.name(), all, samples);
  }

  @Override
  public int size() {
    return samples.length;
  }

  @Override
  public int steps() {
    return all.steps();
  }

  @Override
  public int length(int sample) {
    return all.length(samples[sample]);
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
    return all.label(samples[sample]);
  }

  @Override
  public void fill(int sample, float[] into, int batch, int place) {
    all.fill(samples[sample], into, batch, place);
  }

  @Override
  public int targets() {
    return all.targets();
  }

  @Override
  public boolean targetsAtEveryStep() {
    return all.targetsAtEveryStep();
  }

  @Override
  public void fillTargets(int sample, float[] into, int batch, int place) {
    all.fillTargets(samples[sample], into, batch, place);
  }
}
