package io.tacet.systems.metacog;

import io.tacet.analysis.RocArea;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Decisions about observations.
 *
 * @param readings what was read off the codes
 * @param correct whether each decision was
 */
public record Trials(Prototypes.Reading[] readings, boolean[] correct) {

  /** Fraction of correct decisions. */
  public double accuracy() {
    return fraction(IntStream.range(0, correct.length));
  }

  private double fraction(IntStream trials) {
    return trials.mapToDouble(i -> correct[i] ? 1 : 0).average().orElse(Double.NaN);
  }

  /** Confidence in each decision: the margin. */
  public double[] confidence() {
    return Arrays.stream(readings).mapToDouble(Prototypes.Reading::margin).toArray();
  }

  /** Type-2 area: that of confidence in correct against wrong decisions. */
  public double sensitivity() {
    return RocArea.of(confidence(), correct);
  }

  /** Mean fraction of active units. */
  public double active() {
    return Arrays.stream(readings).mapToDouble(Prototypes.Reading::active).average().orElse(0);
  }

  /** Accuracy of equally large groups of trials, from the least confident to the most. */
  public double[] accuracyByConfidence(int groups) {
    double[] confidence = confidence();
    int[] order =
        IntStream.range(0, confidence.length)
            .boxed()
            .sorted(Comparator.comparingDouble(i -> confidence[i]))
            .mapToInt(i -> i)
            .toArray();
    double[] accuracies = new double[groups];
    for (int g = 0; g < groups; g++) {
      int from = (int) ((long) g * order.length / groups);
      int to = (int) ((long) (g + 1) * order.length / groups);
      accuracies[g] = fraction(Arrays.stream(order, from, to));
    }
    return accuracies;
  }
}
