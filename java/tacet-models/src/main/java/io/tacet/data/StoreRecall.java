package io.tacet.data;

import java.util.SplittableRandom;

/**
 * Store and recall: one of two symbols is shown at the beginning, and {@value #SHORTEST_MS} to
 * {@value #LONGEST_MS} ms later another, which is the same or not; that is the class. Nothing
 * happens between the two. Each class is as likely after either symbol, so what a network tells
 * apart from one symbol alone, or adds up from both, is chance: it has to remember the first when
 * the second comes. In the manner of the tasks of Bellec et al. (2018, "Long short-term memory and
 * learning-to-learn in networks of spiking neurons"), where a network recalls what it was told to
 * store.
 *
 * <p>A symbol is {@value #SPIKES} spikes of each of the {@value #GROUP} sources of its group, at
 * random times within {@value #SHOWN_MS} ms.
 */
public final class StoreRecall {
  /** Sources of a symbol. */
  public static final int GROUP = 10;

  /** Sources of both. */
  public static final int SOURCES = 2 * GROUP;

  /** Different (0) and same (1). */
  public static final int CLASSES = 2;

  /** How long a symbol is shown. */
  public static final double SHOWN_MS = 50;

  /** Shortest time from the end of the first symbol to the second. */
  public static final double SHORTEST_MS = 1000;

  /** Longest such time. */
  public static final double LONGEST_MS = 2000;

  /** Latest possible input event, in ms. */
  public static final double INPUT_MS = LONGEST_MS + 2 * SHOWN_MS;

  /** Of a source, while its symbol is shown. */
  public static final int SPIKES = 3;

  private StoreRecall() {}

  /**
   * Random samples; the same for the same size and seed on every platform.
   *
   * @param name what reports call the set
   * @param size number of samples
   * @param seed of the draws
   */
  public static SpikeDataset generate(String name, int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    SpikeDatasetBuilder builder = SpikeDataset.builder(name, SOURCES, CLASSES, INPUT_MS);
    int half = GROUP * SPIKES;
    double[] times = new double[2 * half];
    int[] sources = new int[2 * half];
    for (int i = 0; i < size; i++) {
      int first = random.nextInt(2);
      int second = random.nextInt(2);
      double later = SHOWN_MS + SHORTEST_MS + (LONGEST_MS - SHORTEST_MS) * random.nextDouble();
      for (int e = 0; e < half; e++) {
        sources[e] = first * GROUP + e / SPIKES;
        times[e] = SHOWN_MS * random.nextDouble();
        sources[half + e] = second * GROUP + e / SPIKES;
        times[half + e] = later + SHOWN_MS * random.nextDouble();
      }
      builder.add(first == second ? 1 : 0, times, sources);
    }
    return builder.build();
  }
}
