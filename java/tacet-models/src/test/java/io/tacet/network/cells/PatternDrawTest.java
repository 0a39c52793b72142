package io.tacet.network.cells;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.network.Connectivity;
import io.tacet.network.cells.PatternDraw.Pattern;
import io.tacet.sparse.CsrSynapses;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Patterns of every kind: what they must have, and that they take no more than they hold. */
class PatternDrawTest {
  private static Pattern draw(Connectivity connectivity, int from, int to) {
    Pattern pattern = PatternDraw.of(connectivity, from, to, new SplittableRandom(3));
    CsrSynapses.checkPattern(from, to, pattern.offsets(), pattern.indices());
    return pattern;
  }

  @Test
  void smallPatternsAreThoseOfANumberForEachPair() {
    SplittableRandom random = new SplittableRandom(3);
    int[] expected = random.doubles(40 * 30).mapToInt(d -> d < 0.2 ? 1 : 0).toArray();
    Pattern pattern = draw(new Connectivity.Random(0.2), 40, 30);
    int[] found = new int[expected.length];
    for (int i = 0; i < 40; i++) {
      for (int s = pattern.offsets()[i]; s < pattern.offsets()[i + 1]; s++) {
        found[30 * i + pattern.indices()[s]] = 1;
      }
    }
    assertThat(found).isEqualTo(expected);
  }

  @Test
  void largePatternsTakeTimeByTheirSynapses() {
    int units = 2_000_000;
    Pattern pattern = draw(new Connectivity.Random(5e-8), units, units);
    // 4e12 pairs: a number for each would take hours. The deviation is 447.
    assertThat(pattern.count()).isBetween(197_500, 202_500);
    long low = Arrays.stream(pattern.indices()).filter(m -> m < units / 2).count();
    assertThat(low / (double) pattern.count()).isBetween(0.49, 0.51);
    assertThat(pattern.offsets()[units / 2] / (double) pattern.count()).isBetween(0.49, 0.51);
  }

  @Test
  void aFullPatternHasEveryPair() {
    assertThat(draw(new Connectivity.Random(1), 2100, 2100).count()).isEqualTo(2100 * 2100);
  }

  @Test
  void everyTargetHasItsFanInAndEverySourceItsFanOut() {
    Pattern in = draw(new Connectivity.FanIn(7), 20, 33);
    int[] counts = new int[33];
    Arrays.stream(in.indices()).forEach(m -> counts[m]++);
    assertThat(counts).containsOnly(7);
    Pattern out = draw(new Connectivity.FanOut(7), 20, 33);
    for (int i = 0; i < 20; i++) {
      assertThat(out.offsets()[i + 1] - out.offsets()[i]).isEqualTo(7);
    }
    assertThat(draw(new Connectivity.FanIn(20), 20, 33).count()).isEqualTo(20 * 33);
  }

  @Test
  void blocksAreSquareAndCutAtTheEdges() {
    Pattern pattern = draw(new Connectivity.Blocks(0.4, 8), 30, 21);
    boolean[][] there = new boolean[30][21];
    for (int i = 0; i < 30; i++) {
      for (int s = pattern.offsets()[i]; s < pattern.offsets()[i + 1]; s++) {
        there[i][pattern.indices()[s]] = true;
      }
    }
    int blocks = 0;
    for (int i = 0; i < 30; i++) {
      for (int m = 0; m < 21; m++) {
        assertThat(there[i][m]).isEqualTo(there[i - i % 8][m - m % 8]);
        blocks += there[i][m] && i % 8 == 0 && m % 8 == 0 ? 1 : 0;
      }
    }
    assertThat(blocks).isBetween(1, 11);
  }

  @Test
  void gatesShareAPatternOrHaveTheirOwn() {
    Connectivity half = new Connectivity.Random(0.5);
    Pattern shared = PatternDraw.gates(half, 9, 8, 3, false, new SplittableRandom(1));
    Pattern own = PatternDraw.gates(half, 9, 8, 3, true, new SplittableRandom(1));
    for (Pattern pattern : new Pattern[] {shared, own}) {
      CsrSynapses.checkPattern(9, 24, pattern.offsets(), pattern.indices());
    }
    assertThat(gate(shared, 1)).isEqualTo(gate(shared, 0)).isEqualTo(gate(shared, 2));
    assertThat(gate(own, 0)).isEqualTo(gate(shared, 0));
    assertThat(gate(own, 1)).isNotEqualTo(gate(own, 0)).isNotEqualTo(gate(own, 2));
  }

  private static int[] gate(Pattern pattern, int gate) {
    return Arrays.stream(pattern.indices()).filter(m -> m / 8 == gate).map(m -> m % 8).toArray();
  }

  @Test
  void aGivenPatternIsTakenAsItIsAndRefusedWithoutItsRows() {
    int[] offsets = {0, 2, 2, 3};
    int[] indices = {0, 4, 1};
    Connectivity.Given given = Connectivity.Given.of(offsets, indices);
    Pattern pattern = draw(given, 3, 5);
    assertThat(pattern.offsets()).isEqualTo(offsets);
    assertThat(pattern.indices()).isEqualTo(indices);
    Connectivity read = new Connectivity.Given(3, 3, given.checksum(), null, null);
    assertThat(read).isEqualTo(given);
    assertThat(Connectivity.Given.of(offsets, new int[] {0, 4, 2})).isNotEqualTo(given);
    assertThatThrownBy(() -> draw(read, 3, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Load the model file", "Connection.pattern");
  }

  @Test
  void aPatternWithoutSynapsesIsRefused() {
    assertThatThrownBy(() -> draw(new Connectivity.Random(1e-9), 3, 5))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("density", "drew none", "1.0E-9");
  }
}
