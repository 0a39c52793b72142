package io.tacet.bench;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.reference.JavaBackend;

/** Opens backends by benchmark parameters. */
final class Machine {
  private Machine() {}

  /**
   * Opens a backend, or fails with the reasons before anything is measured.
   *
   * @param name {@code java}, {@code host} or {@code cuda}
   * @param threads of the java and host backends; 0 for one per processor
   * @throws io.tacet.BackendUnavailableException if it cannot run on this machine
   */
  static Backend open(String name, int threads) {
    int count = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    if (name.equals("java")) {
      return new JavaBackend(count);
    }
    System.setProperty("tacet.host.threads", Integer.toString(count));
    return Backends.open(name);
  }
}
