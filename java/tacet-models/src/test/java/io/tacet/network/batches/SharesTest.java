package io.tacet.network.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SharesTest {
  @ParameterizedTest
  @CsvSource({"100, 16, 4", "103, 16, 5", "7, 16, 3", "64, 8, 8", "50, 3, 8", "9, 9, 1"})
  void samplesStayInTheirShares(int samples, int batch, int count) {
    Shares shares = new Shares(count, 0, count, true);
    int[] order = shares.order(samples, batch, share -> share.seed(5));
    assertThat(Arrays.stream(order).sorted().toArray())
        .isEqualTo(IntStream.range(0, samples).toArray());
    for (int begin = 0; begin < samples; begin += batch) {
      int end = Math.min(samples, begin + batch);
      for (int s = 0; s < count; s++) {
        Share share = new Share(s, count);
        for (int i = share.from(begin, end); i < share.to(begin, end); i++) {
          assertThat(shares.of(i, samples, batch)).isEqualTo(s);
          assertThat(shares.of(order[i], samples, batch)).isEqualTo(s);
        }
      }
    }
  }

  @Test
  void theOrderIsDrawn() {
    int[] order = new Shares(2, 0, 2, true).order(1000, 10, share -> share.seed(5));
    int[] other = new Shares(2, 0, 2, true).order(1000, 10, share -> share.seed(6));
    assertThat(order).isNotEqualTo(IntStream.range(0, 1000).toArray()).isNotEqualTo(other);
  }

  @Test
  void membersHaveAllSharesBetweenThem() {
    assertThat(Shares.of(7, 0, 3, true)).isEqualTo(new Shares(7, 0, 2, true));
    assertThat(Shares.of(7, 1, 3, true)).isEqualTo(new Shares(7, 2, 4, true));
    assertThat(Shares.of(7, 2, 3, true)).isEqualTo(new Shares(7, 4, 7, true));
  }

  @Test
  void moreMembersThanSharesAreRefused() {
    assertThatThrownBy(() -> Shares.of(2, 0, 3, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("shares: expected at least one for each of 3 members, got 2.");
  }
}
