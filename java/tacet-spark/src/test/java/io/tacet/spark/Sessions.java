package io.tacet.spark;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;

/** Sessions of Spark for tests. */
final class Sessions {
  private Sessions() {}

  /** A session with a master such as {@code local[2]}; the caller closes it. */
  static SparkSession of(String master, Map<String, String> settings) {
    if (master.startsWith("local-cluster")) {
      prepareHome();
    }
    SparkSession.Builder builder =
        SparkSession.builder()
            .master(master)
            .appName("tacet")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.warehouse.dir", System.getProperty("java.io.tmpdir") + "/warehouse");
    settings.forEach(builder::config);
    return builder.getOrCreate();
  }

  /**
   * Workers of a local cluster take their class path from the jars of a distribution: one jar that
   * names all of ours stands for them.
   */
  private static void prepareHome() {
    String home = System.getenv("SPARK_HOME");
    if (home == null) {
      throw new IllegalStateException("Tests of local-cluster run with SPARK_HOME, see pom.xml.");
    }
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest
        .getMainAttributes()
        .put(
            Attributes.Name.CLASS_PATH,
            Arrays.stream(classPath.split(File.pathSeparator))
                .map(entry -> Path.of(entry).toUri().toString())
                .collect(Collectors.joining(" ")));
    Path jars = Path.of(home, "jars");
    try {
      Files.createDirectories(jars);
      try (OutputStream out = Files.newOutputStream(jars.resolve("classpath.jar"));
          JarOutputStream jar = new JarOutputStream(out, manifest)) {
        jar.finish();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
