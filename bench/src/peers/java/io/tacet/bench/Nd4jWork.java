package io.tacet.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A computation by ND4J. It needs another version of JavaCPP than Tacet, so it is packed as a jar
 * within the jar of the benchmarks, with the classes of {@code bench/nd4j} that call it, and is
 * read by a class loader that sees nothing but the JDK and this jar. It and the native libraries
 * that JavaCPP takes out of it, 530 MB, are in a temporary folder until the process ends.
 */
final class Nd4jWork {
  /** Where JavaCPP unpacks libraries. */
  private static final String CACHE = "org.bytedeco.javacpp.cachedir";

  private static final double TOLERANCE = 1e-5;

  private static ClassLoader loaded;

  private final Runnable work;

  private Nd4jWork(Runnable work) {
    this.work = work;
  }

  /**
   * Makes an object of a class of {@code io.tacet.bench.nd4j}, a Runnable and Supplier, and lets it
   * compute once.
   *
   * @param arguments of its only constructor
   * @throws IllegalStateException if ND4J does not start here
   */
  static Nd4jWork of(String className, Object... arguments) {
    String system = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
    if (!system.equals("Linux on amd64")) {
      throw new IllegalStateException(
          "ND4J: expected Linux on amd64, the only libraries that were packed, got "
              + system
              + "; leave it out by -e Nd4j, or by --only.");
    }
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try {
      ClassLoader loader = loader();
      thread.setContextClassLoader(loader);
      Class<?> type = loader.loadClass("io.tacet.bench.nd4j." + className);
      Nd4jWork made = new Nd4jWork((Runnable) type.getConstructors()[0].newInstance(arguments));
      made.run();
      return made;
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("ND4J did not start: " + e.getCause(), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "ND4J: expected a class " + className + " with one constructor, got " + e, e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "ND4J could not be unpacked; 530 MB are needed in java.io.tmpdir: " + e.getMessage(), e);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** One for the process, as a native library is loaded once only. */
  private static synchronized ClassLoader loader() throws IOException {
    if (loaded == null) {
      loaded = unpacked();
    }
    return loaded;
  }

  private static ClassLoader unpacked() throws IOException {
    Path folder = Files.createTempDirectory("tacet-nd4j");
    Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder)));
    Path jar = folder.resolve("nd4j.jar");
    try (InputStream in = Nd4jWork.class.getResourceAsStream("nd4j.jar")) {
      if (in == null) {
        throw new IllegalStateException(
            "nd4j.jar: expected beside the benchmarks, found nothing; build them with mvn -Ppeers"
                + " -pl bench -am package.");
      }
      Files.copy(in, jar);
    }
    System.setProperty(CACHE, folder.resolve("cache").toString());
    return new URLClassLoader(
        "nd4j", new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader());
  }

  private static void remove(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      System.err.println("ND4J: could not remove " + folder + ": " + e.getMessage());
    }
  }

  /** Computes once. */
  void run() {
    work.run();
  }

  /** What the last {@link #run} computed. */
  float[] result() {
    return (float[]) ((Supplier<?>) work).get();
  }

  /** Compares what was computed last; see {@link Agreement#close}. */
  void check(String what, double... expected) {
    float[] values = result();
    double[] actual = IntStream.range(0, values.length).mapToDouble(k -> values[k]).toArray();
    Agreement.close(what, actual, expected, TOLERANCE);
  }
}
