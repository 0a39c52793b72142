package io.tacet.data;

/**
 * What a file of spikes does not say about itself; 0 for what is to follow from the file's spikes.
 * Where training and test set are in different files, the second is read with {@link
 * #of(SpikeDataset)} of the first.
 *
 * @param sources number of input channels; 0: one more than the greatest
 * @param classes number of classes; 0: one more than the greatest label
 * @param durationMs time in ms within which all spikes fall; 0: that of the last
 */
public record SpikeLayout(int sources, int classes, double durationMs) {
  /** Checks the numbers. */
  public SpikeLayout {
    if (sources < 0 || classes < 0 || !(durationMs >= 0) || Double.isInfinite(durationMs)) {
      throw new IllegalArgumentException(
          "sources, classes, durationMs: expected finite numbers of at least 0, got "
              + sources
              + ", "
              + classes
              + " and "
              + durationMs
              + ".");
    }
  }

  /** A number of sources; classes and duration follow from the spikes. */
  public static SpikeLayout sources(int sources) {
    return new SpikeLayout(sources, 0, 0);
  }

  /** That of another data set. */
  public static SpikeLayout of(SpikeDataset data) {
    return new SpikeLayout(data.sources(), data.classes(), data.durationMs());
  }

  int greatestSource() {
    return sources == 0 ? Integer.MAX_VALUE - 1 : sources - 1;
  }

  int greatestLabel() {
    return classes == 0 ? Integer.MAX_VALUE - 1 : classes - 1;
  }

  double latestMs() {
    return durationMs == 0 ? Double.MAX_VALUE : durationMs;
  }
}
