package io.tacet.cli;

import io.tacet.cuda.Doctor;
import io.tacet.cuda.Doctor.Finding;
import io.tacet.spi.TileProductsProvider;
import java.util.List;
import java.util.Locale;
import java.util.ServiceLoader;
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
    for (Finding finding : Doctor.examine()) {
      System.out.printf(
          Locale.ROOT,
          "%-8s %-16s %s%n",
          finding.level().name().toLowerCase(Locale.ROOT),
          finding.subject(),
          finding.detail());
      if (!finding.advice().isEmpty()) {
        System.out.printf(Locale.ROOT, "%-25s -> %s%n", "", finding.advice());
      }
    }
    for (TileProductsProvider library : ServiceLoader.load(TileProductsProvider.class)) {
      List<String> reasons = library.unavailable();
      System.out.printf(
          Locale.ROOT,
          "%-8s %-16s %s%n",
          reasons.isEmpty() ? "ok" : "note",
          "Dense products",
          reasons.isEmpty()
              ? "of the java backend by "
                  + library.description()
                  + "; TACET_JAVA_OPTS=-Dtacet.products=java for those in Java"
              : "of the java backend in Java: " + String.join("; ", reasons));
    }
    return 0;
  }
}
