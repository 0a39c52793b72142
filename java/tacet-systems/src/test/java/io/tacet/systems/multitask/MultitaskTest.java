package io.tacet.systems.multitask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.Thorough;
import io.tacet.analysis.Rdm;
import io.tacet.memory.Leaks;
import io.tacet.report.OutputFolder;
import io.tacet.systems.Gate;
import io.tacet.systems.Report;
import io.tacet.systems.ValidationRun;
import io.tacet.systems.Validations;
import io.tacet.systems.multitask.Blobs.Model;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MultitaskTest {
  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @Test
  @Thorough
  void theQuickValidationPassesAllItsGates() throws IOException {
    Report report = new Report(line -> {});
    Validations.of("multitask")
        .run(new ValidationRun("java", true, 0, 0, OutputFolder.create(folder)), report);
    assertThat(report.gates()).extracting(Gate::test).contains("E1", "E2", "E3", "E4", "E5", "E6");
    assertThat(report.gates()).allMatch(Gate::passes);
    assertThat(folder.resolve("rdms.png")).isNotEmptyFile();
    assertThat(folder.resolve("mds.png")).isNotEmptyFile();
    assertThat(folder.resolve("learning-curves.png")).isNotEmptyFile();
  }

  @Test
  void aNetworkFollowsFromItsSeedWhateverTheThreads() throws IOException {
    ContextGating model = ContextGating.BLOCKED_OJA.withSluggishness(0.1);
    Rdm one;
    Rdm other;
    try (Backend single = Backends.open("java", 1);
        Backend several = Backends.open("java", 3)) {
      one = model.train(single, 4).distances();
      other = model.train(several, 4).distances();
    }
    assertThat(other.lowerTriangle()).isEqualTo(one.lowerTriangle());
  }

  @Test
  void theFirstPublicationRewardsColumnsInContextAAndTheSecondRows() {
    // Stimulus 3 is in row 0, column 3.
    assertThat(Blobs.reward(0, 3, true)).isEqualTo(1);
    assertThat(Blobs.reward(1, 3, true)).isEqualTo(-2);
    assertThat(Blobs.reward(0, 3, false)).isEqualTo(-2);
    assertThat(Blobs.reward(1, 3, false)).isEqualTo(1);
    int incongruent = 0;
    for (int s = 0; s < Blobs.COUNT; s++) {
      incongruent += Blobs.isIncongruent(s) ? 1 : 0;
    }
    assertThat(incongruent).isEqualTo(8);
  }

  @Test
  void modelsKeepWhatTheyAreNamedAfter() {
    // Stimuli 0 and 4 are in one row, 0 and 20 in one column; 25 and on are those of context B.
    Rdm orthogonal = Model.ORTHOGONAL.rdm(true);
    assertThat(orthogonal.at(0, 4)).isEqualTo(4);
    assertThat(orthogonal.at(0, 20)).isZero();
    assertThat(orthogonal.at(25, 29)).isZero();
    assertThat(orthogonal.at(0, 25)).isCloseTo(Math.sqrt(8), within(1e-12));
    assertThat(Model.GRID.rdm(true).at(0, 25)).isZero();
    assertThat(Model.GRID.rdm(true).at(0, 24)).isCloseTo(Math.sqrt(32), within(1e-12));
    assertThat(Model.PARALLEL.rdm(true).at(4, 45)).isZero();
    assertThat(Model.DIAGONAL.rdm(true).at(4, 20)).isZero();
    assertThat(Model.DIAGONAL.rdm(true).at(0, 49)).isEqualTo(4);
  }

  @Test
  void blobsAreLargestNearTheirCentres() {
    double[][] pixels = Blobs.pixels();
    for (double[] blob : pixels) {
      double most = 0;
      for (double pixel : blob) {
        assertThat(pixel).isBetween(0.0, 1.0);
        most = Math.max(most, pixel);
      }
      assertThat(most).isEqualTo(1);
    }
    assertThat(pixels[12][12]).isEqualTo(1);
    assertThat(pixels[12][11]).isCloseTo(Math.exp(-0.25 * 0.25 / 0.16), within(1e-12));
  }
}
