package io.tacet.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class BenchCommandTest {
  private static final Path JAR = Path.of("benchmarks.jar");

  @TempDir private Path root;

  private static List<String> command(List<String> options, String... args) {
    BenchCommand bench = new BenchCommand();
    new CommandLine(bench).parseArgs(args);
    return bench.command(options, JAR);
  }

  @Test
  void benchmarksRunWithTheOptionsOfThisJvm() {
    List<String> product = List.of("-XX:+UseParallelGC", "-XX:+UseTransparentHugePages");
    assertThat(command(product)).containsSubsequence(product.get(0), product.get(1), "-cp");
  }

  @Test
  void optionsReachTheSuite() {
    assertThat(
            command(
                List.of(),
                "--quick",
                "--backend",
                "host",
                "--only",
                "Egru|Event",
                "--python",
                "python9",
                "--keep",
                "--out",
                "there"))
        .endsWith(
            "io.tacet.bench.Suite",
            "--quick",
            "--backend",
            "host",
            "--only",
            "Egru|Event",
            "--python",
            "python9",
            "--keep",
            "--out",
            "there");
    assertThat(command(List.of()))
        .endsWith("io.tacet.bench.Suite", "--backend", "java", "--out", "out/bench");
    assertThat(command(List.of(), "--full")).contains("--full").doesNotContain("--quick");
  }

  @Test
  void quickAndFullExcludeEachOther() {
    assertThatThrownBy(() -> command(List.of(), "--quick", "--full"))
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessageContaining("mutually exclusive");
  }

  @Test
  void aJarOlderThanTheSourceIsBuiltAgain() throws IOException {
    Path source = file("java/tacet-core/src/main/java/A.java", 1000);
    file("java/tacet-cli/src/main/java/B.java", 9000);
    Path jar = root.resolve("bench/target/benchmarks.jar");
    assertThat(BenchJar.stale(root, jar)).isTrue();
    jar(jar, "io/tacet/bench/Suite.class");
    assertThat(BenchJar.stale(root, jar)).isFalse();
    Files.setLastModifiedTime(source, FileTime.fromMillis(3000));
    assertThat(BenchJar.stale(root, jar)).isTrue();
  }

  @Test
  void aRivalMakesOnlyAJarWithRivalsOld() throws IOException {
    Path jar = root.resolve("bench/target/benchmarks.jar");
    file("bench/nd4j/src/main/java/C.java", 3000);
    jar(jar, "io/tacet/bench/Suite.class");
    assertThat(BenchJar.stale(root, jar)).isFalse();
    jar(jar, "io/tacet/bench/EjmlBenchmark.class");
    assertThat(BenchJar.stale(root, jar)).isTrue();
  }

  @Test
  void aJarThatWasNotFinishedIsBuiltAgain() throws IOException {
    Path jar = file("bench/target/benchmarks.jar", 2000);
    assertThat(BenchJar.stale(root, jar)).isTrue();
    assertThat(BenchJar.hasPeers(jar)).isFalse();
  }

  /** A jar that was made at 2000 ms. */
  private static void jar(Path jar, String entry) throws IOException {
    Files.createDirectories(jar.getParent());
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry(entry));
    }
    Files.setLastModifiedTime(jar, FileTime.fromMillis(2000));
  }

  private Path file(String name, long modified) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "");
    return Files.setLastModifiedTime(file, FileTime.fromMillis(modified));
  }

  @Test
  void peersInTheJarAreSeen() throws IOException {
    Path jar = root.resolve("benchmarks.jar");
    assertThat(BenchJar.hasPeers(jar)).isFalse();
    jar(jar, "io/tacet/bench/Suite.class");
    assertThat(BenchJar.hasPeers(jar)).isFalse();
    jar(jar, "io/tacet/bench/EjmlBenchmark.class");
    assertThat(BenchJar.hasPeers(jar)).isTrue();
  }
}
