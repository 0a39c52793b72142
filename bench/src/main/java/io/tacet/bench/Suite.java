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
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * {@code ./tacet bench}: runs the benchmarks of a {@link Plan} one after the other, each in a
 * process of its own, and leaves results.json (JMH's format), machine.json, report.md, report.html
 * and jmh.log in a folder. On the cuda backend the ceilings of the device come first and {@link
 * Peers} last. Results and reports are written after every run, so that what was measured is kept
 * when the rest is not.
 */
public final class Suite {
  private static final int REPETITIONS = 50;
  private static final int QUICK_REPETITIONS = 20;

  private final Plan.Size size;
  private final String backend;
  private final Pattern only;
  private final Path out;
  private final String python;
  private final boolean keep;
  private final String command;
  private final Results results = new Results();
  private Environment environment;

  private Suite(
      Plan.Size size,
      String backend,
      Pattern only,
      Path out,
      String python,
      boolean keep,
      String command) {
    this.size = size;
    this.backend = backend;
    this.only = only;
    this.out = out;
    this.python = python;
    this.keep = keep;
    this.command = command;
  }

  /** Options are those of {@code ./tacet bench --help}. Status 1: something could not be run. */
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
    Plan.Size size = Plan.Size.DEFAULT;
    String backend = "java";
    Pattern only = Pattern.compile("");
    Path out = Path.of("out", "bench");
    String python = "python3";
    boolean keep = false;
    for (int k = 0; k < args.length; k++) {
      String option = args[k];
      if (option.equals("--quick")) {
        size = Plan.Size.QUICK;
      } else if (option.equals("--full")) {
        size = Plan.Size.FULL;
      } else if (option.equals("--keep")) {
        keep = true;
      } else if (k + 1 == args.length) {
        throw new IllegalArgumentException(
            option
                + ": expected --quick, --full, --keep, or --backend, --only, --out or --python with"
                + " a value.");
      } else {
        String value = args[++k];
        switch (option) {
          case "--backend" -> backend = value;
          case "--only" -> only = pattern(value);
          case "--out" -> out = Path.of(value);
          case "--python" -> python = value;
          default ->
              throw new IllegalArgumentException(
                  option
                      + ": expected --quick, --full, --keep, --backend, --only, --out or"
                      + " --python.");
        }
      }
    }
    if (!List.of("java", "host", "cuda").contains(backend)) {
      throw new IllegalArgumentException(
          "--backend: expected java, host or cuda, got '" + backend + "'.");
    }
    String command = ("./tacet bench " + String.join(" ", args)).strip();
    return new Suite(size, backend, only, out, python, keep, command);
  }

  private static Pattern pattern(String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "--only: expected a regular expression, got '" + regex + "': " + e.getDescription() + ".",
          e);
    }
  }

  private int run(PrintStream terminal) throws IOException {
    boolean cuda = backend.equals("cuda");
    List<Plan.Entry> entries = Plan.of(size, backend, only);
    List<String> scripts = cuda ? Peers.scripts(only) : List.of();
    String ceilings = cuda ? "DeviceCeilings" : "CeilingBenchmark";
    if (entries.stream().allMatch(e -> e.className().equals(ceilings))
        && scripts.isEmpty()
        && !only.matcher(ceilings).find()) {
      throw new IllegalArgumentException(
          "--only: no benchmark of this run has '"
              + only
              + "' in its name, such as PropagationBenchmark.forward.");
    }
    return run(terminal, entries, scripts);
  }

  /** Measures what is given, and leaves the results in the folder. */
  int run(PrintStream terminal, List<Plan.Entry> entries, List<String> scripts) throws IOException {
    long began = System.nanoTime();
    environment = Environment.find(command, backend);
    // Says what is missing before anything is measured.
    try (Backend opened = Machine.open(backend, 1)) {
      Files.createDirectories(out);
      terminal.println("Benchmarks on " + opened.name() + ", results in " + out);
      if (opened instanceof NativeBackend device) {
        environment = environment.with("dense products", device.denseProducts());
      }
    }
    if (keep) {
      results.keep(out.resolve(Results.FILE));
      Path earlier = out.resolve(Environment.FILE);
      if (Files.isRegularFile(earlier)) {
        environment = environment.after(Environment.read(earlier));
      }
    }
    write();
    List<String> failures = new ArrayList<>();
    if (backend.equals("cuda")) {
      new DeviceRun(results, this::write, terminal, failures)
          .measure(size == Plan.Size.QUICK ? QUICK_REPETITIONS : REPETITIONS);
    }
    failures.addAll(measure(terminal, entries));
    if (!scripts.isEmpty()) {
      Peers peers = new Peers(python, out.resolve("peers"), terminal::println);
      peers.run(
          size,
          scripts,
          entry -> {
            results.add(List.of(entry));
            write();
          });
      failures.addAll(peers.failures());
    }
    double seconds = (System.nanoTime() - began) * 1e-9;
    environment = environment.finished(seconds);
    write();
    terminal.printf(
        Locale.ROOT,
        "%d results, %d:%02d min; see %s%n",
        results.size(),
        (int) seconds / 60,
        (int) seconds % 60,
        out.resolve("report.html"));
    failures.forEach(f -> terminal.println("not measured: " + f));
    return failures.isEmpty() ? 0 : 1;
  }

  /** Runs JMH; returns what could not be measured. */
  private List<String> measure(PrintStream terminal, List<Plan.Entry> entries) throws IOException {
    int total = entries.stream().mapToInt(Plan.Entry::runs).sum();
    List<String> failures = new ArrayList<>();
    try (PrintStream log =
        new PrintStream(
            Files.newOutputStream(out.resolve("jmh.log")), true, StandardCharsets.UTF_8)) {
      RunProgress progress = new RunProgress(terminal, log, total);
      for (Plan.Entry entry : entries.stream().flatMap(e -> e.apart().stream()).toList()) {
        progress.begin(entry);
        try {
          results.addRuns(new Runner(options(entry), progress).run());
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

  private org.openjdk.jmh.runner.options.Options options(Plan.Entry entry) {
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(entry.include())
            .threads(entry.jmhThreads())
            .addProfiler(GCProfiler.class);
    entry.params().forEach((name, values) -> options.param(name, values.toArray(new String[0])));
    // FULL takes what the benchmarks themselves ask for, in two forks.
    switch (size) {
      case QUICK ->
          options
              .forks(1)
              // Several: the end of the first is news to the compiler, which then starts over.
              .warmupIterations(entry.slowToCompile() ? 5 : 3)
              .warmupTime(TimeValue.milliseconds(entry.slowToCompile() ? 500 : 100))
              .measurementIterations(5)
              .measurementTime(TimeValue.milliseconds(200));
      case DEFAULT ->
          options
              .forks(1)
              .warmupIterations(3)
              .warmupTime(TimeValue.milliseconds(entry.slowToCompile() ? 1500 : 500))
              .measurementIterations(5)
              .measurementTime(TimeValue.milliseconds(500));
      case FULL -> options.forks(2);
    }
    return options.build();
  }

  private void write() throws IOException {
    AtomicFile.writeText(out.resolve(Environment.FILE), environment.toJson());
    results.write(out.resolve(Results.FILE));
    Report.write(out);
  }
}
