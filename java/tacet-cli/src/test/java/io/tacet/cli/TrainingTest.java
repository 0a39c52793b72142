package io.tacet.cli;

import static io.tacet.cli.Shell.tacet;
import static org.assertj.core.api.Assertions.assertThat;

import io.tacet.checkpoint.ModelFile;
import io.tacet.files.Json;
import io.tacet.memory.Leaks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Short trainings from the command line, on the java backend. */
class TrainingTest {
  @TempDir private Path folder;

  @AfterEach
  void nothingLeaks() {
    assertThat(Leaks.open()).isZero();
  }

  private static Shell.Result train(Path out, String... options) {
    String common = "train yin-yang --backend java --hidden 20 --seed 3 --json --out";
    List<String> all = new ArrayList<>(List.of(common.split(" ")));
    all.add(out.toString());
    all.addAll(List.of(options));
    Shell.Result result = tacet(all.toArray(String[]::new));
    assertThat(result.status()).as(result.err()).isZero();
    return result;
  }

  @Test
  void theLastLineOfATrainingIsJsonAndTheFolderHoldsWhatItPromises() throws IOException {
    Shell.Result result = train(folder, "--epochs", "1");

    Map<String, Object> line = Json.parseObject(result.lastLine());
    assertThat(line.keySet())
        .containsExactly(
            "task", "backend", "epochs", "seed", "trainSeconds", "testAccuracy", "activity");
    assertThat(line).containsEntry("task", "yin-yang").containsEntry("backend", "java");
    assertThat(((Number) line.get("epochs")).intValue()).isOne();
    assertThat(((Number) line.get("seed")).intValue()).isEqualTo(3);
    assertThat(((Number) line.get("trainSeconds")).doubleValue()).isPositive();
    assertThat(((Number) line.get("testAccuracy")).doubleValue()).isBetween(0.4, 1.0);
    assertThat(((Number) line.get("activity")).doubleValue()).isBetween(0.01, 10.0);

    for (String file :
        new String[] {
          "config.json",
          "metrics.csv",
          "model.tacet",
          "checkpoint.tacet",
          "learning-curve.png",
          "raster.png",
          "decision-map.png",
          "report.html"
        }) {
      assertThat(folder.resolve(file)).isNotEmptyFile();
    }
    try (var files = Files.list(folder)) {
      assertThat(files).anyMatch(f -> f.getFileName().toString().startsWith("events.out.tfevents"));
    }

    Shell.Result eval = tacet("eval", folder.resolve("model.tacet").toString(), "--json");
    assertThat(eval.status()).isZero();
    assertThat(Json.parseObject(eval.lastLine()))
        .containsEntry("testAccuracy", line.get("testAccuracy"));
  }

  @Test
  void aFinishedTrainingResumedForMoreEpochsEqualsAnUninterruptedOneBitForBit() throws IOException {
    Path parts = folder.resolve("parts");
    train(parts, "--epochs", "1");
    Shell.Result rest =
        tacet(("train yin-yang --backend java --resume --epochs 2 --out " + parts).split(" ", -1));
    assertThat(rest.status()).as(rest.err()).isZero();
    Path whole = folder.resolve("whole");
    train(whole, "--epochs", "2");

    same(parts.resolve("model.tacet"), whole.resolve("model.tacet"));
    same(parts.resolve("checkpoint.tacet"), whole.resolve("checkpoint.tacet"));
  }

  @Test
  void optionsThatContradictTheTrainingToContinueAreRefused() {
    train(folder, "--epochs", "1");
    for (String option : new String[] {"--hidden 21", "--seed 4", "--recipe best", "--batch 64"}) {
      String command = "train yin-yang --backend java --resume " + option + " --out " + folder;
      Shell.Result result = tacet(command.split(" ", -1));
      assertThat(result.status()).isEqualTo(1);
      String[] parts = option.split(" ", -1);
      assertThat(result.err()).contains(parts[0] + ": expected ", "got " + parts[1], "--resume");
    }
  }

  /** Compares the bits of weights and, in a checkpoint, of the optimiser's moments. */
  private static void same(Path actual, Path expected) throws IOException {
    ModelFile ours = ModelFile.read(actual);
    ModelFile theirs = ModelFile.read(expected);
    assertThat(ours.names()).isEqualTo(theirs.names());
    int compared = 0;
    for (String name : theirs.names()) {
      switch (theirs.type(name)) {
        case FLOAT32 -> {
          assertThat(ours.floats(name)).as(name).isEqualTo(theirs.floats(name));
          compared++;
        }
        case FLOAT64 -> {
          assertThat(ours.doubles(name)).as(name).isEqualTo(theirs.doubles(name));
          compared++;
        }
        case INT32 -> assertThat(ours.ints(name)).as(name).isEqualTo(theirs.ints(name));
        default -> {
          // Times of epochs differ from run to run.
        }
      }
    }
    assertThat(compared).isGreaterThanOrEqualTo(2);
  }

  @Test
  void withAPatienceEpochsAreMeasuredOnTheValidationSetOfTheTask() throws IOException {
    // At this rate no epoch is better than another, so that it ends before its last one.
    String[] still = {"--samples", "64", "--epochs", "200", "--rate", "1e-30"};
    List<String> patient = new ArrayList<>(List.of(still));
    patient.addAll(List.of("--patience", "2"));
    Map<String, Object> line =
        Json.parseObject(train(folder, patient.toArray(String[]::new)).lastLine());
    assertThat(((Number) line.get("epochs")).intValue()).isLessThan(10);
    Shell.Result eval = tacet("eval", folder.resolve("model.tacet").toString(), "--json");
    assertThat(Json.parseObject(eval.lastLine()))
        .containsEntry("testAccuracy", line.get("testAccuracy"));
    assertThat(Files.readString(folder.resolve("report.html"))).contains("validation");
  }
}
