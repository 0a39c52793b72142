package io.tacet.systems.sernn;

import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.Backend;
import io.tacet.Backends;
import io.tacet.Thorough;
import io.tacet.data.SequenceData;
import io.tacet.memory.Leaks;
import io.tacet.network.Connection;
import io.tacet.network.Network;
import io.tacet.network.Weights;
import io.tacet.report.OutputFolder;
import io.tacet.systems.Gate;
import io.tacet.systems.Report;
import io.tacet.systems.ValidationRun;
import io.tacet.systems.Validations;
import io.tacet.systems.sernn.EmbeddedNetwork.Snapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SernnValidationTest {
  @TempDir Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  @Test
  @Thorough
  void theQuickFormPasses() throws Exception {
    Report report = new Report(line -> {});
    ValidationRun run = new ValidationRun("java", true, 0, 0, OutputFolder.create(folder));
    Validations.of("sernn").run(run, report);
    assertThat(report.gates()).hasSizeGreaterThan(7).allMatch(Gate::passes, "passes");
  }

  @Test
  void trialsAreThoseOfTheTask() {
    SequenceData trials = ChoiceTask.trials(640, 1);
    int[] labels = new int[4];
    Set<String> goalAndOptions = new HashSet<>();
    for (int k = 0; k < trials.size(); k++) {
      float[] sample = new float[ChoiceTask.STEPS * ChoiceTask.CHANNELS];
      trials.fill(k, sample, 1, 0);
      int goals = 0;
      int options = 0;
      StringBuilder key = new StringBuilder();
      for (int c = 0; c < 4; c++) {
        goals += (int) sample[c];
        options += (int) sample[49 * 8 + 4 + c];
        key.append((int) sample[c]).append((int) sample[49 * 8 + 4 + c]);
        assertThat(sample[20 * 8 + c] + sample[29 * 8 + 4 + c]).isZero();
      }
      assertThat(goals).isEqualTo(1);
      assertThat(options).isEqualTo(2);
      assertThat(sample[49 * 8 + 4 + trials.label(k)]).isEqualTo(1);
      goalAndOptions.add(key.toString());
      labels[trials.label(k)]++;
    }
    assertThat(goalAndOptions).hasSize(8);
    assertThat(labels[0]).isBetween(120, 200);
  }

  @Test
  void aNetworkWithoutSmallWeightsIsTheSameDenseAndSparse() throws Exception {
    Report report = new Report(line -> {});
    try (Backend java = Backends.open("java");
        Network network = EmbeddedNetwork.build(java, Connection.dense(Weights.orthogonal()), 1)) {
      double[] recurrent = network.arrays().get(EmbeddedNetwork.RECURRENT).toDoubles();
      PruningCheck.run(report, List.of(new Snapshot(1, recurrent, network.weights())));
      WiringPictures.write(OutputFolder.create(folder), EmbeddedNetwork.GRID, recurrent, recurrent);
    }
    assertThat(report.gates().get(1).measured()).isLessThan(1e-5);
    assertThat(folder).isDirectoryContaining(file -> file.endsWith("space.png"));
    try (var files = Files.list(folder)) {
      assertThat(files.toList()).hasSize(3).allMatch(file -> file.toFile().length() > 2000);
    }
  }
}
