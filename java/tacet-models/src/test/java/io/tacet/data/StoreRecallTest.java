package io.tacet.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StoreRecallTest {
  @Test
  void theSecondSymbolComesOneToTwoSecondsAfterTheFirst() {
    SpikeDataset data = StoreRecall.generate("test", 200, 1);
    int same = 0;
    for (int i = 0; i < data.size(); i++) {
      int half = (data.end(i) - data.begin(i)) / 2;
      int second = data.begin(i) + half;
      assertThat(data.time(second - 1)).isLessThanOrEqualTo(StoreRecall.SHOWN_MS);
      assertThat(data.time(second))
          .isBetween(
              StoreRecall.SHOWN_MS + StoreRecall.SHORTEST_MS,
              2 * StoreRecall.SHOWN_MS + StoreRecall.LONGEST_MS);
      int before = data.source(data.begin(i)) / StoreRecall.GROUP;
      boolean repeated = before == data.source(second) / StoreRecall.GROUP;
      assertThat(data.label(i)).isEqualTo(repeated ? 1 : 0);
      same += data.label(i);
    }
    assertThat(same).isBetween(70, 130);
  }
}
