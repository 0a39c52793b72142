package io.tacet.cli;

import io.tacet.cuda.Doctor;
import io.tacet.cuda.Doctor.Finding;
import io.tacet.spi.OptionalProvider;
import io.tacet.spi.TileProductsProvider;
import io.tacet.spi.VectorLoopsProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
    print("Dense products", TileProductsProvider.class, "tacet.products");
    print("Loops", VectorLoopsProvider.class, "tacet.loops");
    return 0;
  }

  /** Who computes something for the java backend that it can compute itself. */
  private static void print(
      String subject, Class<? extends OptionalProvider> type, String property) {
    List<OptionalProvider> all = new ArrayList<>();
    ServiceLoader.load(type).forEach(all::add);
    Optional<? extends OptionalProvider> taken = OptionalProvider.taken(type);
    System.out.printf(
        Locale.ROOT,
        "%-8s %-16s %s%n",
        taken.isPresent() ? "ok" : "note",
        subject,
        taken.isPresent()
            ? "of the java backend by "
                + taken.get().description()
                + "; TACET_JAVA_OPTS=-D"
                + property
                + "=java for those in Java"
            : "of the java backend in Java: "
                + all.stream()
                    .map(provider -> provider.name() + ": " + provider.unavailable().get(0))
                    .collect(Collectors.joining("; ")));
  }
}
