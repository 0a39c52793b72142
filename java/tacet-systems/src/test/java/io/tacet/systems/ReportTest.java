package io.tacet.systems;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tacet.Backend;
import io.tacet.report.OutputFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReportTest {
  @TempDir Path folder;

  @Test
  void aGateOutsideItsBoundsAndOneThatIsNoNumberFail() {
    List<String> lines = new ArrayList<>();
    Report report = new Report(lines::add);
    report.within("D2", "false positives", 44.5, 37.3, 50.5, "43.9 by theory");
    report.atLeast("D2", "exact", 0.3, 0.32, "");
    report.atMost("D6", "residual", Double.NaN, 1e-4, "");
    report.figure("seconds", 2.5, "");
    assertThat(report.failures()).isEqualTo(2);
    assertThat(lines)
        .containsExactly(
            "pass D2 false positives=44.500 expected=[37.300,50.500] source=43.9 by theory",
            "FAIL D2 exact=0.30000 expected=>=0.32000",
            "FAIL D6 residual=NaN expected=<=0.00010000",
            "seconds=2.5000");
  }

  @Test
  void resultsAreInTheOrderOfIndices() throws Exception {
    ValidationRun run = new ValidationRun("java", true, 0, 0, OutputFolder.create(folder));
    assertThat(run.each(5, (backend, index) -> index * 10)).containsExactly(0, 10, 20, 30, 40);
    assertThat(run.seeds(60, 5)).isEqualTo(5);
  }

  @Test
  void aFailureOfOneIsAFailureOfAll() throws Exception {
    ValidationRun run = new ValidationRun("java", true, 0, 0, OutputFolder.create(folder));
    assertThatThrownBy(() -> run.each(3, ReportTest::failing)).hasMessage("the third");
  }

  private static int failing(Backend backend, int index) {
    if (index == 2) {
      throw new IllegalArgumentException("the third");
    }
    return index;
  }

  @Test
  void anUnknownSystemIsNamed() {
    assertThatThrownBy(() -> Validations.of("odour"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got 'odour'");
  }
}
