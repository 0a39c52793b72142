package io.tacet.systems.dentate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DentateNetworkTest {
  private static final int CELLS = Cells.OUTPUT.size();

  private final DentateNetwork network = DentateNetwork.draw(Model.DIRECT, 7);

  private static double[] columnSums(double[] matrix) {
    double[] sums = new double[CELLS];
    for (int i = 0; i < matrix.length; i++) {
      sums[i % CELLS] += matrix[i];
    }
    return sums;
  }

  private static double[] excitation(DentateNetwork network) {
    double[] sums = columnSums(network.weights(Pathway.INPUT_OUTPUT));
    double[] more = columnSums(network.weights(Pathway.MOSSY_OUTPUT));
    Arrays.setAll(sums, cell -> sums[cell] + more[cell]);
    return sums;
  }

  private static int[] order(double[] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .sorted((a, b) -> Double.compare(values[a], values[b]))
        .mapToInt(cell -> cell)
        .toArray();
  }

  @Test
  void aModelHasThePathwaysOfItsTable() {
    assertThat(DentateNetwork.draw(Model.LOG_NORMAL, 1).pathways())
        .containsExactly(Pathway.INPUT_OUTPUT);
    assertThat(network.pathways()).hasSize(8).doesNotContain(Pathway.OUTPUT_FEEDBACK);
    assertThat(network.without(Pathway.MOSSY_MOSSY).pathways())
        .hasSize(7)
        .doesNotContain(Pathway.MOSSY_MOSSY);
  }

  @Test
  void theMeanOfLogNormalWeightsIsExactAndThatOfUniformOnesIsBounded() {
    double mean = Model.DIRECT.means().get(Pathway.INPUT_OUTPUT);
    assertThat(Arrays.stream(network.weights(Pathway.INPUT_OUTPUT)).average().orElseThrow())
        .isCloseTo(mean, within(1e-15));
    double high = 2 * Model.DIRECT.means().get(Pathway.FEEDBACK_OUTPUT);
    assertThat(Arrays.stream(network.weights(Pathway.FEEDBACK_OUTPUT)).max().orElseThrow())
        .isBetween(0.95 * high, high);
  }

  @Test
  void noMossyCellReachesItself() {
    double[] weights = network.weights(Pathway.MOSSY_MOSSY);
    for (int i = 0; i < weights.length; i++) {
      assertThat(weights[i] == 0).isEqualTo(i % 8 == 0);
    }
  }

  @Test
  void modelsOfASeedShareTheirRandomNumbers() {
    double[] one = DentateNetwork.draw(Model.LOG_NORMAL, 7).weights(Pathway.INPUT_OUTPUT);
    double[] other = network.weights(Pathway.INPUT_OUTPUT);
    double ratio =
        Model.LOG_NORMAL.means().get(Pathway.INPUT_OUTPUT)
            / Model.DIRECT.means().get(Pathway.INPUT_OUTPUT);
    for (int i = 0; i < one.length; i++) {
      assertThat(one[i]).isCloseTo(ratio * other[i], within(1e-14));
    }
  }

  @Test
  void alignedInhibitionIsInTheOrderOfExcitationAndOpposedInTheReverse() {
    int[] byExcitation = order(excitation(network));
    int[] reversed = IntStream.range(0, CELLS).map(i -> byExcitation[CELLS - 1 - i]).toArray();
    for (Pathway pathway : new Pathway[] {Pathway.FEEDBACK_OUTPUT, Pathway.FEEDFORWARD_OUTPUT}) {
      double[] before = network.weights(pathway);
      double[] aligned = network.aligned(true).weights(pathway);
      assertThat(order(columnSums(aligned))).isEqualTo(byExcitation);
      assertThat(order(columnSums(network.aligned(false).weights(pathway)))).isEqualTo(reversed);
      Arrays.sort(before);
      Arrays.sort(aligned);
      assertThat(aligned).isEqualTo(before);
    }
    assertThat(network.aligned(true).weights(Pathway.INPUT_OUTPUT))
        .isEqualTo(network.weights(Pathway.INPUT_OUTPUT));
  }

  @Test
  void proportionalInhibitionIsThatAndAsMuchInAll() {
    double[] excitation = excitation(network);
    double[] before = columnSums(network.weights(Pathway.FEEDBACK_OUTPUT));
    double[] after = columnSums(network.proportional().weights(Pathway.FEEDBACK_OUTPUT));
    assertThat(Arrays.stream(after).sum()).isCloseTo(Arrays.stream(before).sum(), within(1e-9));
    for (int cell = 1; cell < CELLS; cell++) {
      assertThat(after[cell] / excitation[cell]).isCloseTo(after[0] / excitation[0], within(1e-9));
    }
  }
}
