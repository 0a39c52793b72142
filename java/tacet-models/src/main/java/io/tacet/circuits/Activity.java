package io.tacet.circuits;

import java.util.Arrays;

/**
 * What a population does: its mean rate, how irregular single neurons spike, and how much they do
 * so together.
 *
 * @param rate mean number of spikes per neuron and s
 * @param irregularity mean coefficient of variation of the intervals between spikes, over neurons
 *     with at least three spikes: 0 for a clock, 1 for a Poisson process; NaN without such neurons
 * @param correlation mean correlation coefficient of the numbers of spikes in bins of {@value
 *     #BIN_MS} ms, over all pairs of the first {@value #SAMPLE} neurons that spike; NaN with fewer
 *     than two
 */
public record Activity(double rate, double irregularity, double correlation) {
  /** Width of the bins in ms. */
  public static final double BIN_MS = 2;

  /** Neurons whose correlation is measured. */
  public static final int SAMPLE = 200;

  /**
   * Of one population.
   *
   * @param steps length of the recording in steps
   * @param dt length of a step in ms
   */
  public static Activity of(Population population, SpikeTrains spikes, long steps, double dt) {
    int[] counts = new int[population.size()];
    double[] sums = new double[population.size()];
    double[] squares = new double[population.size()];
    int[] last = new int[population.size()];
    long total = 0;
    for (int s = 0; s < spikes.count(); s++) {
      int neuron = spikes.neuron(s) - population.first();
      if (neuron < 0 || neuron >= population.size()) {
        continue;
      }
      if (counts[neuron]++ > 0) {
        double interval = spikes.step(s) - last[neuron];
        sums[neuron] += interval;
        squares[neuron] += interval * interval;
      }
      last[neuron] = spikes.step(s);
      total++;
    }
    double seconds = steps * dt / 1000;
    return new Activity(
        total / seconds / population.size(),
        irregularity(counts, sums, squares),
        correlation(population, spikes, counts, steps, dt));
  }

  private static double irregularity(int[] counts, double[] sums, double[] squares) {
    double sum = 0;
    int neurons = 0;
    for (int n = 0; n < counts.length; n++) {
      if (counts[n] > 2) {
        int intervals = counts[n] - 1;
        double mean = sums[n] / intervals;
        sum += Math.sqrt(Math.max(0, squares[n] / intervals - mean * mean)) / mean;
        neurons++;
      }
    }
    return neurons == 0 ? Double.NaN : sum / neurons;
  }

  /**
   * With counts of each neuron brought to mean 0 and variance 1, the sum over all pairs of their
   * products follows from the square of the sum over neurons in each bin.
   */
  private static double correlation(
      Population population, SpikeTrains spikes, int[] counts, long steps, double dt) {
    int bins = (int) Math.floor(steps * dt / BIN_MS + 1e-9);
    int[] place = new int[population.size()];
    Arrays.fill(place, -1);
    int sampled = 0;
    for (int n = 0; n < counts.length && sampled < SAMPLE; n++) {
      if (counts[n] > 0) {
        place[n] = sampled++;
      }
    }
    if (sampled < 2 || bins < 2) {
      return Double.NaN;
    }
    int[][] binned = new int[sampled][bins];
    for (int s = 0; s < spikes.count(); s++) {
      int neuron = spikes.neuron(s) - population.first();
      int bin = (int) Math.floor((spikes.step(s) + 0.5) * dt / BIN_MS);
      if (neuron >= 0 && neuron < place.length && place[neuron] >= 0 && bin < bins) {
        binned[place[neuron]][bin]++;
      }
    }
    double[] sum = new double[bins];
    int varying = 0;
    for (int[] row : binned) {
      varying += addStandardised(row, sum) ? 1 : 0;
    }
    double square = Arrays.stream(sum).map(x -> x * x).sum() / bins;
    return varying < 2 ? Double.NaN : (square - varying) / ((double) varying * (varying - 1));
  }

  private static boolean addStandardised(int[] row, double[] sum) {
    double mean = Arrays.stream(row).average().orElse(0);
    double variance = Arrays.stream(row).mapToDouble(x -> (x - mean) * (x - mean)).sum();
    double deviation = Math.sqrt(variance / row.length);
    for (int b = 0; deviation > 0 && b < row.length; b++) {
      sum[b] += (row[b] - mean) / deviation;
    }
    return deviation > 0;
  }
}
