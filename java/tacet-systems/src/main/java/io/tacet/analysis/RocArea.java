package io.tacet.analysis;

/**
 * Area under the receiver operating characteristic: the probability that a positive case has a
 * higher score than a negative one, ties counting half. Of confidences in correct and in wrong
 * decisions it is the type-2 area, a measure of metacognitive sensitivity, which also rises with
 * the accuracy of the decisions: compare at matched accuracy (Fleming and Lau 2014).
 */
public final class RocArea {
  private RocArea() {}

  /**
   * The area.
   *
   * @param scores finite
   * @param positive which cases are positive, as many
   * @return in [0, 1]; NaN if there are no cases of one kind
   */
  public static double of(double[] scores, boolean[] positive) {
    if (scores.length != positive.length) {
      throw new IllegalArgumentException(
          "positive: expected "
              + scores.length
              + " cases, one for each score, got "
              + positive.length
              + ".");
    }
    double[] ranks = Correlation.ranks(scores);
    double sum = 0;
    double count = 0;
    for (int k = 0; k < ranks.length; k++) {
      sum += positive[k] ? ranks[k] : 0;
      count += positive[k] ? 1 : 0;
    }
    return (sum - count * (count + 1) / 2) / (count * (scores.length - count));
  }

  /**
   * The type-2 area from counts of ratings, as programs for meta-d' take them.
   *
   * @param first responses to stimuli of the first kind: how often "first" with the highest, ..,
   *     lowest confidence, then "second" with the lowest, .., highest; all at least 0
   * @param second the same of stimuli of the second kind
   * @param added to every count, so that none is 0: 0.5 in those programs (Hautus 1995); 0 for the
   *     area of the counts as they are
   */
  public static double ofRatings(int[] first, int[] second, double added) {
    if (first.length != second.length || first.length % 2 != 0 || first.length == 0) {
      throw new IllegalArgumentException(
          "first, second: expected twice as many counts as ratings on both sides, got "
              + first.length
              + " and "
              + second.length
              + ".");
    }
    int ratings = first.length / 2;
    double above = 0;
    double correctSoFar = 0;
    double correctAll = 0;
    double wrongAll = 0;
    for (int rating = ratings - 1; rating >= 0; rating--) {
      int low = ratings - 1 - rating;
      int high = ratings + rating;
      double correct = count("first", first, low) + count("second", second, high) + 2 * added;
      double wrong = count("first", first, high) + count("second", second, low) + 2 * added;
      above += wrong * (correctSoFar + correct / 2);
      correctSoFar += correct;
      correctAll += correct;
      wrongAll += wrong;
    }
    return above / (correctAll * wrongAll);
  }

  private static double count(String name, int[] counts, int place) {
    if (counts[place] < 0) {
      throw new IllegalArgumentException(
          name + ": expected counts of at least 0, got " + counts[place] + " at " + place + ".");
    }
    return counts[place];
  }
}
