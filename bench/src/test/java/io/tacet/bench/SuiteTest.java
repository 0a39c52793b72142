package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run as ./tacet bench makes it, of a few benchmarks in processes of their own. */
class SuiteTest {
  private static final PlanEntry CEILING = PlanEntry.of("CeilingBenchmark", "fma");
  private static final PlanEntry COMPACT =
      PlanEntry.of("CompactionBenchmark", "compact")
          .with("n", 4096)
          .with("activity", 0.05)
          .with("threads", 1);

  @TempDir private Path folder;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private int run(List<PlanEntry> entries, String... options) throws IOException {
    // Another run may be going on: nothing here depends on times.
    System.setProperty("jmh.ignoreLock", "true");
    String[] args = new String[options.length + 3];
    System.arraycopy(options, 0, args, 0, options.length);
    args[options.length] = "--quick";
    args[options.length + 1] = "--out";
    args[options.length + 2] = folder.toString();
    try (PrintStream terminal = new PrintStream(printed, true, StandardCharsets.UTF_8)) {
      return Suite.parse(args).run(terminal, entries, List.of());
    } finally {
      System.clearProperty("jmh.ignoreLock");
    }
  }

  @Test
  void resultsAndReportsAreLeftInTheFolderAndAddedTo() throws IOException {
    assertThat(run(List.of(CEILING))).isZero();
    assertThat(run(List.of(COMPACT), "--keep")).isZero();
    List<Timing> timings = Timing.read(folder.resolve(Results.FILE));
    assertThat(timings)
        .extracting(Timing::benchmark)
        .containsExactlyInAnyOrder("CeilingBenchmark.fma", "CompactionBenchmark.compact");
    assertThat(timings).allMatch(t -> t.time() > 0 && t.samples().length == 5);
    assertThat(timings).allMatch(t -> !t.counters().containsKey(DeviceTime.NAME));
    assertThat(Environment.read(folder.resolve(Environment.FILE)).runs())
        .extracting(r -> r.get("command"))
        .containsExactly(
            "./tacet bench --quick --out " + folder,
            "./tacet bench --keep --quick --out " + folder);
    assertThat(folder.resolve("report.md")).content().contains("## Compaction", "| fma |");
    assertThat(folder.resolve("report.html")).content().contains("compact");
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .contains("[1/1] CompactionBenchmark.compact", "2 results");
  }

  @Test
  void whatCannotBeMeasuredIsSaidAndTheRestIsKept() throws IOException {
    PlanEntry missing = COMPACT.with("backend", "none");
    assertThat(run(List.of(missing, CEILING))).isEqualTo(1);
    assertThat(Timing.read(folder.resolve(Results.FILE)))
        .singleElement()
        .matches(Timing::isCeiling);
    assertThat(printed.toString(StandardCharsets.UTF_8))
        .containsPattern("not measured: CompactionBenchmark.compact .*backend=none");
  }
}
