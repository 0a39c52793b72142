package io.tacet.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code tacet bench}: starts the benchmarks, which are a program of their own in bench/ and not
 * part of the library. Builds them when they have not been built since the source has changed.
 */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    header = "Measure operations, training steps and peers against what the machine can do.",
    description = {
      "",
      "Leaves results.json (JMH), report.md, report.html and jmh.log in the folder. Needs the"
          + " source folder; with mvn -Ppeers -pl bench -am package it compares with other"
          + " libraries too.",
      ""
    })
final class BenchCommand implements Callable<Integer> {
  private static final Path JAR = Path.of("bench", "target", "benchmarks.jar");

  @ArgGroup private Length length;

  @Option(names = "--backend", defaultValue = "java", description = "java, host or cuda")
  private String backend;

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      description = "benchmarks with this in their Class.method, such as Egru; ceilings always run")
  private String only;

  @Option(
      names = "--python",
      paramLabel = "COMMAND",
      description = "Python 3 for peers on a GPU (torch, Triton, CuPy); default python3")
  private String python;

  @Option(
      names = "--keep",
      description = "add to the results in the folder; ceilings of a GPU are not measured again")
  private boolean keep;

  @Option(
      names = "--plan",
      description = "measure nothing: floors on GPUs by their data sheets, with --backend cuda")
  private boolean plan;

  @Option(names = "--out", defaultValue = "out/bench", description = "folder; default out/bench")
  private Path out;

  /** How much is measured; neither is in between. */
  private static final class Length {
    @Option(names = "--quick", description = "a few shapes, short: under five minutes")
    private boolean quick;

    @Option(names = "--full", description = "all shapes, two processes each: hours, to be kept")
    private boolean full;
  }

  @Override
  public Integer call() throws IOException {
    Path root = root(place());
    Path jar = root.resolve(JAR);
    if (BenchJar.stale(root, jar)) {
      build(root, BenchJar.hasPeers(jar));
    }
    List<String> options = ManagementFactory.getRuntimeMXBean().getInputArguments();
    return run(command(options, jar), Path.of("").toAbsolutePath(), "java");
  }

  /**
   * What starts the benchmarks: with the options of this JVM, which JMH hands on to its processes,
   * so that the product is measured as it runs.
   */
  List<String> command(List<String> options, Path jar) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(options);
    command.addAll(List.of("-cp", jar.toString(), "io.tacet.bench.Suite"));
    command.addAll(arguments());
    return command;
  }

  private List<String> arguments() {
    List<String> all = new ArrayList<>();
    if (length != null && length.quick) {
      all.add("--quick");
    }
    if (length != null && length.full) {
      all.add("--full");
    }
    all.addAll(List.of("--backend", backend));
    if (only != null) {
      all.addAll(List.of("--only", only));
    }
    if (python != null) {
      all.addAll(List.of("--python", python));
    }
    if (keep) {
      all.add("--keep");
    }
    if (plan) {
      all.add("--plan");
    }
    all.addAll(List.of("--out", out.toString()));
    return all;
  }

  private static void build(Path root, boolean peers) throws IOException {
    System.err.println("tacet: building the benchmarks, a few minutes the first time ...");
    List<String> command = new ArrayList<>(List.of("mvn", "-q", "-pl", "bench", "-am"));
    command.add("-DskipTests");
    if (peers) {
      command.add("-Ppeers");
    }
    command.addAll(options("TACET_BUILD_OPTS"));
    command.add("package");
    if (run(command, root, "mvn") != 0 || !Files.isRegularFile(root.resolve(JAR))) {
      throw new IOException(
          "the benchmarks could not be built; see above, or run "
              + String.join(" ", command)
              + ".");
    }
  }

  private static List<String> options(String variable) {
    String value = System.getenv(variable);
    return value == null || value.isBlank()
        ? List.of()
        : Arrays.asList(value.strip().split("\\s+", -1));
  }

  /** Runs a program in this terminal; its status. */
  private static int run(List<String> command, Path directory, String name) throws IOException {
    Process process;
    try {
      process = new ProcessBuilder(command).directory(directory.toFile()).inheritIO().start();
    } catch (IOException e) {
      throw new IOException(
          "no " + name + " found to run; on Debian: apt-get install maven openjdk-17-jdk-headless.",
          e);
    }
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      return Main.FAILED;
    }
  }

  /** Where this class was loaded from. */
  private static Path place() {
    try {
      return Path.of(
          BenchCommand.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("The place of a class is a path.", e);
    }
  }

  /**
   * The source folder around a place.
   *
   * @throws IOException if there is none
   */
  static Path root(Path place) throws IOException {
    for (Path folder = place.toAbsolutePath(); folder != null; folder = folder.getParent()) {
      if (Files.isRegularFile(folder.resolve("bench").resolve("pom.xml"))) {
        return folder;
      }
    }
    throw new IOException(
        "there is no bench folder around "
            + place
            + ": benchmarks come with the source. Get it and run ./tacet bench there.");
  }
}
