package io.tacet.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Whether the jar of the benchmarks is what the source folder would make, and what is in it. */
final class BenchJar {
  /** A class that is there only where peers were built in. */
  private static final String PEER = "io/tacet/bench/EjmlBenchmark.class";

  private BenchJar() {}

  /** Whether the jar is missing or broken, or something that it is made from is newer. */
  static boolean stale(Path root, Path jar) throws IOException {
    if (!Files.isRegularFile(jar) || broken(jar)) {
      return true;
    }
    FileTime built = Files.getLastModifiedTime(jar);
    for (Path source : sources(root, hasPeers(jar))) {
      try (Stream<Path> files = Files.walk(source)) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          if (Files.getLastModifiedTime(file).compareTo(built) > 0) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static List<Path> sources(Path root, boolean peers) throws IOException {
    List<Path> all = new ArrayList<>();
    all.add(root.resolve("pom.xml"));
    all.add(root.resolve("cuda"));
    all.add(root.resolve("native"));
    all.add(root.resolve("bench").resolve("peers"));
    List<Path> modules = new ArrayList<>(List.of(root.resolve("bench")));
    if (Files.isDirectory(root.resolve("java"))) {
      try (Stream<Path> java = Files.list(root.resolve("java"))) {
        // The command itself is not in the jar.
        modules.addAll(java.filter(m -> !m.endsWith("tacet-cli")).toList());
      }
    }
    for (Path module : modules) {
      all.add(module.resolve("pom.xml"));
      all.add(module.resolve("src").resolve("main"));
    }
    if (peers) {
      Path bench = root.resolve("bench");
      all.add(bench.resolve("src").resolve("peers"));
      all.add(bench.resolve("nd4j").resolve("pom.xml"));
      all.add(bench.resolve("nd4j").resolve("src"));
    }
    all.removeIf(path -> !Files.exists(path));
    return all;
  }

  /** As a build that was stopped leaves it. */
  private static boolean broken(Path jar) throws IOException {
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      return zip.size() == 0;
    } catch (ZipException e) {
      return true;
    }
  }

  /** Whether peers are in the jar, so that a new one has to have them too. */
  static boolean hasPeers(Path jar) throws IOException {
    if (!Files.isRegularFile(jar) || broken(jar)) {
      return false;
    }
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      return zip.getEntry(PEER) != null;
    }
  }
}
