package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.BackendUnavailableException;
import io.tacet.cuda.NativeBackend;
import io.tacet.files.AtomicFile;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * {@code ./tacet bench}: runs the benchmarks of a {@link Plan} one after the other, each in a
 * process of its own, and leaves results.json (JMH's format), machine.json, report.md, report.html
 * and jmh.log in a folder. On the cuda backend the ceilings of the device come first, then {@link
 * DeviceKernels}, and {@link Peers} last. Results are written after every run, so that they survive
 * if a later run fails, and reports at the end.
 */
public final class Suite {
  private static final int REPETITIONS = 50;
  private static final int QUICK_REPETITIONS = 20;

  /** Status: the process or the device failed, and another run with --keep resumes. */
  static final int AGAIN = 3;

  private final SuiteOptions options;
  private final Results results = new Results();
  private Environment environment;

  private Suite(SuiteOptions options) {
    this.options = options;
  }

  /**
   * Options are those of {@code ./tacet bench --help}. Status 1: something could not be measured.
   */
  public static void main(String[] args) {
    System.exit(run(System.out, System.err, args));
  }

  private static int run(PrintStream terminal, PrintStream errors, String... args) {
    try {
      return parse(args).run(terminal);
    } catch (IllegalArgumentException | IOException | BackendUnavailableException e) {
      errors.println("tacet bench: " + e.getMessage());
      return 1;
    }
  }

  static Suite parse(String... args) {
    return new Suite(SuiteOptions.parse(args));
  }

  private int run(PrintStream terminal) throws IOException {
    if (options.launchOnly()) {
      return launch(terminal);
    }
    if (options.plan()) {
      return plan(terminal);
    }
    boolean cuda = options.backend().equals("cuda");
    List<PlanEntry> entries = Plan.of(options.size(), options.backend(), options.only());
    List<String> scripts = cuda ? Peers.scripts(options.only()) : List.of();
    String ceilings = cuda ? "DeviceCeilings" : "CeilingBenchmark";
    if (entries.stream().allMatch(e -> e.className().equals(ceilings))
        && scripts.isEmpty()
        && !options.kernels()
        && !options.only().matcher(ceilings).find()) {
      throw new IllegalArgumentException(
          "--only: no benchmark of this run has '"
              + options.only()
              + "' in its name, such as PropagationBenchmark.forward.");
    }
    return run(terminal, entries, scripts);
  }

  /** Shows what could be reached at best. */
  private int plan(PrintStream terminal) {
    if (!options.backend().equals("cuda")) {
      throw new IllegalArgumentException(
          "--plan: expected --backend cuda, whose ceilings data sheets know, got "
              + options.backend()
              + "; other backends measure theirs.");
    }
    terminal.print(FloorPlan.table(FloorPlan.of(Plan.of(options.size(), "cuda", options.only()))));
    return 0;
  }

  /** Shows kernels to a profiler. */
  private int launch(PrintStream terminal) {
    try (NativeBackend device = (NativeBackend) Machine.open(options.backend(), 1)) {
      new DeviceKernels(device, options.only(), 0, null, null, terminal::println)
          .launch(KernelPlan.forProfiler(options.sizes()));
    }
    return 0;
  }

  /** Runs the plan and writes the results to the folder. */
  int run(PrintStream terminal, List<PlanEntry> entries, List<String> scripts) throws IOException {
    long began = System.nanoTime();
    begin(terminal);
    List<String> failures = new ArrayList<>();
    DeviceRun device = new DeviceRun(results, this::save, terminal, failures);
    int repetitions = options.size() == Plan.Size.QUICK ? QUICK_REPETITIONS : REPETITIONS;
    if (options.backend().equals("cuda") && options.ceilings()) {
      device.measure(repetitions);
    }
    boolean usable = !options.kernels() || device.kernels(options, repetitions);
    failures.addAll(measure(terminal, entries));
    if (!scripts.isEmpty()) {
      Peers peers = new Peers(options.python(), options.out().resolve("peers"), terminal::println);
      peers.run(
          options.size(),
          scripts,
          entry -> {
            results.add(List.of(entry));
            save();
          });
      failures.addAll(peers.failures());
    }
    double seconds = (System.nanoTime() - began) * 1e-9;
    environment = environment.finished(seconds);
    write();
    terminal.print(KernelTable.of(results.timings()));
    terminal.printf(
        Locale.ROOT,
        "%d results, %d:%02d min; see %s%n",
        results.size(),
        (int) seconds / 60,
        (int) seconds % 60,
        options.out().resolve("report.html"));
    failures.forEach(f -> terminal.println("not measured: " + f));
    return !usable ? AGAIN : failures.isEmpty() ? 0 : 1;
  }

  /** Reports what is missing before anything is measured, and loads earlier results. */
  private void begin(PrintStream terminal) throws IOException {
    environment = Environment.find(options.command(), options.backend());
    try (Backend opened = Machine.open(options.backend(), 1)) {
      Files.createDirectories(options.out());
      terminal.println("Benchmarks on " + opened.name() + ", results in " + options.out());
      if (opened instanceof NativeBackend device) {
        environment = environment.with("dense products", device.denseProducts());
      }
    }
    if (options.keep()) {
      results.keep(options.out().resolve(Results.FILE));
      Path earlier = options.out().resolve(Environment.FILE);
      if (Files.isRegularFile(earlier)) {
        environment = environment.after(Environment.read(earlier));
      }
    }
    write();
  }

  /** Runs JMH; returns what could not be measured. */
  private List<String> measure(PrintStream terminal, List<PlanEntry> entries) throws IOException {
    int total = entries.stream().mapToInt(PlanEntry::runs).sum();
    List<String> failures = new ArrayList<>();
    if (entries.isEmpty()) {
      // The log of an earlier run that this one adds to stays.
      return failures;
    }
    try (PrintStream log =
        new PrintStream(
            Files.newOutputStream(options.out().resolve("jmh.log")),
            true,
            StandardCharsets.UTF_8)) {
      RunProgress progress = new RunProgress(terminal, log, total);
      for (PlanEntry entry : entries.stream().flatMap(e -> e.apart().stream()).toList()) {
        progress.begin(entry);
        try {
          results.addRuns(new Runner(jmh(entry), progress).run());
        } catch (RunnerException e) {
          if (e.getMessage() != null && e.getMessage().contains("lock")) {
            throw new IOException(
                "another run of JMH is going on, and the two would disturb each other; wait for it,"
                    + " or set TACET_JAVA_OPTS=-Djmh.ignoreLock=true.",
                e);
          }
          failures.add(entry.className() + ": " + e.getMessage());
        }
        progress.end();
        write();
      }
      failures.addAll(progress.failures());
    }
    return failures;
  }

  private org.openjdk.jmh.runner.options.Options jmh(PlanEntry entry) {
    ChainedOptionsBuilder jmh =
        new OptionsBuilder()
            .include(entry.include())
            .threads(entry.jmhThreads())
            .addProfiler(GCProfiler.class);
    entry.params().forEach((name, values) -> jmh.param(name, values.toArray(new String[0])));
    // FULL takes what the benchmarks themselves ask for, in two forks.
    switch (options.size()) {
      case QUICK ->
          jmh.forks(1)
              // Several: the end of the first is news to the compiler, which then starts over.
              .warmupIterations(entry.slowToCompile() ? 5 : 3)
              .warmupTime(TimeValue.milliseconds(entry.slowToCompile() ? 500 : 100))
              .measurementIterations(5)
              .measurementTime(TimeValue.milliseconds(200));
      case DEFAULT ->
          jmh.forks(1)
              .warmupIterations(3)
              .warmupTime(TimeValue.milliseconds(entry.slowToCompile() ? 1500 : 500))
              .measurementIterations(5)
              .measurementTime(TimeValue.milliseconds(500));
      case FULL -> jmh.forks(2);
    }
    return jmh.build();
  }

  /** Saves the results; writing reports would take longer than measuring a kernel. */
  private void save() throws IOException {
    AtomicFile.writeText(options.out().resolve(Environment.FILE), environment.toJson());
    results.write(options.out().resolve(Results.FILE));
  }

  private void write() throws IOException {
    save();
    Report.write(options.out());
  }
}
