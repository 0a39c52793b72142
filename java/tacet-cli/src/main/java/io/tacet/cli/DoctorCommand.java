package io.tacet.cli;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.Backends.Availability;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code tacet doctor}. */
@Command(
    name = "doctor",
    mixinStandardHelpOptions = true,
    header = "Say what can compute here, what is missing, why, and what to do.")
final class DoctorCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    for (Availability backend : Backends.all()) {
      if (backend.available()) {
        try (Backend open = Backends.open(backend.name())) {
          System.out.println(backend.name() + ": " + open.description());
        }
      } else {
        System.out.println(backend.name() + ": not available");
        backend.reasons().forEach(reason -> System.out.println("  - " + reason));
      }
    }
    return 0;
  }
}
