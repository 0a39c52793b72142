package io.tacet.sparse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.memory.DType;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class SynapsesTest {
  private static JavaBackend java;

  @BeforeAll
  static void open() {
    java = new JavaBackend(2);
  }

  @AfterAll
  static void close() {
    java.close();
  }

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static void rejected(ThrowingCallable call, String... words) {
    assertThatThrownBy(call)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(words);
  }

  private static CsrSynapses csr(int[] offsets, int[] indices) {
    return CsrSynapses.of(java, DType.FLOAT32, 2, 4, offsets, indices, new double[indices.length]);
  }

  @Test
  void philoxIsTheOneOfItsAuthors() {
    int[] out = new int[4];
    Philox.block(0, 0, 0, 0, 0, out);
    assertThat(out).containsExactly(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    Philox.block(-1, -1, -1, -1, -1, out);
    assertThat(out).containsExactly(0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    Philox.block(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0x299f31d0a4093822L, out);
    assertThat(out).containsExactly(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1);
  }

  @Test
  void normalWeightsInvertTheNormalDistribution() {
    // Quantiles of the normal distribution at u = (bits + 1/2) 2^-32.
    assertThat(WeightLaw.standardNormal(0x80000000)).isCloseTo(2.9e-10f, within(1e-9f));
    assertThat(WeightLaw.standardNormal(0xC0000000)).isCloseTo(0.6744898f, within(1e-6f));
    assertThat(WeightLaw.standardNormal(0x40000000)).isCloseTo(-0.6744898f, within(1e-6f));
    assertThat(WeightLaw.standardNormal(0x0CCCCCCC)).isCloseTo(-1.6448536f, within(2e-6f));
    assertThat(WeightLaw.standardNormal(0)).isCloseTo(-6.3379f, within(1e-3f));
    double sum = 0;
    double squares = 0;
    int n = 1 << 16;
    for (int k = 0; k < n; k++) {
      double z = WeightLaw.standardNormal(k << 16 | 0x8000);
      sum += z;
      squares += z * z;
    }
    assertThat(sum / n).isCloseTo(0, within(1e-6));
    assertThat(squares / n).isCloseTo(1, within(2e-4));
  }

  @Test
  void csrRejectsWhatIsNotSparseRows() {
    rejected(() -> csr(new int[] {0, 2, 1}, new int[] {0, 1, 2}), "rowOffsets", "from 0 to 3");
    rejected(() -> csr(new int[] {0, 4, 3}, new int[] {0, 1, 2}), "rowOffsets", "4 then 3");
    rejected(() -> csr(new int[] {0, 1}, new int[] {0}), "rowOffsets", "3 values", "got 2");
    rejected(() -> csr(new int[] {0, 1, 2}, new int[] {0, 4}), "indices", "0 to 3", "got 4");
    rejected(() -> csr(new int[] {0, 1, 2}, new int[] {-1, 3}), "indices", "got -1 in row 0");
    rejected(() -> csr(new int[] {0, 0, 2}, new int[] {2, 1}), "ascending", "1 after 2", "row 1");
    rejected(() -> csr(new int[] {0, 0, 2}, new int[] {2, 2}), "unique", "2 after 2");
    rejected(
        () ->
            CsrSynapses.of(
                java, DType.FLOAT32, 2, 4, new int[] {0, 1, 2}, new int[] {0, 1}, new double[3]),
        "weights",
        "expected 2",
        "got 3");
  }

  @Test
  void csrOfTriplesSortsAndRejectsDuplicates() {
    int[] rows = {1, 0, 1};
    int[] columns = {3, 2, 0};
    double[] values = {30, 2, 10};
    try (CsrSynapses s = CsrSynapses.ofTriples(java, DType.FLOAT64, 2, 4, rows, columns, values)) {
      assertThat(s.rowOffsets().toInts()).containsExactly(0, 1, 3);
      assertThat(s.indices().toShorts()).containsExactly((short) 2, (short) 0, (short) 3);
      assertThat(s.weights().toDoubles()).containsExactly(2, 10, 30);
    }
    rejected(
        () ->
            CsrSynapses.ofTriples(
                java, DType.FLOAT64, 2, 4, new int[] {1, 1}, new int[] {3, 3}, new double[2]),
        "unique",
        "3 after 3");
    rejected(
        () ->
            CsrSynapses.ofTriples(
                java, DType.FLOAT64, 2, 4, new int[] {2}, new int[] {3}, new double[1]),
        "rows",
        "0 to 1",
        "got 2");
  }

  @Test
  void csrOfDenseKeepsWhatIsNotZero() {
    try (CsrSynapses s =
        CsrSynapses.ofDense(java, DType.FLOAT32, 2, 3, new double[] {0, 5, 0, 7, 0, 8})) {
      assertThat(s.rowOffsets().toInts()).containsExactly(0, 1, 3);
      assertThat(s.weights().toDoubles()).containsExactly(5, 7, 8);
    }
  }

  @Test
  void randomCsrHasTheDensityAskedForAndDependsOnTheSeedAlone() {
    WeightLaw law = WeightLaw.uniform(-1, 1);
    try (CsrSynapses a = CsrSynapses.random(java, DType.FLOAT32, 300, 500, 0.04, law, 7);
        CsrSynapses b = CsrSynapses.random(java, DType.FLOAT32, 300, 500, 0.04, law, 7);
        CsrSynapses c = CsrSynapses.random(java, DType.FLOAT32, 300, 500, 0.04, law, 8);
        CsrSynapses full = CsrSynapses.random(java, DType.FLOAT32, 3, 5, 1, law, 8)) {
      // 6000 expected; six standard deviations of 76.
      assertThat((double) a.validate().count()).isCloseTo(6000, within(456.0));
      assertThat(a.indices().toShorts()).isEqualTo(b.indices().toShorts());
      assertThat(a.weights().toFloats()).isEqualTo(b.weights().toFloats());
      assertThat(a.indices().toShorts()).isNotEqualTo(c.indices().toShorts());
      assertThat(full.count()).isEqualTo(15);
    }
    rejected(() -> CsrSynapses.random(java, DType.FLOAT32, 3, 5, 0, law, 8), "density", "got 0.0");
  }

  @Test
  void randomFanOutHasDistinctTargets() {
    WeightLaw law = WeightLaw.constant(1);
    try (FixedFanOutSynapses s =
        FixedFanOutSynapses.random(java, DType.FLOAT32, 50, 20, 13, law, 3)) {
      assertThat(s.count()).isEqualTo(650);
      int[] indices = s.indices().toInts();
      for (int i = 0; i < 50; i++) {
        RowArrays.checkRow(indices, i * 13, i * 13 + 13, 20, "indices", i);
      }
    }
    rejected(
        () -> FixedFanOutSynapses.random(java, DType.FLOAT32, 5, 20, 21, law, 3),
        "fanOut",
        "1 to 20",
        "got 21");
  }

  @Test
  void proceduralRowsAscendAndReachTheLastTarget() {
    boolean last = false;
    for (int fanOut : new int[] {1, 2, 63, 64, 65, 1000}) {
      ProceduralSynapses s =
          new ProceduralSynapses(java, 200, 1000, fanOut, WeightLaw.constant(1), 5);
      int[] indices = new int[fanOut];
      float[] weights = new float[fanOut];
      for (int i = 0; i < 200; i++) {
        s.row(i, 0, fanOut, indices, weights);
        RowArrays.checkRow(indices, 0, fanOut, 1000, "indices", i);
        last |= fanOut < 1000 && indices[fanOut - 1] == 999;
      }
    }
    assertThat(last).isTrue();
  }

  @Test
  void blockSparseRejectsOtherSizesAndPatterns() {
    rejected(
        () -> BlockSparseSynapses.random(java, DType.FLOAT32, 9, 9, 7, 1, WeightLaw.constant(1), 1),
        "blockSize",
        "got 7");
    rejected(
        () ->
            BlockSparseSynapses.of(
                java,
                DType.FLOAT32,
                9,
                9,
                8,
                new int[] {0, 1, 2},
                new int[] {0, 2},
                new double[128]),
        "blockIndices",
        "0 to 1",
        "got 2");
  }

  @Test
  void propagationRejectsWrongShapes() {
    try (CsrSynapses s =
            CsrSynapses.random(java, DType.FLOAT32, 6, 5, 1, WeightLaw.constant(1), 1);
        EventPropagation propagation = EventPropagation.of(s, 2);
        Events events = Events.binary(java, 2, 6);
        Events others = Events.binary(java, 3, 6);
        var currents = java.allocate(DType.FLOAT32, 2, 5);
        var doubles = java.allocate(DType.FLOAT64, 2, 5)) {
      rejected(() -> propagation.forward(others, currents), "events", "batch of 2", "got 3");
      rejected(() -> propagation.forward(events, doubles), "currents", "FLOAT32", "FLOAT64");
      rejected(() -> propagation.transposed(events, currents, currents), "sums", "[2][6]");
      rejected(() -> propagation.weightGradient(events, currents, currents), "gradient", "[30]");
      rejected(() -> events.set(new int[] {1, 1}, new int[0]), "ascending", "1 after 1");
      rejected(() -> events.set(new int[] {6}, new int[0]), "below 6", "got 6");
      rejected(() -> EventPropagation.of(s, 0), "batch", "got 0");
    }
  }
}
