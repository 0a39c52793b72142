package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class SpikeDatasetTest {
  private static SpikeDataset small() {
    return SpikeDataset.builder("small", 4, 3, 10)
        .add(2, new double[] {5, 1, 5}, new int[] {3, 0, 1})
        .add(0, new double[] {}, new int[] {})
        .add(1, new double[] {10, 0}, new int[] {2, 2})
        .build();
  }

  @Test
  void eventsAreSortedByTimeAndThenBySource() {
    SpikeDataset data = small();
    assertThat(data.times()).containsExactly(1, 5, 5, 0, 10);
    assertThat(data.eventSources()).containsExactly(0, 1, 3, 2, 2);
    assertThat(data.offsets()).containsExactly(0, 3, 3, 5);
    assertThat(data.labels()).containsExactly(2, 0, 1);
  }

  @Test
  void aSubsetTakesSamplesInTheGivenOrderAndMayRepeatThem() {
    SpikeDataset subset = small().subset(2, 0, 2);
    assertThat(subset.labels()).containsExactly(1, 2, 1);
    assertThat(subset.offsets()).containsExactly(0, 2, 5, 7);
    assertThat(subset.times()).containsExactly(0, 10, 1, 5, 5, 0, 10);
  }

  @Test
  void aSliceIsTheSubsetOfItsRange() {
    SpikeDataset slice = small().slice(1, 3);
    SpikeDataset subset = small().subset(1, 2);
    assertThat(slice.offsets()).isEqualTo(subset.offsets());
    assertThat(slice.times()).isEqualTo(subset.times());
    assertThat(slice.eventSources()).isEqualTo(subset.eventSources());
    assertThat(slice.labels()).isEqualTo(subset.labels());
  }

  @Test
  void gatheringTakesOneBatchOfAnEpoch() {
    int[] epoch = {2, 1, 0};
    assertThat(small().gather(epoch, 1, 3).labels()).containsExactly(0, 2);
    assertThat(small().gather(epoch, 1, 1).size()).isZero();
  }

  @Test
  void shufflingKeepsEverySampleAndDependsOnlyOnTheSeed() {
    int[] order = SpikeDataset.permutation(1000, 7);
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    for (int i = 0; i < 1000; i++) {
      assertThat(sorted[i]).isEqualTo(i);
    }
    assertThat(order).isEqualTo(SpikeDataset.permutation(1000, 7));
    assertThat(order).isNotEqualTo(SpikeDataset.permutation(1000, 8));
    assertThat(small().shuffled(7).events()).isEqualTo(5);
  }

  @Test
  void changingAReturnedArrayDoesNotChangeTheData() {
    SpikeDataset data = small();
    data.times()[0] = 99;
    data.labels()[0] = 99;
    assertThat(data.time(0)).isEqualTo(1);
    assertThat(data.label(0)).isEqualTo(2);
  }

  @Test
  void aValueOutOfRangeIsRefusedByNameAndSample() {
    SpikeDatasetBuilder builder = SpikeDataset.builder("toy", 2, 2, 10);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add(2, new double[0], new int[0]))
        .withMessage("label: expected a class in [0, 2) for sample 0 of toy, got 2.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add(0, new double[] {11}, new int[] {0}))
        .withMessageContaining("eventTimes[0]: expected a time in [0, 10.0] ms");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add(0, new double[] {Double.NaN}, new int[] {0}))
        .withMessageContaining("got NaN");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add(0, new double[] {1}, new int[] {-1}))
        .withMessageContaining("expected a source in [0, 2)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.add(0, new double[] {1}, new int[] {}))
        .withMessageContaining("one per event time");
    assertThat(builder.build().size()).isZero();
  }

  @Test
  void anIndexOutsideTheDataIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> small().subset(3))
        .withMessage("sample: expected an index in [0, 3), got 3.");
    assertThatIllegalArgumentException().isThrownBy(() -> small().slice(2, 4));
    assertThatIllegalArgumentException().isThrownBy(() -> small().gather(new int[2], 1, 3));
  }
}
