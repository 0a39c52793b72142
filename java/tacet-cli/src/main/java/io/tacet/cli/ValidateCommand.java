package io.tacet.cli;

import io.tacet.files.Json;
import io.tacet.report.OutputFolder;
import io.tacet.systems.Report;
import io.tacet.systems.Validation;
import io.tacet.systems.ValidationRun;
import io.tacet.systems.Validations;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tacet validate NAME|all}. */
@Command(
    name = "validate",
    mixinStandardHelpOptions = true,
    header = "Validate published systems of neuroscience against their figures.",
    description = {
      "Each is simulated or trained, its figures are shown beside those of the source, and the exit"
          + " status is 1 when one of its gates fails.",
      ""
    })
final class ValidateCommand implements Callable<Integer> {
  @Parameters(
      paramLabel = "SYSTEM",
      completionCandidates = Names.class,
      description = "one of ${COMPLETION-CANDIDATES}")
  private String system;

  @Option(
      names = "--quick",
      description = "few seeds and trials, and only the gates that hold with so few")
  private boolean quick;

  @Option(names = "--seeds", paramLabel = "N", description = "number of seeds or replicas")
  private int seeds;

  @Option(names = "--trials", paramLabel = "N", description = "number of trials of a condition")
  private int trials;

  @Option(
      names = "--backend",
      defaultValue = "java",
      description = "java (default), host, cuda or auto")
  private String backend;

  @Option(names = "--out", description = "folder for pictures; default out/validate-SYSTEM")
  private Path out;

  @Option(names = "--json", description = "print one line of JSON a system, and nothing else")
  private boolean json;

  /** Names on the command line. */
  static final class Names implements Iterable<String> {
    @Override
    public java.util.Iterator<String> iterator() {
      return java.util.stream.Stream.concat(
              Validations.all().stream().map(Validation::name), java.util.stream.Stream.of("all"))
          .iterator();
    }
  }

  @Override
  public Integer call() throws IOException {
    List<Validation> chosen =
        system.equals("all") ? Validations.all() : List.of(Validations.of(system));
    int failures = 0;
    for (Validation validation : chosen) {
      failures += validate(validation);
    }
    return failures == 0 ? 0 : Main.FAILED;
  }

  private int validate(Validation validation) throws IOException {
    Path folder = out == null ? Path.of("out", "validate-" + validation.name()) : out;
    if (out != null && system.equals("all")) {
      folder = out.resolve(validation.name());
    }
    ValidationRun run =
        new ValidationRun(backend, quick, seeds, trials, OutputFolder.create(folder));
    if (!json) {
      System.out.println(validation.name() + ": " + validation.title());
      System.out.println(validation.source());
    }
    Report report = new Report(line -> say("  " + line));
    long begin = System.nanoTime();
    validation.run(run, report);
    double seconds = (System.nanoTime() - begin) * 1e-9;
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("system", validation.name());
    result.put("backend", backend);
    result.put("quick", quick);
    result.put("seconds", seconds);
    result.put("failures", report.failures());
    result.putAll(report.entries());
    run.out().writeJson("validation.json", result);
    if (json) {
      System.out.println(Json.line(result));
    }
    say(
        String.format(
            Locale.ROOT,
            "%s: %d of %d gates passed in %.1f s; pictures and figures: %s",
            validation.name(),
            report.gates().size() - report.failures(),
            report.gates().size(),
            seconds,
            folder));
    return report.failures();
  }

  private void say(String line) {
    if (!json) {
      System.out.println(line);
    }
  }
}
