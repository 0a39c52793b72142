package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backends;
import io.tacet.cuda.HostExecution;
import io.tacet.cuda.NativeBackend;
import io.tacet.files.Json;
import io.tacet.memory.Leaks;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class DeviceCeilingsTest {
  private static final double TERA = 1e12;

  /** Keeps what is measured and has room for a number of entries. */
  private static final class Kept implements DeviceCeilings.Sink {
    final List<Map<String, Object>> entries = new ArrayList<>();
    final List<String> failures = new ArrayList<>();
    private final Results results = new Results();
    private int room = Integer.MAX_VALUE;

    @Override
    public boolean has(String benchmark, Map<String, String> params) {
      return results.has(benchmark, params);
    }

    @Override
    public void add(Map<String, Object> entry) {
      if (entries.size() == room) {
        throw new IllegalStateException("no room for " + entry.get("benchmark"));
      }
      entries.add(entry);
      results.add(List.of(entry));
    }

    @Override
    public void failed(String what) {
      failures.add(what);
    }
  }

  @Test
  void whatFailsIsToldAndTheRestIsKept() {
    assumeHost();
    Kept kept = new Kept();
    kept.room = 3;
    try (NativeBackend host = NativeBackend.host(HostExecution.DEFAULT)) {
      DeviceCeilings.measure(host, 1, kept);
    }
    assertThat(kept.entries).hasSize(3);
    assertThat(kept.failures)
        .hasSize(5)
        .first(InstanceOfAssertFactories.STRING)
        .contains("DeviceCeilings.memory: no room");
  }

  private static void assumeHost() {
    Assumptions.assumeTrue(
        Backends.all().stream().anyMatch(b -> b.name().equals("host") && b.available()),
        "needs libtacet.so");
  }

  /** The kernels check what they compute, on the host as on a GPU. */
  @Test
  void everyCeilingIsRightOnTheHost() throws Exception {
    assumeHost();
    long openBefore = Leaks.open();
    Kept kept = new Kept();
    try (NativeBackend host = NativeBackend.host(HostExecution.DEFAULT)) {
      DeviceCeilings.measure(host, 2, kept);
      int all = kept.entries.size();
      DeviceCeilings.measure(host, 2, kept);
      assertThat(kept.entries).as("nothing is measured twice").hasSize(all);
    }
    assertThat(Leaks.open()).isEqualTo(openBefore);
    assertThat(kept.failures).isEmpty();
    List<Timing> timings = Timing.parse(Json.line(kept.entries));
    assertThat(timings).hasSizeGreaterThan(45);
    assertThat(timings).allMatch(Timing::isCeiling).allMatch(t -> t.samples().length == 2);
    Map<String, Long> counts =
        timings.stream().collect(Collectors.groupingBy(Timing::method, Collectors.counting()));
    assertThat(counts)
        .containsEntry("copy", 2L)
        .containsEntry("read", 2L)
        .containsEntry("gather", 2L * DeviceCeilings.ROWS.size())
        .containsEntry("sharedAdd", 12L)
        .containsEntry("toHost", 2L)
        .containsKeys("add", "fma", "mma", "node", "barrier", "toDevice");
    // What a report needs is there.
    assertThat(Ceilings.ofDevice(timings)).isNotNull();
    assertThat(Report.markdown(timings, Fixture.environment()))
        .contains("## Ceilings of the GPU", "rowBytes 64");
  }

  private static Timing ceiling(String method, double perSecond, String... params) {
    Timing plain = Fixture.timing("DeviceCeilings." + method, new double[] {1}, params);
    return new Timing(
        plain.benchmark(),
        plain.params(),
        1,
        plain.samples(),
        Double.NaN,
        new double[0],
        Map.of("work", perSecond));
  }

  static List<Timing> ceilings() {
    return List.of(
        ceiling("read", 8 * TERA, "memory", "L2", "from", "0"),
        ceiling("gather", 4 * TERA, "memory", "L2", "from", "0", "rowBytes", "64"),
        ceiling("read", 2 * TERA, "memory", "DRAM", "from", "40000000"),
        ceiling("gather", TERA, "memory", "DRAM", "from", "40000000", "rowBytes", "64"),
        ceiling("fma", 50 * TERA),
        ceiling("node", 1e6),
        ceiling("barrier", 5e5));
  }

  @Test
  void arraysBelowTheSizeOfTheCacheTakeItsRate() {
    Ceilings device = Ceilings.ofDevice(ceilings());
    double infinity = Double.POSITIVE_INFINITY;
    assertThat(device.bandwidth(infinity, 39e6)).isCloseTo(8 * TERA, within(1e3));
    assertThat(device.bandwidth(infinity, 41e6)).isCloseTo(2 * TERA, within(1e3));
    assertThat(device.bandwidth(64, 41e6)).isCloseTo(TERA, within(1e3));
    assertThat(device.time(Floor.flops(0).stream(TERA, 1e9)).by()).isEqualTo("stream in DRAM");
    assertThat(Ceilings.ofDevice(ceilings().subList(0, 5))).isNull();
  }

  @Test
  void stepsThatWaitForEachOtherTakeTheShorterOfBarrierAndNode() {
    Floor floor = Floor.flops(50 * TERA).steps(100);
    Ceilings.Bound bound = Ceilings.ofDevice(ceilings()).time(floor);
    assertThat(bound.seconds()).isCloseTo(1 + 100e-6, within(1e-9));
    assertThat(bound.by()).isEqualTo("FMA");
    assertThat(Ceilings.ofDevice(ceilings()).time(Floor.flops(0).steps(3)).by()).isEqualTo("steps");
  }

  @Test
  void aMeasurementOnTheGpuIsDividedByItsCeilings() {
    List<Timing> all = new ArrayList<>(ceilings());
    all.add(
        Fixture.timing(
            "OptimizerBenchmark.adam",
            new double[] {28e-3},
            "backend",
            "cuda",
            "threads",
            "1",
            "size",
            "1000000000"));
    Analysis.Row row = new Analysis(all).rows().get(0);
    assertThat(row.bound().by()).isEqualTo("stream in DRAM");
    assertThat(row.phi()).isCloseTo(0.5, within(1e-6));
    assertThat(row.phiOfAlgorithm()).isEqualTo(row.phi());
  }
}
