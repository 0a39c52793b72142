package io.tacet.cli;

import io.tacet.cuda.Doctor;
import io.tacet.cuda.Doctor.Finding;
import java.util.Locale;
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
    return 0;
  }
}
