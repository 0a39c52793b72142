package io.tacet.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backends;
import io.tacet.Thorough;
import io.tacet.cuda.CudaFatalException;
import io.tacet.cuda.HostExecution;
import io.tacet.cuda.NativeBackend;
import io.tacet.files.Json;
import io.tacet.memory.Leaks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeviceKernelsTest {
  private static final Pattern ALL = Pattern.compile("");
  private static final KernelSizes TINY = new KernelSizes(128);

  @TempDir private Path folder;
  private final List<String> said = new ArrayList<>();
  private final Kept kept = new Kept();

  private static final class Kept implements DeviceCeilings.Sink {
    final List<Map<String, Object>> entries = new ArrayList<>();
    final List<String> failures = new ArrayList<>();

    @Override
    public boolean has(String benchmark, Map<String, String> params) {
      return entries.stream()
          .anyMatch(
              e ->
                  e.get("benchmark").equals(Measured.PACKAGE + benchmark)
                      && e.get("params").equals(params));
    }

    @Override
    public void add(Map<String, Object> entry) {
      entries.add(entry);
    }

    @Override
    public void failed(String what) {
      failures.add(what);
    }

    List<Timing> timings() throws IOException {
      return Timing.parse(Json.line(entries));
    }
  }

  private static void requireLibrary() {
    Assumptions.assumeTrue(
        Backends.all().stream().anyMatch(b -> b.name().equals("host") && b.available()),
        "needs libtacet.so");
  }

  private void measure(List<KernelShape> shapes, Pattern only, double seconds) throws IOException {
    requireLibrary();
    try (NativeBackend host = NativeBackend.host(HostExecution.DEFAULT)) {
      KernelLog log = KernelLog.in(folder, true);
      new DeviceKernels(host, only, 1, log, kept, said::add).measure(shapes, seconds);
    }
  }

  private static KernelShape failing(String name, RuntimeException failure) {
    return new KernelShape(
        name,
        List.of("adam"),
        room -> {
          room.floats(16);
          throw failure;
        });
  }

  /** Every shape compares what it computes with something else before it is measured. */
  @Test
  @Thorough
  void everyKernelIsRightOnTheHostAndHasAFloor() throws IOException {
    long openBefore = Leaks.open();
    measure(KernelPlan.forProfiler(TINY), ALL, 600);
    List<KernelShape> layer = List.of(EgruShapes.layer(32, 2, 4, 0.3));
    measure(layer, ALL, 600);
    assertThat(Leaks.open()).isEqualTo(openBefore);
    assertThat(kept.failures).isEmpty();
    List<Timing> timings = kept.timings();
    assertThat(timings)
        .extracting(Timing::method)
        .contains(
            "propagationForward",
            "propagationTransposed",
            "propagationGradient",
            "egruForward",
            "egruBackward",
            "egruStep",
            "sparseEgruForward",
            "sparseEgruBackward",
            "rnnForward",
            "rnnBackward",
            "layerForward",
            "trainingPass",
            "compact",
            "expand",
            "product",
            "adam",
            "eventPropForward",
            "eventPropBackward",
            "eventPropStep");
    assertThat(timings).allSatisfy(m -> assertThat(Floors.of(m).bytes()).as("" + m).isPositive());
    assertThat(timings)
        .filteredOn(m -> m.method().equals("egruForward"))
        .extracting(Timing::note)
        .anyMatch(note -> note.contains("engine PERSISTENT"))
        .anyMatch(note -> note.contains("engine EVENT"))
        .anyMatch(note -> note.contains("engine DENSE"))
        .anyMatch(note -> note.contains("which AUTO takes"));
    assertThat(KernelTable.of(timings)).contains("| egruForward |", "| - |");
  }

  @Test
  void whatFailsIsToldAndTheRestIsMeasured() throws IOException {
    KernelShape good = PlainShapes.adam(1024);
    measure(List.of(failing("broken", new IllegalStateException("sums: differ")), good), ALL, 600);
    assertThat(kept.failures).containsExactly("broken: sums: differ");
    assertThat(kept.entries).hasSize(1);
  }

  @Test
  void aLostDeviceEndsTheProcessAndTheNextResumesAfterIt() throws IOException {
    requireLibrary();
    List<KernelShape> shapes =
        List.of(
            PlainShapes.compaction(64, 1, 0.1),
            failing("lost", new CudaFatalException("an illegal address")),
            PlainShapes.adam(1024));
    assertThatThrownBy(() -> measure(shapes, ALL, 600)).isInstanceOf(CudaFatalException.class);
    assertThat(kept.entries).hasSize(2);
    measure(shapes, ALL, 600);
    assertThat(kept.entries).hasSize(3);
    assertThat(kept.failures)
        .hasSize(2)
        .last()
        .asString()
        .contains("lost: the process that measured it ended");
    measure(shapes, ALL, 600);
    assertThat(kept.entries).as("nothing is measured twice").hasSize(3);
  }

  @Test
  void whenTheTimeIsOverTheRestIsLeftOut() throws IOException {
    measure(KernelPlan.of(TINY), ALL, -1);
    assertThat(kept.entries).isEmpty();
    assertThat(said).singleElement().asString().contains("shapes left out");
  }

  @Test
  void onlyWhatIsNamedIsMeasured() throws IOException {
    measure(List.of(PlainShapes.compaction(64, 2, 0.1)), Pattern.compile("Kernels.expand"), 600);
    assertThat(kept.failures).isEmpty();
    assertThat(kept.timings()).extracting(Timing::method).containsExactly("expand");
    assertThat(DeviceKernels.named(Pattern.compile("DeviceCeilings"))).isFalse();
    assertThat(SuiteOptions.parse("--backend", "host").kernels()).isFalse();
    assertThat(SuiteOptions.parse("--backend", "cuda").kernels()).isTrue();
  }

  /** Names are what a later process knows shapes by. */
  @Test
  void shapesHaveNamesOfTheirOwn() {
    List<KernelShape> shapes = KernelPlan.of(new KernelSizes(1));
    assertThat(shapes).hasSizeGreaterThan(60);
    assertThat(shapes).extracting(KernelShape::name).doesNotHaveDuplicates();
  }

  @Test
  void floorsAndCeilingsStandBesideTheTimes() throws IOException {
    Timing adam =
        Fixture.timing(
            "DeviceKernels.adam", new double[] {28e-3}, "backend", "cuda", "size", "1000000000");
    assertThat(KernelTable.floors(List.of(adam)).get(adam.key()))
        .containsEntry("bytes", 28e9)
        .containsEntry("phi_alg", "-");
    List<Timing> all = new ArrayList<>(DeviceCeilingsTest.ceilings());
    all.add(adam);
    Map<String, Object> floor = KernelTable.floors(all).get(adam.key());
    assertThat((double) floor.get("phi_alg")).isCloseTo(0.5, within(1e-6));
    assertThat((double) floor.get("phi_impl")).isCloseTo(0.5, within(1e-6));
    assertThat(KernelTable.of(all)).contains("50 %", "stream in DRAM");
  }

  /** Rows that were written before the ceilings were known get their phi with them. */
  @Test
  void resultsOnDiskHaveTheirFloors() throws IOException {
    measure(List.of(PlainShapes.adam(1024)), ALL, 600);
    Results results = new Results();
    results.add(kept.entries);
    Path file = folder.resolve("results.json");
    results.write(file);
    assertThat(Files.readString(file)).contains("\"floor\"", "\"median_us\"", "28672");
    assertThat(Timing.read(file)).hasSize(1);
  }

  /** Started by {@link #aProcessThatHangsIsEnded}. */
  static final class Hanging {
    private Hanging() {}

    public static void main(String[] args) throws InterruptedException {
      new Watchdog(1, () -> System.out.println("has not ended"));
      TimeUnit.HOURS.sleep(1);
    }
  }

  @Test
  void aProcessThatHangsIsEnded() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Hanging.class.getName())
            .redirectErrorStream(true)
            .start();
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(Suite.AGAIN);
    assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .contains("has not ended");
  }

  @Test
  void peersOnTheDeviceAreComparedByItsTime() {
    Timing ours =
        Fixture.timing(
            "DeviceKernels.layerForward",
            new double[] {1e-3},
            "backend",
            "cuda",
            "units",
            "512",
            "batch",
            "8",
            "steps",
            "256",
            "threshold",
            "0.3",
            "engine",
            "AUTO");
    Timing wall =
        Fixture.timing(
            "TorchRnn.forward",
            new double[] {9e-3},
            "backend",
            "cuda",
            "threads",
            "1",
            "units",
            "512",
            "batch",
            "8",
            "steps",
            "256",
            "cell",
            "LSTM");
    Timing theirs =
        new Timing(
            wall.benchmark(),
            wall.params(),
            1,
            wall.samples(),
            Double.NaN,
            new double[0],
            Map.of(DeviceTime.NAME, 2000.0));
    Analysis.Pair pair = new Analysis(List.of(ours, theirs)).pairs().get(0);
    assertThat(pair.speedUp()).isCloseTo(2, within(1e-9));
    assertThat(pair.peer()).contains("torch", "LSTM", "on device");
  }

  @Test
  void sizesAreDividedForTheHost() {
    assertThat(new KernelSizes(1).units(4096)).isEqualTo(4096);
    assertThat(TINY.units(4096)).isEqualTo(32);
    assertThatThrownBy(() -> new KernelSizes(0)).hasMessageContaining("--shrink");
    assertThatThrownBy(() -> SuiteOptions.parse("--shrink", "half")).hasMessageContaining("'half'");
  }
}
