package io.tacet.analysis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Areas, calibration and ranks. */
class RocAreaTest {

  /** Counts and area of the docstring of metadpy, which adds half to every count. */
  @Test
  void theTypeTwoAreaOfRatingsIsThatOfAnotherProgram() {
    int[] first = {36, 24, 17, 20, 10, 12, 9, 2};
    int[] second = {1, 4, 10, 11, 19, 18, 28, 39};
    assertThat(RocArea.ofRatings(first, second, 0.5)).isCloseTo(.6998064266356949, within(1e-12));
  }

  @Test
  void ratingsAndConfidencesGiveTheSameArea() {
    int[] first = {3, 0, 2, 1};
    int[] second = {0, 2, 1, 4};
    double[] confidence = {2, 2, 2, 1, 1, 2, 1, 1, 1, 2, 2, 2, 2};
    boolean[] correct = {
      true, true, true, false, false, false, false, false, true, true, true, true, true
    };
    assertThat(RocArea.ofRatings(first, second, 0))
        .isCloseTo(RocArea.of(confidence, correct), within(1e-15));
  }

  @Test
  void theAreaIsTheFractionOfPairsInOrder() {
    SplittableRandom random = new SplittableRandom(1);
    double[] scores = new double[60];
    boolean[] positive = new boolean[60];
    for (int k = 0; k < scores.length; k++) {
      scores[k] = random.nextInt(12);
      positive[k] = random.nextInt(3) == 0;
    }
    double wins = 0;
    double pairs = 0;
    for (int a = 0; a < 60; a++) {
      for (int b = 0; b < 60; b++) {
        if (positive[a] && !positive[b]) {
          wins += scores[a] > scores[b] ? 1 : scores[a] == scores[b] ? 0.5 : 0;
          pairs++;
        }
      }
    }
    assertThat(RocArea.of(scores, positive)).isCloseTo(wins / pairs, within(1e-14));
    assertThat(RocArea.of(scores, new boolean[60])).isNaN();
  }

  @Test
  void ranksOfEqualValuesAreTheirMean() {
    assertThat(Correlation.ranks(new double[] {3, 1, 3, 2, 3})).containsExactly(4, 1, 4, 2, 4);
  }

  @Test
  void calibrationIsTheDistanceOfWhatIsSaidFromWhatHappens() {
    double[] said = {0.05, 0.05, 0.95, 0.95};
    boolean[] happened = {false, false, true, true};
    assertThat(Calibration.expectedError(said, happened, 10)).isCloseTo(0.05, within(1e-15));
    happened[2] = false;
    assertThat(Calibration.expectedError(said, happened, 10))
        .isCloseTo((0.1 + 0.9) / 4, within(1e-15));
    // One bin hides that both halves are wrong.
    boolean[] reversed = {true, true, false, false};
    assertThat(Calibration.expectedError(said, reversed, 1)).isCloseTo(0, within(1e-15));
    assertThat(Calibration.expectedError(new double[] {1}, new boolean[] {true}, 10)).isZero();
  }

  @Test
  void whatDoesNotFitIsNamed() {
    assertThatThrownBy(() -> RocArea.of(new double[2], new boolean[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("positive: expected 2 cases");
    assertThatThrownBy(() -> RocArea.of(new double[] {Double.NaN}, new boolean[1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("values: expected finite numbers, got NaN at 0");
    assertThatThrownBy(() -> RocArea.ofRatings(new int[3], new int[3], 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("twice as many counts as ratings");
    assertThatThrownBy(() -> RocArea.ofRatings(new int[] {1, -1}, new int[2], 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("first: expected counts of at least 0, got -1 at 1");
    assertThatThrownBy(() -> Calibration.expectedError(new double[] {2}, new boolean[1], 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("[0, 1], got 2.0 at 0");
  }
}
