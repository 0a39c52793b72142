package io.tacet.systems.dentate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.Thorough;
import io.tacet.circuits.RateSums;
import io.tacet.memory.Leaks;
import io.tacet.reference.JavaBackend;
import io.tacet.report.OutputFolder;
import io.tacet.systems.Gate;
import io.tacet.systems.Report;
import io.tacet.systems.ValidationRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DentateTest {
  /** So few that a backend that executes kernels on the CPU takes seconds. */
  private static final int STEPS = 12;

  @Test
  @Thorough
  void allGatesOfTheQuickValidationPass(@TempDir Path folder) throws Exception {
    long open = Leaks.open();
    OutputFolder out = OutputFolder.create(folder);
    Report report = new Report(line -> {});
    new DentateValidation().run(new ValidationRun("java", true, 0, 0, out), report);
    assertThat(report.gates()).allMatch(Gate::passes);
    assertThat(report.gates().stream().map(Gate::test).distinct())
        .containsExactly("B1", "B3", "B4", "B5", "B6", "B7");
    assertThat(out.file("codes.png")).isNotEmptyFile();
    assertThat(out.file("active.png")).isNotEmptyFile();
    assertThat(out.file("similarity.png")).isNotEmptyFile();
    assertThat(Leaks.open()).isEqualTo(open);
  }

  @Test
  void everyBackendHasTheSameRatesByEventsAndByMatrices() {
    DentateNetwork network = DentateNetwork.draw(Model.DIRECT, 1);
    double[] expected;
    try (Backend java = new JavaBackend(1)) {
      expected = Dentate.run(java, network, RateSums.Method.DENSE, STEPS, 0).rates();
    }
    assertThat(Arrays.stream(expected)).anyMatch(rate -> rate > 0.01 && rate < 1);
    for (String name : available()) {
      try (Backend backend = Backends.open(name)) {
        for (RateSums.Method method : RateSums.Method.values()) {
          assertThat(Dentate.run(backend, network, method, STEPS, 0).rates())
              .as(name + " " + method)
              .containsExactly(expected, within(1e-5));
        }
      }
    }
  }

  private static List<String> available() {
    List<String> names = new ArrayList<>();
    for (Backends.Availability found : Backends.all()) {
      if (found.available()) {
        names.add(found.name());
      }
    }
    assertThat(names).contains("java");
    return names;
  }
}
