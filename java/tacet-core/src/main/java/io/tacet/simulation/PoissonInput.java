package io.tacet.simulation;

import io.tacet.Backend;
import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Expect;
import io.tacet.memory.Resources;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Independent Poisson processes, one per neuron: in each step, a neuron receives a Poisson
 * distributed number of events, each of which adds its weight to the current.
 *
 * <p>The numbers are a pure function of the seed, the step t and the neuron n, and the same on
 * every backend: 32 random bits w become the smallest k with {@code w < 2^32 P(X <= k)}. Numbers
 * that are less likely than 2^-32 do not occur. The upper 8 bits of w, which mostly suffice, are
 * byte {@code n % 4} of word {@code n / 4 % 4} of the {@link io.tacet.sparse.Philox} block with
 * counter {@code (n / 16, low word of t, high word of t, 4)} and the seed as its key; the others
 * are the upper 24 bits of the first word of the block with counter {@code (n, low word of t, high
 * word of t, 5)}.
 *
 * <p>Neurons of equal rate share a class. A class has a row of {@code limits}, of which element k
 * is {@code ceil(2^32 P(X <= k)) - 1 - 2^31}, so that integers compare like w - 2^31; and a row of
 * {@code starts}, for each value of the upper 8 bits: the number if they decide it, else {@code -1
 * - k} with the smallest number k that w may become. Owns its arrays.
 *
 * @param classes INT32 [neurons], row of each neuron
 * @param limits INT32 [classes][width], ascending, the last one the largest integer
 * @param starts INT32 [classes][256]
 * @param weights [neurons]
 * @param seed key of the draws
 */
public record PoissonInput(
    DeviceArray classes, DeviceArray limits, DeviceArray starts, DeviceArray weights, long seed)
    implements AutoCloseable {

  /** Fourth counter word of the upper 8 bits. */
  public static final int DOMAIN = 4;

  /** Fourth counter word of the lower 24 bits. */
  public static final int LOWER_DOMAIN = 5;

  /** Elements of a row of starts: one for each value of the upper 8 bits. */
  public static final int STARTS = 256;

  /** Events per step that a neuron may receive on average. */
  public static final double LARGEST_MEAN = 500;

  private static final double TWO_32 = 0x1p32;

  public PoissonInput {
    Expect.ints("classes", classes, weights, weights.length());
    Expect.ints("limits", limits, weights, limits.length());
    Expect.ints("starts", starts, weights, limits.shape()[0] * STARTS);
  }

  /**
   * From the mean number of events per step of each neuron; the caller closes the result.
   *
   * @param type element type of the weights
   * @param means [neurons], from 0 to {@link #LARGEST_MEAN}: rate x length of a step
   * @param weights [neurons], finite
   * @throws IllegalArgumentException naming the neuron, if a value is out of range
   */
  public static PoissonInput of(
      Backend backend, DType type, double[] means, double[] weights, long seed) {
    check(means, weights);
    Map<Double, Integer> numbers = new LinkedHashMap<>();
    int[] classes = new int[means.length];
    for (int n = 0; n < means.length; n++) {
      classes[n] = numbers.computeIfAbsent(means[n] + 0.0, mean -> numbers.size());
    }
    int[][] rows = numbers.keySet().stream().map(PoissonInput::limits).toArray(int[][]::new);
    int width = Arrays.stream(rows).mapToInt(row -> row.length).max().orElse(1);
    int[] limits = new int[Math.multiplyExact(rows.length, width)];
    int[] starts = new int[rows.length * STARTS];
    Arrays.fill(limits, Integer.MAX_VALUE);
    for (int c = 0; c < rows.length; c++) {
      System.arraycopy(rows[c], 0, limits, c * width, rows[c].length);
      fillStarts(rows[c], starts, c * STARTS);
    }
    Resources made = new Resources();
    try {
      return new PoissonInput(
          made.own(backend.of(classes)),
          made.own(backend.of(limits, rows.length, width)),
          made.own(backend.of(starts, rows.length, STARTS)),
          made.own(backend.allocate(type, weights.length)).copyFrom(weights),
          seed);
    } catch (RuntimeException | Error e) {
      made.close();
      throw e;
    }
  }

  private static void check(double[] means, double[] weights) {
    if (means.length == 0 || means.length != weights.length) {
      throw new IllegalArgumentException(
          "means, weights: expected one of each per neuron, got "
              + means.length
              + " and "
              + weights.length
              + ".");
    }
    for (int n = 0; n < means.length; n++) {
      if (!(means[n] >= 0 && means[n] <= LARGEST_MEAN) || !Double.isFinite(weights[n])) {
        throw new IllegalArgumentException(
            "means, weights: expected 0 to "
                + LARGEST_MEAN
                + " events per step and a finite weight, got "
                + means[n]
                + " and "
                + weights[n]
                + " for neuron "
                + n
                + ".");
      }
    }
  }

  /** The row of a class: as many limits as differ from the largest integer, and that one. */
  private static int[] limits(double mean) {
    int[] row = new int[64];
    double probability = StrictMath.exp(-mean);
    double below = probability;
    int k = 0;
    while (true) {
      long limit = (long) StrictMath.ceil(TWO_32 * below) - 1 + Integer.MIN_VALUE;
      // Rounding may keep the sum below 1 by more than 2^-32 for large means.
      boolean last = limit >= Integer.MAX_VALUE || (k > mean && probability < 1 / TWO_32);
      row[k++] = last ? Integer.MAX_VALUE : (int) limit;
      if (last) {
        return Arrays.copyOf(row, k);
      }
      if (k == row.length) {
        row = Arrays.copyOf(row, 2 * k);
      }
      probability *= mean / k;
      below += probability;
    }
  }

  private static void fillStarts(int[] limits, int[] starts, int at) {
    int k = 0;
    for (int upper = 0; upper < STARTS; upper++) {
      int smallest = (upper << 24) ^ Integer.MIN_VALUE;
      while (smallest > limits[k]) {
        k++;
      }
      starts[at + upper] = (smallest | 0xffffff) <= limits[k] ? k : -1 - k;
    }
  }

  /** Number of limits of each class. */
  public int width() {
    return Math.toIntExact(limits.shape()[1]);
  }

  @Override
  public void close() {
    classes.close();
    limits.close();
    starts.close();
    weights.close();
  }
}
