package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.reference.JavaBackend;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Opens backends by a benchmark parameter: a name and a number of threads. */
final class Machine {
  private static final Pattern NAME = Pattern.compile("(java|host)-([1-9][0-9]*)|cuda");

  private Machine() {}

  /**
   * Opens a backend or fails with what is missing, before anything is measured.
   *
   * @param name {@code java-N} or {@code host-N} with N threads, or {@code cuda}
   * @throws io.tacet.BackendUnavailableException if it cannot run on this machine
   */
  static Backend open(String name) {
    Matcher parts = NAME.matcher(name);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "backend: expected java-N, host-N (N threads) or cuda, got '" + name + "'.");
    }
    if (name.equals("cuda")) {
      return Backends.open("cuda");
    }
    int threads = Integer.parseInt(parts.group(2));
    if (parts.group(1).equals("java")) {
      return new JavaBackend(threads);
    }
    System.setProperty("tacet.host.threads", Integer.toString(threads));
    return Backends.open("host");
  }
}
