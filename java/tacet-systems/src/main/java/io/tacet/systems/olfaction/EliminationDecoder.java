package io.tacet.systems.olfaction;

import io.tacet.memory.DType;
import io.tacet.memory.DeviceArray;
import io.tacet.memory.Resources;
import io.tacet.sparse.Elimination;
import io.tacet.sparse.Events;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Estimation by elimination (Singh, Tchernookov and Balasubramanian, "What the odor is not", Phys.
 * Rev. E 104:024415, 2021): receptors that do not respond rule out the odorants that bind them; the
 * concentrations of the few that are left follow from the receptors that respond, by least squares
 * without negative concentrations.
 *
 * <p>With noise a receptor is silent below a threshold, a binding rules out only if the odorant
 * alone, at the least concentration to be found, would exceed the threshold by two standard
 * deviations of the noise, and rows are weighted by {@code 1 - R}, since saturated receptors tell
 * little.
 *
 * <p>Owns its arrays but not the sensitivities; closed by its creator. One thread at a time;
 * estimates use all cores, and do not depend on their number.
 */
public final class EliminationDecoder implements AutoCloseable {
  /** Responses above are taken for this one, so that noise cannot invert to a negative. */
  private static final double MOST_RESPONSE = 1 - 1e-6;

  /**
   * What is known of the responses.
   *
   * @param threshold a response that does not exceed it is silent; 0 without noise
   * @param deviation standard deviation of the noise of a response
   * @param leastConcentration of the odorants to be found
   */
  public record Noise(double threshold, double deviation, double leastConcentration) {
    /** Exact responses: whatever is 0 is silent, and every binding rules out. */
    public static final Noise NONE = new Noise(0, 0, Double.POSITIVE_INFINITY);

    public Noise {
      if (!(threshold >= 0 && deviation >= 0 && threshold + 2 * deviation < 1)
          || !(leastConcentration > 0)) {
        throw new IllegalArgumentException(
            "noise: expected a threshold and a deviation from 0 on, threshold + 2 deviation < 1 and a"
                + " positive concentration, got "
                + threshold
                + ", "
                + deviation
                + " and "
                + leastConcentration
                + ".");
      }
    }

    /** Least sensitivity of a binding that may rule out. */
    double leastSensitivity() {
      double response = threshold + 2 * deviation;
      return response / (1 - response) / leastConcentration;
    }
  }

  /**
   * What was found of one odor.
   *
   * @param candidates the odorants that are left, ascending
   * @param concentrations of each, 0 or more
   * @param active number of receptors that respond
   */
  public record Estimate(int[] candidates, double[] concentrations, int active) {

    /** Whether there are at least as many equations as unknowns. */
    public boolean determined() {
      return active >= candidates.length;
    }
  }

  private final Sensitivities sensitivities;
  private final int batch;
  private final Noise noise;
  private final Resources own = new Resources();
  private final Elimination elimination;
  private final DeviceArray activity;
  private final Events silent;
  private final Events candidates;

  /**
   * A decoder of several odors at a time.
   *
   * @param batch how many
   */
  public EliminationDecoder(Sensitivities sensitivities, int batch, Noise noise) {
    this.sensitivities = sensitivities;
    this.batch = batch;
    this.noise = noise;
    int receptors = sensitivities.receptors();
    try (Resources brief = new Resources()) {
      elimination = own.own(Elimination.of(sensitivities.pattern(noise.leastSensitivity(), brief)));
      activity = own.own(sensitivities.backend().allocate(DType.FLOAT32, batch, receptors));
      silent = own.own(Events.binary(sensitivities.backend(), batch, receptors));
      candidates = own.own(Events.binary(sensitivities.backend(), batch, sensitivities.odorants()));
    } catch (RuntimeException | Error e) {
      own.close();
      throw e;
    }
  }

  /**
   * The odorants that no silent receptor rules out. Without noise they include all that are
   * present.
   *
   * @param responses [batch][receptors]
   * @return this decoder's, until its next call
   */
  public Events eliminate(double[] responses) {
    if (responses.length != batch * sensitivities.receptors()) {
      throw new IllegalArgumentException(
          "responses: expected ["
              + batch
              + "]["
              + sensitivities.receptors()
              + "], got "
              + responses.length
              + " numbers.");
    }
    silent.compactSilent(activity.copyFrom(responses), noise.threshold());
    return elimination.candidates(silent, candidates);
  }

  /** {@link #eliminate} as Java arrays: ascending odorants of each odor of the batch. */
  public int[][] candidates(double[] responses) {
    Events left = eliminate(responses);
    int[] counts = left.counts().toInts();
    int[] units = left.units().toInts();
    int[][] lists = new int[batch][];
    for (int b = 0; b < batch; b++) {
      int list = b * left.capacity();
      lists[b] = Arrays.copyOfRange(units, list, list + counts[b]);
    }
    return lists;
  }

  /**
   * Odorants and concentrations of each odor of the batch.
   *
   * @param responses [batch][receptors], each below 1 but for noise
   */
  public Estimate[] estimate(double[] responses) {
    int[][] lists = candidates(responses);
    int receptors = sensitivities.receptors();
    Estimate[] all = new Estimate[batch];
    IntStream.range(0, batch)
        .parallel()
        .forEach(
            b ->
                all[b] =
                    estimate(
                        lists[b],
                        Arrays.copyOfRange(responses, b * receptors, (b + 1) * receptors)));
    return all;
  }

  private Estimate estimate(int[] found, double[] responses) {
    int[] row = new int[responses.length];
    int active = 0;
    for (int i = 0; i < responses.length; i++) {
      row[i] = (float) responses[i] > (float) noise.threshold() ? active++ : -1;
    }
    double[] weights = new double[active];
    double[] target = new double[active];
    for (int i = 0; i < responses.length; i++) {
      if (row[i] >= 0) {
        double response = Math.min(responses[i], MOST_RESPONSE);
        weights[row[i]] = 1 - response;
        target[row[i]] = response;
      }
    }
    int[][] rows = new int[found.length][];
    double[][] values = new double[found.length][];
    for (int c = 0; c < found.length; c++) {
      int odorant = found[c];
      int bindings = sensitivities.bindings(odorant);
      rows[c] =
          IntStream.range(0, bindings)
              .map(k -> row[sensitivities.receptor(odorant, k)])
              .filter(r -> r >= 0)
              .toArray();
      values[c] = new double[rows[c].length];
      for (int k = 0, at = 0; k < bindings; k++) {
        int r = row[sensitivities.receptor(odorant, k)];
        if (r >= 0) {
          values[c][at++] = weights[r] * sensitivities.sensitivity(odorant, k);
        }
      }
    }
    double[] concentrations = new NonNegativeLeastSquares(rows, values, target).solve();
    return new Estimate(found, concentrations, active);
  }

  @Override
  public void close() {
    own.close();
  }
}
