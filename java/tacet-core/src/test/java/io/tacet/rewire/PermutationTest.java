package io.tacet.rewire;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PermutationTest {
  @Test
  void everyNumberOccursOnce() {
    for (int count : new int[] {1, 2, 3, 16, 255, 256, 257, 1000, 5000}) {
      Permutation permutation = new Permutation(count, 3, count);
      Set<Long> seen = new HashSet<>();
      for (int k = 0; k < count; k++) {
        long at = permutation.at(k);
        assertThat(at).isBetween(0L, count - 1L);
        assertThat(seen.add(at)).isTrue();
      }
    }
  }

  @Test
  void largeDomainsAreCovered() {
    long count = 3L << 40;
    Permutation permutation = new Permutation(count, 5, 0);
    Set<Long> seen = new HashSet<>();
    long upper = 0;
    for (int k = 0; k < 1000; k++) {
      long at = permutation.at(k);
      assertThat(at).isBetween(0L, count - 1);
      assertThat(seen.add(at)).isTrue();
      upper += at > count / 2 ? 1 : 0;
    }
    assertThat(upper).isBetween(430L, 570L);
  }

  @Test
  void seedAndStepSelectIt() {
    long one = new Permutation(1L << 40, 1, 0).at(0);
    assertThat(new Permutation(1L << 40, 1, 0).at(0)).isEqualTo(one);
    assertThat(new Permutation(1L << 40, 2, 0).at(0)).isNotEqualTo(one);
    assertThat(new Permutation(1L << 40, 1, 1).at(0)).isNotEqualTo(one);
  }
}
