package io.tacet.systems.olfaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Thorough;
import io.tacet.memory.Leaks;
import io.tacet.report.OutputFolder;
import io.tacet.systems.Gate;
import io.tacet.systems.Report;
import io.tacet.systems.Validation;
import io.tacet.systems.ValidationRun;
import io.tacet.systems.Validations;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OlfactionValidationTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"odor", "receptors"})
  @Thorough
  void theQuickFormPasses(String name) throws IOException {
    long before = Leaks.open();
    Validation validation = Validations.of(name);
    Report report = new Report(line -> {});
    validation.run(new ValidationRun("java", true, 0, 0, OutputFolder.create(folder)), report);
    assertThat(report.gates()).hasSizeGreaterThan(8).allMatch(Gate::passes);
    assertThat(folder.toFile().list((path, file) -> file.endsWith(".png"))).isNotEmpty();
    assertThat(Leaks.open()).isEqualTo(before);
  }
}
