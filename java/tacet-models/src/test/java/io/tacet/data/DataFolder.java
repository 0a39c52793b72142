package io.tacet.data;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/** Finds published data files for tests: below the folder that TACET_DATA names. */
final class DataFolder {
  private DataFolder() {}

  /** The folder {@code name} below TACET_DATA (system property or environment); else skips. */
  static Path of(String name) {
    String root = System.getProperty("TACET_DATA", System.getenv("TACET_DATA"));
    assumeTrue(
        root != null && !root.isBlank(),
        "TACET_DATA is not set: set it to the folder that holds " + name + "/ to run this test");
    Path folder = Path.of(root).resolve(name);
    assumeTrue(Files.isDirectory(folder), "TACET_DATA has no folder " + folder);
    return folder;
  }
}
