package io.tacet.tasks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.tacet.data.Fingerprint;
import io.tacet.data.Mnist;
import io.tacet.files.JsonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The check sums by which a training knows whether its data are those of the published figure. */
class StandardDataTest {
  private static Path mnist() {
    String root = System.getenv("TACET_DATA");
    assumeTrue(
        root != null && Files.isDirectory(Path.of(root, "mnist")), "TACET_DATA has no mnist");
    return Path.of(root);
  }

  private static TaskData load(String task, Map<String, ?> changes) throws IOException {
    Task found = Tasks.of(task);
    return found.load(mnist(), Settings.of(found, null).with(changes));
  }

  @Test
  void theFilesOfMnistAreTheStandard() throws IOException {
    for (String task : new String[] {"mnist", "smnist"}) {
      assertThat(Fingerprint.of(load(task, Map.of()).test()))
          .isEqualTo(Tasks.of(task).standardTest());
    }
  }

  @Test
  void theRowsOfMnistAreThoseOfTheTask() throws IOException {
    assertThat(Fingerprint.of(Mnist.in(mnist()).testRows()))
        .isEqualTo(Fingerprint.of(load("smnist", Map.of("rows", true)).test()));
  }

  @Test
  void rowsAndPermutedPixelsAreOtherDataThanThePublishedOnes() throws IOException {
    String standard = Tasks.of("smnist").standardTest();
    for (String option : new String[] {"rows", "permute"}) {
      assertThat(Fingerprint.of(load("smnist", Map.of(option, true)).test()))
          .isNotEqualTo(standard);
    }
  }

  @Test
  void aModelIsNotMeasuredOnOtherDataInSilence() throws JsonException {
    Task task = Tasks.of("sequence");
    Settings settings = Settings.of(task, null);
    TaskData data = ((SequenceTask) task).load(null, settings);
    String known = data.metadata().get("data");
    assertThat(data.difference(known)).isNull();
    assertThat(data.difference(null)).isNull();
    TaskData other = TaskData.labelled(data.train(), null, data.validation(), data.classes());
    assertThat(other.difference(known))
        .contains("other data", Fingerprint.of(data.test()), Fingerprint.of(data.validation()));
  }
}
