package io.tacet.cuda.internal;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.bytedeco.javacpp.Loader;

/**
 * Loads libtacet and its JNI glue, once, from the directory that {@code tacet.library.path} names
 * or else from the jar. Never throws: errors are kept with all their causes and reported by the
 * backends and by {@code tacet doctor}.
 */
public final class NativeLibrary {
  /** Directory with libtacet.so and libjnitacet.so to use instead of the ones in the jar. */
  public static final String PATH_PROPERTY = "tacet.library.path";

  private static final String[] NAMES = {"tacet", "jnitacet"};

  private final List<String> problems = new ArrayList<>();
  private final List<Throwable> causes = new ArrayList<>();
  private Path directory;

  private NativeLibrary() {}

  /** The one load of this process. */
  public static NativeLibrary get() {
    return Holder.INSTANCE;
  }

  private static final class Holder {
    static final NativeLibrary INSTANCE = load();
  }

  /** Whether native calls work. */
  public boolean loaded() {
    return directory != null;
  }

  /** Where it was loaded from; null if it was not. */
  public Path directory() {
    return directory;
  }

  /** All locations tried without success, each with the problem and possible remedies. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** Exceptions thrown while loading. */
  public List<Throwable> causes() {
    return List.copyOf(causes);
  }

  /** Platform, named like the folders in the jar, such as {@code linux-x86_64}. */
  public static String platform() {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch");
    String family = os.startsWith("mac") ? "macosx" : os.replaceFirst(" .*", "");
    return family + "-" + (arch.equals("amd64") ? "x86_64" : arch);
  }

  private static NativeLibrary load() {
    NativeLibrary library = new NativeLibrary();
    String external = System.getProperty(PATH_PROPERTY, "");
    if (!external.isBlank()) {
      // Asked for explicitly: falling back to another library would only hide a mistake.
      library.tryDirectory(Path.of(external));
    } else {
      library.tryJar();
    }
    return library;
  }

  private void tryJar() {
    String folder = "/io/tacet/cuda/natives/" + platform() + "/";
    List<URL> resources = new ArrayList<>();
    for (String name : NAMES) {
      URL resource = NativeLibrary.class.getResource(folder + fileName(name));
      if (resource == null) {
        problems.add(
            "the jar holds no "
                + folder
                + fileName(name)
                + (platform().equals("linux-x86_64")
                    ? " (was it built with -Dtacet.native=off?)"
                    : "; natives exist for linux-x86_64 only"));
        return;
      }
      resources.add(resource);
    }
    for (Path parent : Extraction.candidates()) {
      try {
        if (tryDirectory(Extraction.extract(resources, parent))) {
          return;
        }
      } catch (IOException | RuntimeException e) {
        causes.add(e);
        problems.add("cannot extract to " + parent + ": " + e);
      }
    }
  }

  private boolean tryDirectory(Path candidate) {
    Path current = candidate;
    try {
      for (String name : NAMES) {
        current = candidate.toAbsolutePath().resolve(fileName(name));
        if (!Files.isRegularFile(current)) {
          problems.add("there is no file " + current);
          return false;
        }
        System.load(current.toString());
        // Tells JavaCPP that the library is there, so that the generated class does not look for
        // it.
        Loader.loadLibrary(NativeLibrary.class, new URL[] {current.toUri().toURL()}, name);
      }
      int version = Tacet.tacet_abi_version();
      if (version != Tacet.TACET_ABI_VERSION) {
        problems.add(
            candidate
                + " holds a library of ABI version "
                + version
                + "; this jar needs "
                + Tacet.TACET_ABI_VERSION);
        return false;
      }
      directory = candidate;
      return true;
    } catch (Throwable e) { // also errors of linking and of class initialisation
      causes.add(e);
      problems.add(LoadDiagnosis.of(current, e));
      return false;
    }
  }

  private static String fileName(String name) {
    return "lib" + name + ".so";
  }
}
