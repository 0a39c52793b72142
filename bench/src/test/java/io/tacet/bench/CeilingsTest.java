package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class CeilingsTest {
  /** Bytes a second: 100 G near, 10 G far; rows of 64 B a tenth of that; 64 G multiply-adds. */
  private static Ceilings ceilings() {
    return Ceilings.of(
        List.of(
            stream("1000", 1e-8),
            stream("1000000", 1e-4),
            gather("1000", "64", CeilingBenchmark.GATHERED / 1e10),
            gather("1000000", "64", CeilingBenchmark.GATHERED / 1e9),
            gather("1000000", "1024", CeilingBenchmark.GATHERED / 5e9),
            Fixture.timing(
                "CeilingBenchmark.fma",
                new double[] {CeilingBenchmark.LANES * CeilingBenchmark.DEPTH / 64e9})),
        1);
  }

  private static Timing stream(String bytes, double seconds) {
    return Fixture.timing("CeilingBenchmark.copy", new double[] {seconds}, "bytes", bytes);
  }

  private static Timing gather(String bytes, String row, double seconds) {
    return Fixture.timing(
        "CeilingBenchmark.gatherSum", new double[] {seconds}, "bytes", bytes, "rowBytes", row);
  }

  @Test
  void theNextSmallerMemoryCounts() {
    Ceilings ceilings = ceilings();
    double infinity = Double.POSITIVE_INFINITY;
    assertThat(ceilings.bandwidth(infinity, 10)).isCloseTo(100e9, within(1e3));
    assertThat(ceilings.bandwidth(infinity, 999_999)).isCloseTo(100e9, within(1e3));
    assertThat(ceilings.bandwidth(infinity, 1_000_000)).isCloseTo(10e9, within(1e3));
  }

  /** A larger memory has shown that it can be done. */
  @Test
  void aSmallerMemoryIsNeverSlowerThanALarger() {
    Timing fma = Fixture.timing("CeilingBenchmark.fma", new double[] {1e-6});
    Ceilings disturbed =
        Ceilings.of(List.of(stream("1000", 1e-6), stream("1000000", 1e-5), fma), 1);
    assertThat(disturbed.bandwidth(Double.POSITIVE_INFINITY, 1000)).isCloseTo(100e9, within(1e3));
  }

  @Test
  void theNextLongerRowsCount() {
    Ceilings ceilings = ceilings();
    assertThat(ceilings.bandwidth(32, 1e7)).isCloseTo(1e9, within(1e3));
    assertThat(ceilings.bandwidth(64, 1e7)).isCloseTo(1e9, within(1e3));
    assertThat(ceilings.bandwidth(65, 1e7)).isCloseTo(5e9, within(1e3));
    assertThat(ceilings.bandwidth(4096, 1e7)).isCloseTo(10e9, within(1e3));
  }

  @Test
  void aBoundNamesTheCeilingThatItIsDividedBy() {
    Ceilings ceilings = ceilings();
    Ceilings.Bound memory = ceilings.time(Floor.flops(10).rows(1e6, 100, 1e7));
    assertThat(memory.seconds()).isCloseTo(1e6 / 5e9, within(1e-9));
    assertThat(memory.by()).contains("rows of 1 KiB");
    Ceilings.Bound compute = ceilings.time(Floor.flops(128e9).stream(1e6, 1e7));
    assertThat(compute.seconds()).isCloseTo(1, within(1e-9));
    assertThat(compute.by()).isEqualTo("FMA");
  }

  @Test
  void withoutMeasurementsThereAreNone() {
    assertThat(Ceilings.of(List.of(stream("1000", 1)), 1)).isNull();
    assertThat(Ceilings.of(List.of(), 2)).isNull();
  }
}
