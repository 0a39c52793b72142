package io.tacet.cuda.internal;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jcuda.JCudaVersion;
import jcuda.LibUtils;

/**
 * Unpacks JCuda's libraries to a place where processes that start concurrently cannot interfere.
 * JCuda itself writes each to a fixed name in the folder for temporary files and loads whatever is
 * there, also what another process has written only half; but it does not write a file that exists.
 * So they are put, whole, into the private directory that the libraries of this jar use, and JCuda
 * is told that this is the folder for temporary files while it loads.
 */
final class JCudaNatives {
  private static final String TEMPORARY = "java.io.tmpdir";

  private JCudaNatives() {}

  /**
   * Lets JCuda load a library. Does nothing more where the jar of its natives is missing, or no
   * place can be written to: then JCuda looks on its own, and says what it did not find.
   *
   * @param name such as {@code JCudaRuntime}
   * @param load touches the class of JCuda that loads it
   */
  static synchronized void load(String name, Runnable load) {
    Path directory = unpacked(name);
    if (directory == null) {
      load.run();
      return;
    }
    String before = System.getProperty(TEMPORARY);
    System.setProperty(TEMPORARY, directory.toString());
    try {
      load.run();
    } finally {
      System.setProperty(TEMPORARY, before);
    }
  }

  /** The directory with the library; null if there is none. */
  private static Path unpacked(String name) {
    String file =
        LibUtils.createLibraryFileName(
            LibUtils.createPlatformLibraryName(name + "-" + JCudaVersion.get()));
    Path ours = NativeLibrary.get().directory();
    if (ours != null && Files.isRegularFile(ours.resolve(file))) {
      return ours; // beside libtacet, where somebody has put it
    }
    URL resource = LibUtils.class.getResource("/lib/" + file);
    if (resource == null) {
      return null;
    }
    for (Path parent : places(ours)) {
      try {
        return Extraction.extract(List.of(resource), parent);
      } catch (IOException e) {
        // the next place
      }
    }
    return null;
  }

  /** Where to unpack to; first where libtacet was unpacked, as programs may lie there. */
  private static List<Path> places(Path ours) {
    List<Path> places = new ArrayList<>(Extraction.candidates());
    if (ours != null && System.getProperty(NativeLibrary.PATH_PROPERTY, "").isBlank()) {
      places.add(0, ours.getParent());
    }
    return places;
  }
}
