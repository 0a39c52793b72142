package io.tacet.data;

import java.util.SplittableRandom;

/**
 * Sequence detection: three channels spike once each, and the class is the order in which they do.
 * The intervals are random, so the class follows from no single time and no event count: a network
 * needs memory.
 */
public final class Sequences {
  /** Input channels. */
  public static final int SOURCES = 3;

  /** Orders of three channels. */
  public static final int CLASSES = 6;

  /** Latest possible input event, in ms. */
  public static final double INPUT_MS = 40;

  private static final int[][] ORDERS = {
    {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}
  };
  private static final double FIRST_MS = 10;
  private static final double SHORTEST_MS = 6;
  private static final double LONGEST_MS = 14;

  private Sequences() {}

  /**
   * Random sequences; the same for the same size and seed on every platform.
   *
   * @param name what reports call the set
   * @param size number of samples
   * @param seed of the draws
   */
  public static SpikeDataset generate(String name, int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    SpikeDatasetBuilder builder = SpikeDataset.builder(name, SOURCES, CLASSES, INPUT_MS);
    double[] times = new double[SOURCES];
    for (int i = 0; i < size; i++) {
      int label = random.nextInt(CLASSES);
      times[0] = FIRST_MS * random.nextDouble();
      for (int k = 1; k < SOURCES; k++) {
        times[k] = times[k - 1] + SHORTEST_MS + (LONGEST_MS - SHORTEST_MS) * random.nextDouble();
      }
      builder.add(label, times, ORDERS[label]);
    }
    return builder.build();
  }

  /** What the classes are called, such as ABC. */
  public static String nameOf(int label) {
    StringBuilder name = new StringBuilder();
    for (int channel : ORDERS[label]) {
      name.append((char) ('A' + channel));
    }
    return name.toString();
  }
}
