package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.BackendUnavailableException;
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
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.results.format.ResultFormatFactory;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * {@code ./tacet bench}: runs the benchmarks of a {@link Plan} one after the other, each in a
 * process of its own, and leaves results.json (JMH's format), machine.json, report.md, report.html
 * and jmh.log in a folder. Results are written after every entry, so that what was measured is kept
 * when the rest is not.
 */
public final class Suite {
  private final Plan.Size size;
  private final String backend;
  private final Pattern only;
  private final Path out;
  private final String command;

  private Suite(Plan.Size size, String backend, Pattern only, Path out, String command) {
    this.size = size;
    this.backend = backend;
    this.only = only;
    this.out = out;
    this.command = command;
  }

  /** Options are those of {@code ./tacet bench --help}. Status 1: something could not be run. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  private static int run(String[] args) {
    try {
      return parse(args).run();
    } catch (IllegalArgumentException | IOException | BackendUnavailableException e) {
      System.err.println("tacet bench: " + e.getMessage());
      return 1;
    }
  }

  static Suite parse(String... args) {
    Plan.Size size = Plan.Size.DEFAULT;
    String backend = "java";
    Pattern only = Pattern.compile("");
    Path out = Path.of("out", "bench");
    for (int k = 0; k < args.length; k++) {
      String option = args[k];
      if (option.equals("--quick")) {
        size = Plan.Size.QUICK;
      } else if (option.equals("--full")) {
        size = Plan.Size.FULL;
      } else if (k + 1 == args.length) {
        throw new IllegalArgumentException(
            option + ": expected --quick, --full, or --backend, --only or --out with a value.");
      } else {
        String value = args[++k];
        switch (option) {
          case "--backend" -> backend = value;
          case "--only" -> only = pattern(value);
          case "--out" -> out = Path.of(value);
          default ->
              throw new IllegalArgumentException(
                  option + ": expected --quick, --full, --backend, --only or --out.");
        }
      }
    }
    if (!List.of("java", "host", "cuda").contains(backend)) {
      throw new IllegalArgumentException(
          "--backend: expected java, host or cuda, got '" + backend + "'.");
    }
    String command = ("./tacet bench " + String.join(" ", args)).strip();
    return new Suite(size, backend, only, out, command);
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

  private int run() throws IOException {
    List<Plan.Entry> entries = Plan.of(size, backend, only);
    if (entries.stream().allMatch(e -> e.className().equals("CeilingBenchmark"))
        && !only.matcher("CeilingBenchmark").find()) {
      throw new IllegalArgumentException(
          "--only: no benchmark of this run has '"
              + only
              + "' in its name, such as PropagationBenchmark.forward.");
    }
    // Says what is missing before anything is measured.
    try (Backend backendOpens = Machine.open(backend, 1)) {
      Files.createDirectories(out);
      System.out.println("Benchmarks on " + backendOpens.name() + ", results in " + out);
    }
    Environment environment = Environment.find(command, backend);
    AtomicFile.writeText(out.resolve("machine.json"), environment.toJson());
    int total = entries.stream().mapToInt(Plan.Entry::runs).sum();
    long began = System.nanoTime();
    List<RunResult> results = new ArrayList<>();
    List<String> failures = new ArrayList<>();
    try (PrintStream log =
        new PrintStream(
            Files.newOutputStream(out.resolve("jmh.log")), true, StandardCharsets.UTF_8)) {
      RunProgress progress = new RunProgress(System.out, log, total);
      for (Plan.Entry entry : entries) {
        progress.begin(entry);
        try {
          results.addAll(new Runner(options(entry), progress).run());
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
        write(results);
      }
      failures.addAll(progress.failures());
    }
    double seconds = (System.nanoTime() - began) * 1e-9;
    environment = environment.finished(seconds);
    AtomicFile.writeText(out.resolve("machine.json"), environment.toJson());
    Report.write(out);
    System.out.printf(
        Locale.ROOT,
        "%d of %d benchmarks in %d:%02d min; see %s%n",
        results.size(),
        total,
        (int) seconds / 60,
        (int) seconds % 60,
        out.resolve("report.html"));
    failures.forEach(f -> System.out.println("not measured: " + f));
    return failures.isEmpty() ? 0 : 1;
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
              .warmupIterations(1)
              .warmupTime(TimeValue.milliseconds(300))
              .measurementIterations(5)
              .measurementTime(TimeValue.milliseconds(200));
      case DEFAULT ->
          options
              .forks(1)
              .warmupIterations(3)
              .warmupTime(TimeValue.milliseconds(500))
              .measurementIterations(5)
              .measurementTime(TimeValue.milliseconds(500));
      case FULL -> options.forks(2);
    }
    return options.build();
  }

  private void write(List<RunResult> results) throws IOException {
    AtomicFile.write(
        out.resolve("results.json"),
        file -> {
          PrintStream text = new PrintStream(file, false, StandardCharsets.UTF_8);
          ResultFormatFactory.getInstance(ResultFormatType.JSON, text).writeOut(results);
          text.flush();
        });
  }
}
